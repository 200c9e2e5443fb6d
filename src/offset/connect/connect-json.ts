/** What a field of an offset may be: Connect refuses objects and arrays (OffsetUtils.validateFormat). Java's long is a bigint. */
export type ConnectValue = string | bigint | number | boolean | null

/** The fields of an offset. */
export type ConnectFields = Readonly<Record<string, ConnectValue>>

const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** Reads JSON text of one flat object, integers with all their 64 bits. Undefined when it is anything else. */
export function readFields(text: string): ConnectFields | undefined {
  try {
    const fields: unknown = JSON.parse(text)
    if (Object.prototype.toString.call(fields) !== '[object Object]') return undefined
    // once more with integers as text: as numbers they would lose digits beyond 2^53
    const digits = JSON.parse(text.replace(TOKENS, (token) => (/^-?\d+$/.test(token) ? `"${token}"` : token))) as Record<string, string>
    const read = Object.entries(fields as object).map(([name, value]: [string, unknown]): [string, ConnectValue] => {
      if (typeof value === 'number' && typeof digits[name] === 'string') return [name, BigInt(digits[name])]
      if (typeof value === 'object' && value !== null) throw new TypeError('not a primitive')
      return [name, value as ConnectValue]
    })
    return Object.fromEntries(read)
  } catch {
    return undefined
  }
}

/** The text that Connect's JsonConverter writes, without schemas: no blanks, integers in digits. */
export function writeFields(fields: ConnectFields): string {
  const members = Object.entries(fields).map(([name, value]) => `${writeString(name)}:${typeof value === 'bigint' ? String(value) : typeof value === 'string' ? writeString(value) : JSON.stringify(value)}`)
  return `{${members.join(',')}}`
}

/** A string as Jackson writes it: as JSON.stringify does, but for the capitals of its hexadecimal digits (JsonStringEncoder). */
export function writeString(text: string): string {
  return JSON.stringify(text).replace(/\\u00(1[0-9a-f]|0[0-9a-f])/g, (_, digits: string) => `\\u00${digits.toUpperCase()}`)
}
