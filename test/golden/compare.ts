import { isNull, printJson, scalar, field, type Json } from './json.ts'

export interface Mismatch {
  /** Zero-based; where records are missing or too many, the first of them. */
  readonly record: number
  /** Like `value.after.id` or `headers` or `key.schema.fields[0].type`. */
  readonly path: string
  readonly expected: string
  readonly got: string
}

const ABSENT = '(nothing)'
const LIMIT = 300

/** The places where two lists of records differ: same records, same order, fields in the same order. */
export function compareRecords(expected: readonly Json[], got: readonly Json[]): Mismatch[] {
  const found: Mismatch[] = []
  for (let record = 0; record < Math.min(expected.length, got.length); record++) {
    compareValue(expected[record]!, got[record]!, '', (path, a, b) => found.push({ record, path, expected: a, got: b }))
  }
  if (expected.length !== got.length) {
    const record = Math.min(expected.length, got.length)
    const all = (list: readonly Json[]): string => `${list.length} records${list[record] === undefined ? '' : `, here ${summary(list[record])}`}`
    found.push({ record, path: '', expected: all(expected), got: all(got) })
  }
  return found
}

/** Several lines a mismatch, the first `most` of them. */
export function describeMismatches(scenario: string, mismatches: readonly Mismatch[], got: readonly Json[], most = 8): string {
  const lines = mismatches.slice(0, most).map(({ record, path, ...value }) => {
    const what = got[record] === undefined ? '' : ` ${summary(got[record])}`
    return `${scenario} record ${record}${what}\n  at ${path === '' ? '(the record)' : path}\n  expected ${value.expected}\n  got      ${value.got}`
  })
  if (mismatches.length > most) lines.push(`… and ${mismatches.length - most} more`)
  return lines.join('\n')
}

function summary(record: Json): string {
  const value = field(record, 'value')
  const op = scalar(field(value, 'op') ?? field(field(value, 'payload'), 'op'))
  const key = field(record, 'key')
  return `[${scalar(field(record, 'destination'))} ${op ?? 'tombstone'} ${key === undefined ? '' : short(field(key, 'payload') ?? key)}]`
}

type Report = (path: string, expected: string, got: string) => void

function compareValue(expected: Json, got: Json, path: string, report: Report): void {
  if (expected.kind === 'object' && got.kind === 'object') compareObject(expected.fields, got.fields, path, report)
  else if (expected.kind === 'array' && got.kind === 'array') compareArray(expected.items, got.items, path, report)
  else if (!sameScalar(expected, got)) report(path, short(expected), short(got))
}

function compareObject(expected: readonly { name: string; value: Json }[], got: readonly { name: string; value: Json }[], path: string, report: Report): void {
  const names = [expected, got].map((fields) => fields.map(({ name }) => name))
  const [theirs, ours] = names as [string[], string[]]
  if (theirs.length !== ours.length || theirs.some((name, i) => name !== ours[i])) {
    const same = theirs.length === ours.length && [...theirs].sort().join('\0') === [...ours].sort().join('\0')
    if (same || new Set(ours).size !== ours.length) report(path, `fields in order ${theirs.join(', ')}`, ours.join(', '))
    else {
      for (const { name, value } of expected) if (!ours.includes(name)) report(join(path, name), short(value), ABSENT)
      for (const { name, value } of got) if (!theirs.includes(name)) report(join(path, name), ABSENT, short(value))
      const [a, b] = [theirs.filter((name) => ours.includes(name)), ours.filter((name) => theirs.includes(name))]
      if (a.join('\0') !== b.join('\0')) report(path, `fields in order ${a.join(', ')}`, b.join(', '))
    }
  }
  for (const { name, value } of expected) {
    const other = got.find((each) => each.name === name)
    if (other !== undefined) compareValue(value, other.value, join(path, name), report)
  }
}

function compareArray(expected: readonly Json[], got: readonly Json[], path: string, report: Report): void {
  if (expected.length !== got.length) {
    report(path, `${expected.length} items ${short({ kind: 'array', items: [...expected] })}`, `${got.length} items ${short({ kind: 'array', items: [...got] })}`)
    return
  }
  expected.forEach((item, i) => compareValue(item, got[i]!, `${path}[${i}]`, report))
}

const INTEGER = /^-?\d+$/

/**
 * Two integer literals are compared digit by digit (a double would lose the 17th). An integer equals a literal with a
 * fraction or exponent of the same IEEE value: one converter writes 1.0 where another writes 1. The sign of zero counts.
 */
function sameScalar(expected: Json, got: Json): boolean {
  if (expected.kind !== got.kind || expected.kind === 'object' || expected.kind === 'array' || got.kind === 'object' || got.kind === 'array') return false
  if (expected.text === got.text) return true
  if (expected.kind !== 'number' || expected.text.startsWith('<') || got.text.startsWith('<')) return false
  if (INTEGER.test(expected.text) && INTEGER.test(got.text)) return false
  return Object.is(Number(expected.text), Number(got.text))
}

function join(path: string, name: string): string {
  const step = /^[\w$]+$/.test(name) ? name : `[${JSON.stringify(name)}]`
  return path === '' || step.startsWith('[') ? path + step : `${path}.${step}`
}

function short(node: Json): string {
  const text = isNull(node) ? 'null' : printJson(node)
  return text.length <= LIMIT ? text : `${text.slice(0, LIMIT)}… (${text.length} characters)`
}
