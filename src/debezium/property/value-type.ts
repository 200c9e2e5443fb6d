import { readRegexList, splitList } from '../pattern/regex-list.ts'
import { parseKeyColumns } from './key-columns.ts'
import { parseReplicaIdentities } from './replica-identity.ts'

/** What a property's text must look like. */
export interface ValueType {
  /** For docs/debezium.md: `integer ≥ 1`, `true, false` … */
  readonly shape: string
  /** The reasons why a text is not valid: none, one, or for lists one an item. */
  check(text: string): readonly string[]
}

const NONE: readonly string[] = []
const INT_MAX = 2 ** 31 - 1

/** A value in an error message: cut, so that a message stays a line. */
function shown(text: string): string {
  return `"${text.length > 80 ? `${text.slice(0, 80)}…` : text}"`
}

/** Any text; given a shape, the whole of it must match. */
export function text(shape?: RegExp, expected = 'text'): ValueType {
  return { shape: expected, check: (value) => (shape === undefined || shape.test(value) ? NONE : [`${shown(value)} is not ${expected}`]) }
}

/** Java's Integer.parseInt and Long.parseLong: a sign and digits, no spaces. */
export function integer(min: number = -INT_MAX - 1, max: number = INT_MAX): ValueType {
  const shape = min === -INT_MAX - 1 ? 'integer' : `integer ≥ ${min}`
  return {
    shape,
    check(value) {
      if (!/^[+-]?\d+$/.test(value) || Number(value) > max) return [`${shown(value)} is not an integer`]
      return Number(value) < min ? [`${value} is less than ${min}`] : NONE
    },
  }
}

/** A 64-bit number in Debezium; here as far as a double counts exactly. */
export function long(min: number): ValueType {
  return integer(min, Number.MAX_SAFE_INTEGER)
}

export const BOOLEAN: ValueType = {
  shape: '`true`, `false`',
  check: (value) => (/^(?:true|false)$/i.test(value.trim()) ? NONE : [`${shown(value)} is neither true nor false`]),
}

/** One of these words, in either case and with spaces around, as Debezium's enumerations take them. */
export function choice(...words: readonly string[]): ValueType {
  return {
    shape: words.map((word) => `\`${word}\``).join(', '),
    check: (value) => (words.includes(value.trim().toLowerCase()) ? NONE : [`${shown(value)} is not one of ${words.join(', ')}`]),
  }
}

export const REGEX_LIST: ValueType = {
  shape: 'regular expressions',
  check(value) {
    const { expressions, reasons } = readRegexList(value)
    if (value !== '' && expressions.length + reasons.length === 0) return ['the list is empty, so nothing would match']
    return reasons.map((reason) => `not a valid regular expression: ${reason}`)
  },
}

/** `message.key.columns`. */
export const KEY_COLUMNS: ValueType = {
  shape: '`<tables>:<column>,<column>`, separated by `;`',
  check: (value) => parseKeyColumns(value).reasons,
}

/** Addresses, separated by commas. A password may stand in one. */
export const URL_LIST: ValueType = {
  shape: '`http:` or `https:` addresses',
  check(value) {
    const list = splitList(value)
    const isAddress = (each: string): boolean => URL.canParse(each) && /^https?:$/.test(new URL(each).protocol)
    return list.length > 0 && list.every(isAddress) ? NONE : ['not an `http:` or `https:` address']
  },
}

/** Words separated by commas. */
export const LIST: ValueType = { shape: 'list', check: () => NONE }

const OPERATIONS: readonly string[] = ['c', 'u', 'd', 't', 'r', 'none']

export const OPERATION_LIST: ValueType = {
  shape: '`c`, `u`, `d`, `t`, `r`, or `none`',
  check(value) {
    const words = splitList(value)
    if (words.length === 0) return ['no operation is named; to skip none, say none']
    const wrong = words.filter((word) => !OPERATIONS.includes(word))
    if (wrong.length > 0) return [`${wrong.map(shown).join(', ')}: not an operation; allowed are ${OPERATIONS.join(', ')}`]
    return words.includes('none') && words.length > 1 ? ['none cannot stand beside other operations'] : NONE
  },
}

export const REPLICA_IDENTITY_LIST: ValueType = {
  shape: '`table:identity` list',
  check: (value) => parseReplicaIdentities(value).reasons,
}

/** Text, or `hex:` and pairs of hexadecimal digits. */
export const PLACEHOLDER: ValueType = {
  shape: 'text, or `hex:` and octets',
  check: (value) => (!value.startsWith('hex:') || /^hex:(?:[0-9a-f]{2})*$/i.test(value) ? NONE : [`${shown(value)} does not have two hexadecimal digits an octet`]),
}
