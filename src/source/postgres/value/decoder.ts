import type { PgColumn, PgType } from '../column.ts'
import { decodeArray } from './array-decoder.ts'
import { decodeHex } from '../../../byte/binary-text.ts'
import { hasHexPrefix } from './binary.ts'
import { undecodable } from './decode-error.ts'
import { parseHstore } from './hstore-text.ts'
import { isoInterval } from './interval.ts'
import { decodeDate, decodeTimestamp, decodeTimestamptz } from './moment-decoder.ts'
import { copyAmount } from './money.ts'
import { isFloating, isInteger } from './number.ts'
import { Scratch } from '../../../byte/scratch.ts'
import { ascii, utf8 } from '../../../byte/slice.ts'
import type { Decode } from '../../object-maker.ts'

/** Values of one's own, by the type's name (`typname`). */
export type Parsers = Readonly<Record<string, (text: string) => unknown>>

const MINUS = 0x2d
const SPACE = 0x20
const ZERO = 0x30
/** What is exact in a double. */
const EXACT_DIGITS = 15

/** Types of pg_catalog that are not simply their text. docs/values.md is the same table. */
export const BUILT_IN: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ['bool', decodeBoolean], ['int2', decodeInteger], ['int4', decodeInteger], ['oid', decodeInteger], ['int8', decodeBigint], ['float4', decodeFloat], ['float8', decodeFloat],
  ['numeric', ascii], ['money', decodeMoney], ['uuid', ascii], ['bytea', decodeBytea], ['json', decodeJson], ['jsonb', decodeJson],
  ['date', decodeDate], ['time', ascii], ['timetz', ascii], ['timestamp', decodeTimestamp], ['timestamptz', decodeTimestamptz], ['interval', decodeInterval],
  ['int2vector', decodeVector], ['oidvector', decodeVector],
])

/** Compiles a column's decoder. `parsers` come first; a parser of an array's element type is called for each element. */
export function createDecoder(column: PgColumn, parsers: Parsers): Decode {
  return decoderOf(column.type, parsers)
}

function decoderOf(type: PgType, parsers: Parsers): Decode {
  if (Object.hasOwn(parsers, type.name)) {
    const parse = parsers[type.name]!
    return (bytes, start, end) => parse(utf8(bytes, start, end))
  }
  if (type.base !== undefined) return decoderOf(type.base, parsers)
  if (type.element !== undefined) {
    const decode = decoderOf(type.element, parsers)
    const delimiter = (type.element.delimiter ?? ',').charCodeAt(0)
    return (bytes, start, end) => decodeArray(bytes, start, end, delimiter, decode)
  }
  if (type.schema === 'pg_catalog') return BUILT_IN.get(type.name) ?? utf8
  return type.name === 'hstore' && type.kind === 'base' ? decodeHstore : utf8
}

function decodeBoolean(bytes: Buffer, start: number, end: number): boolean {
  const byte = bytes[start]
  if (end - start !== 1 || (byte !== 0x74 && byte !== 0x66)) throw undecodable('boolean')
  return byte === 0x74
}

function decodeInteger(bytes: Buffer, start: number, end: number): number {
  const negative = bytes[start] === MINUS
  let at = negative ? start + 1 : start
  if (at >= end || end - at > EXACT_DIGITS || (bytes[at] === ZERO && end - at > 1)) throw undecodable('an integer type')
  let value = 0
  for (; at < end; at++) {
    const digit = bytes[at]! - 48
    if (digit < 0 || digit > 9) throw undecodable('an integer type')
    value = value * 10 + digit
  }
  return negative ? 0 - value : value
}

function decodeBigint(bytes: Buffer, start: number, end: number): bigint {
  if (end - start <= EXACT_DIGITS) return BigInt(decodeInteger(bytes, start, end))
  if (!isInteger(bytes, start, end)) throw undecodable('bigint')
  return BigInt(ascii(bytes, start, end))
}

/** A float4 is read as the double its text denotes: 0.1 stays 0.1, and rounding it to 32 bits gives the stored value back. */
function decodeFloat(bytes: Buffer, start: number, end: number): number {
  if (!isFloating(bytes, start, end)) throw undecodable('a floating-point type')
  return Number(ascii(bytes, start, end))
}

const amount = new Scratch()

function decodeMoney(bytes: Buffer, start: number, end: number): string {
  const text = amount.take(end - start)
  return ascii(text, 0, copyAmount(bytes, start, end, text))
}

function decodeBytea(bytes: Buffer, start: number, end: number): Buffer {
  const value = Buffer.allocUnsafe((Math.max(end - start, 2) - 2) >> 1)
  if (!hasHexPrefix(bytes, start, end) || decodeHex(bytes, start + 2, end, value) < 0) throw undecodable('bytea')
  return value
}

function decodeJson(bytes: Buffer, start: number, end: number): unknown {
  try {
    return JSON.parse(utf8(bytes, start, end)) as unknown
  } catch {
    throw undecodable('json')
  }
}

/** ISO 8601; an infinite interval (PostgreSQL 17) keeps its text. */
function decodeInterval(bytes: Buffer, start: number, end: number): string {
  const text = ascii(bytes, start, end)
  return isoInterval(text) ?? text
}

/** An object: an hstore's keys have no order of their own. */
function decodeHstore(bytes: Buffer, start: number, end: number): Record<string, string | null> {
  const entries = parseHstore(bytes, start, end)
  if (entries === undefined) throw undecodable('hstore')
  const object: Record<string, string | null> = {}
  for (const [key, value] of entries) {
    if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
    else object[key] = value
  }
  return object
}

function decodeVector(bytes: Buffer, start: number, end: number): number[] {
  const items: number[] = []
  for (let at = start; at < end; ) {
    let close = at
    while (close < end && bytes[close] !== SPACE) close++
    items.push(decodeInteger(bytes, at, close))
    at = close + 1
  }
  return items
}
