import { cellText } from '../../../byte/row-text.ts'
import { utf8 } from '../../../byte/slice.ts'
import type { Decode } from '../../object-maker.ts'
import { TYPE } from '../binlog/column-type.ts'
import type { LoggedColumn } from '../binlog/logged-column.ts'
import { inflateCell } from './compressed.ts'
import type { Decoder } from './decode.ts'
import { undecodable } from './decode-error.ts'
import { enumNumber, labelBytes } from './enum.ts'
import { inetText } from './inet.ts'
import { setBits } from './set.ts'
import { decodingOf, isCompressed, isString, loggedDecoding, type Decoding } from './text-cell.ts'
import { uuidText } from './uuid.ts'

/** CHAR, VARCHAR, TEXT: strings. */
export const TEXT: Decoder = {
  text: ({ charset, typeName }) => decoded(decodingOf(charset), typeName),
  binlog: ({ charset, typeName }, logged) => stored(logged, typeName, decoded(loggedDecoding(logged, charset), typeName)),
}

/** BINARY, VARBINARY, BLOB: Buffers of their own. */
export const BINARY: Decoder = {
  text: () => copy,
  binlog: ({ typeName }, logged) => {
    const { meta } = logged
    return stored(logged, typeName, logged.type === TYPE.string ? (bytes, start, end) => padded(bytes, start, end, meta) : copy)
  },
  spell: (value: Buffer) => value.toString('hex'),
}

/** ENUM: the label; '' where a value was none. */
export const ENUM: Decoder = {
  text: () => cellText,
  binlog: ({ labels, charset, typeName }, logged) => {
    if (logged.type !== TYPE.enum) throw undecodable(typeName)
    const known = ['', ...labelBytes(logged, labels, charset).map(String)]
    return (bytes, start, end) => known[enumNumber(bytes, start, end)] ?? fail(typeName)
  },
}

/** SET: an array of labels, which have no commas inside. */
export const SET: Decoder = {
  text: () => (bytes, start, end) => (start === end ? [] : utf8(bytes, start, end).split(',')),
  binlog: ({ labels, charset, typeName }, logged) => {
    if (logged.type !== TYPE.set) throw undecodable(typeName)
    const known = labelBytes(logged, labels, charset).map(String)
    return (bytes, start, end) => setBits(bytes, start, end).map((bit) => known[bit] ?? fail(typeName))
  },
  spell: (value: readonly string[]) => value.join(','),
}

/** MariaDB's UUID: its text. */
export const UUID: Decoder = {
  text: () => cellText,
  binlog: ({ typeName }, { type }) => {
    if (type !== TYPE.string) throw undecodable(typeName)
    return (bytes, start, end) => (end - start > 16 ? fail(typeName) : uuidText(bytes, start, end))
  },
}

/** MariaDB's INET4 and INET6: their text. */
export function inetDecoder(version: 4 | 6): Decoder {
  return {
    text: () => cellText,
    binlog: ({ typeName }, { type }) => {
      if (type !== TYPE.string) throw undecodable(typeName)
      return (bytes, start, end) => (end - start > (version === 4 ? 4 : 16) ? fail(typeName) : inetText(bytes, start, end, version))
    },
  }
}

/** Of a COMPRESSED column the value inside. */
export function stored(logged: LoggedColumn, typeName: string, decode: Decode): Decode {
  if (!isString(logged)) throw undecodable(typeName)
  if (!isCompressed(logged)) return decode
  return (bytes, start, end) => {
    const value = inflateCell(bytes, start, end)
    if (value === undefined) throw undecodable(typeName)
    return decode(value, 0, value.length)
  }
}

function decoded(decoding: Decoding, typeName: string): Decode {
  if (decoding === undefined) throw undecodable(`${typeName} of a character set that is not known`)
  if (decoding === 'as-is') return cellText
  return (bytes, start, end) => {
    const to = Buffer.allocUnsafe((end - start) * 3)
    return utf8(to, 0, decoding(bytes, start, end, to))
  }
}

function copy(bytes: Buffer, start: number, end: number): Buffer {
  return Buffer.from(bytes.subarray(start, end))
}

function padded(bytes: Buffer, start: number, end: number, size: number): Buffer {
  const value = Buffer.alloc(Math.max(size, end - start))
  bytes.copy(value, 0, start, end)
  return value
}

function fail(typeName: string): never {
  throw undecodable(typeName)
}
