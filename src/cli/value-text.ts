import { UNAVAILABLE } from '../event/unavailable.ts'

const LONGEST = 120

/** What would move a terminal's cursor, change its colours or hide text: control characters, and those that turn the writing direction. */
// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Text of a database as it may be written to a terminal. */
export function safeText(text: string): string {
  return text.replace(UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** A value for people: one line, cut when it is long. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (value === UNAVAILABLE) return '(not in the log)'
  if (typeof value === 'string') return safeText(JSON.stringify(cut(value)))
  if (value instanceof Uint8Array) return cut(`\\x${Buffer.from(value.subarray(0, LONGEST)).toString('hex')}`)
  if (typeof value === 'object') return safeText(cut(JSON.stringify(value, (_, inner: unknown) => simple(inner))))
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : typeof value
}

/** What JSON has no word for. */
function simple(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'symbol') return '(not in the log)'
  return value
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}
