import { floatText } from '../../../byte/float-text.ts'
import { cellText } from '../../../byte/row-text.ts'
import { utf8 } from '../../../byte/slice.ts'
import type { Decode } from '../../object-maker.ts'
import { TYPE } from '../binlog/column-type.ts'
import { compactJson } from '../json/compact-json.ts'
import { JsonText } from '../json/json-text.ts'
import { readJson } from '../json/read-json.ts'
import { writeJson } from '../json/write-json.ts'
import type { Decoder } from './decode.ts'
import { undecodable } from './decode-error.ts'
import { SRID_BYTES } from './geometry.ts'
import { stored } from './string-decoder.ts'
import { isString } from './text-cell.ts'
import { FLOAT_BYTES } from './vector.ts'

const document = new JsonText()

/** JSON: what JSON.parse makes of it. */
export const JSON_VALUE: Decoder = jsonDecoder((text) => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw undecodable('JSON')
  }
}, readJson)

/** Its text without blanks, for a parser of one's own. */
export const JSON_TEXT: Decoder = jsonDecoder((text) => text, (bytes, start, end) => {
  document.clear()
  writeJson(bytes, start, end, document)
  return utf8(document.bytes, 0, document.length)
})

function jsonDecoder(make: (text: string) => unknown, binary: Decode): Decoder {
  return {
    text: () => (bytes, start, end) => {
      document.clear()
      compactJson(bytes, start, end, document)
      return make(utf8(document.bytes, 0, document.length))
    },
    binlog: ({ typeName }, logged) => {
      // MariaDB's, which its definitions call LONGTEXT as well: the same value under either name
      return logged.type === TYPE.json ? binary : stored(logged, typeName, cellText)
    },
  }
}

/** A geometry. */
export interface GeometryValue {
  /** Well-known binary, little-endian. */
  readonly wkb: Buffer
  /** The spatial reference system; 0: none. */
  readonly srid: number
}

/** GEOMETRY and all below it: well-known binary and reference system. */
export const GEOMETRY_VALUE: Decoder = {
  text: () => readGeometry,
  binlog: ({ typeName }, { type }) => {
    if (type !== TYPE.geometry) throw undecodable(typeName)
    return readGeometry
  },
  spell: ({ wkb }: GeometryValue) => wkb.toString('hex'),
}

function readGeometry(bytes: Buffer, start: number, end: number): GeometryValue {
  if (end - start < SRID_BYTES) throw undecodable('GEOMETRY')
  return { wkb: Buffer.from(bytes.subarray(start + SRID_BYTES, end)), srid: bytes.readUInt32LE(start) }
}

/** VECTOR: an array of numbers, each the one that its shortest text says. */
export const VECTOR_VALUE: Decoder = {
  text: () => readVector,
  binlog: ({ typeName }, logged) => {
    if (logged.type !== TYPE.vector && !isString(logged)) throw undecodable(typeName)
    return readVector
  },
  spell: (value: readonly number[]) => `[${value.join(',')}]`,
}

function readVector(bytes: Buffer, start: number, end: number): number[] {
  if ((end - start) % FLOAT_BYTES !== 0) throw undecodable('VECTOR')
  const items: number[] = []
  for (let at = start; at < end; at += FLOAT_BYTES) items.push(Number(floatText(bytes.readFloatLE(at))))
  return items
}
