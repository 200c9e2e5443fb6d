/** A document as text in which members have one order, so that equal documents have equal text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(typeof value === 'bigint' ? Number(value) : value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`
}

/**
 * `JSON_INSERT(JSON_REPLACE(@6, '$.ver', 2), '$.n', 'x')`, as mysqlbinlog prints what has become of a document, applied to its text. Knows
 * the members and elements of the topmost object, which is what the writers change.
 */
export function applyFunctions(expression: string, document: string): string {
  const text = expression.replace(/\s+/g, ' ').trim()
  if (/^@\d+$/.test(text)) return document
  const call = /^(JSON_[A-Z_]+)\( ?(.*)\)$/.exec(text)
  if (call === null) throw new Error(`not understood: ${text}`)
  const [inner, ...rest] = parts(call[2]!)
  const root = JSON.parse(applyFunctions(inner!, document)) as Record<string, unknown>
  const step = call[1] === 'JSON_REMOVE' ? 1 : 2
  for (let at = 0; at < rest.length; at += step) change(root, call[1]!, rest[at]!.slice(1, -1), rest[at + 1])
  return canonical(root)
}

function change(root: Record<string, unknown>, name: string, path: string, value: string | undefined): void {
  const at = /^\$\.(\w+)(?:\[(\d+)\])?$/.exec(path)
  if (at === null) throw new Error(`not understood: ${path}`)
  const [, member, index] = at
  const list = root[member!] as unknown[]
  if (name === 'JSON_REMOVE') {
    if (index === undefined) delete root[member!]
    else list.splice(Number(index), 1)
  } else if (index === undefined) root[member!] = literal(value!)
  else if (name === 'JSON_ARRAY_INSERT') list.splice(Number(index), 0, literal(value!))
  else list[Number(index)] = literal(value!)
}

/** Strings as SQL has them, documents as a CAST. */
function literal(text: string): unknown {
  const document = /^CAST\('(.*)' AS JSON\)$/.exec(text)
  if (document !== null) return JSON.parse(document[1]!)
  return text.startsWith("'") ? text.slice(1, -1) : JSON.parse(text)
}

/** Arguments: commas in parentheses and quotes are none. */
function parts(text: string): string[] {
  const found: string[] = []
  let depth = 0
  let quoted = false
  let from = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === "'") quoted = !quoted
    else if (quoted) continue
    else if (char === '(') depth++
    else if (char === ')') depth--
    else if (char === ',' && depth === 0) {
      found.push(text.slice(from, at).trim())
      from = at + 1
    }
  }
  return [...found, text.slice(from).trim()]
}
