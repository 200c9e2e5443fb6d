import type { CellWriter } from '../../../event/cell-writer.ts'
import { decodeHex } from '../../../byte/binary-text.ts'
import { MALFORMED, type Fail, type ReadCell, type Shape, type ValueType } from './reader.ts'
import { Scratch } from '../../../byte/scratch.ts'

const COMMA = 0x2c
const OPEN = 0x28
const CLOSE = 0x29
const ZERO: Buffer = Buffer.from('0')

const WKB = { name: 'wkb', schema: { type: 'bytes', optional: false } } as const
const SRID = { name: 'srid', schema: { type: 'int32', optional: true } } as const
const POINT_SHAPE: Shape = {
  type: 'struct',
  name: 'io.debezium.data.geometry.Point',
  version: 1,
  doc: 'Geometry (POINT)',
  fields: [{ name: 'x', schema: { type: 'double', optional: false } }, { name: 'y', schema: { type: 'double', optional: false } }, { name: 'wkb', schema: { type: 'bytes', optional: true } }, SRID],
}

/** Well-known binary of a point: little-endian, type 1, two doubles. */
const wkb: Buffer = Buffer.from([1, 1, 0, 0, 0, ...new Array<number>(16).fill(0)])

/** `point`: `(1.5,-2.5)`. */
export const POINT: ValueType = { shape: POINT_SHAPE, reader: readPoint, zero: (writer) => writePoint(writer, ZERO, 0, 1, ZERO, 0, 1) }

function readPoint(fail: Fail): ReadCell {
  return (writer, bytes, start, end) => {
    let comma = start
    while (comma < end && bytes[comma] !== COMMA) comma++
    if (bytes[start] !== OPEN || bytes[end - 1] !== CLOSE || !isDouble(bytes, start + 1, comma) || !isDouble(bytes, comma + 1, end - 1)) return fail(writer, MALFORMED)
    writePoint(writer, bytes, start + 1, comma, bytes, comma + 1, end - 1)
  }
}

function writePoint(writer: CellWriter, x: Buffer, xStart: number, xEnd: number, y: Buffer, yStart: number, yEnd: number): void {
  wkb.writeDoubleLE(toNumber(x, xStart, xEnd), 5)
  wkb.writeDoubleLE(toNumber(y, yStart, yEnd), 13)
  writer.beginStruct()
  writer.member('x')
  writer.double(x, xStart, xEnd)
  writer.member('y')
  writer.double(y, yStart, yEnd)
  writer.member('wkb')
  writer.bytes(wkb, 0, wkb.length)
  writer.member('srid')
  writer.null()
  writer.endStruct()
}

function toNumber(bytes: Buffer, start: number, end: number): number {
  return Number(bytes.toString('latin1', start, end))
}

const DOUBLE = /^(?:-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|NaN|-?Infinity)$/

/** A float8 as the server writes it. */
export function isDouble(bytes: Buffer, start: number, end: number): boolean {
  return start < end && end - start < 32 && DOUBLE.test(bytes.toString('latin1', start, end))
}

/** An extended WKB is at least a byte order, a type and one more word. */
const SHORTEST_EWKB = 9
const HAS_SRID = 0x20000000
const ewkb = new Scratch()
const EMPTY_COLLECTION: Buffer = Buffer.from('010700000000000000', 'hex')

/** PostGIS' geometry and geography: the server writes extended WKB as hex. */
export function postgisType(name: 'Geometry' | 'Geography'): ValueType {
  return {
    shape: { type: 'struct', name: `io.debezium.data.geometry.${name}`, version: 1, doc: name, fields: [WKB, SRID] },
    reader: (fail) => (writer, bytes, start, end) => {
      const raw = ewkb.take((end - start) >> 1)
      const length = decodeHex(bytes, start, end, raw)
      if (length < SHORTEST_EWKB) return fail(writer, MALFORMED)
      const little = raw[0] === 1
      const type = little ? raw.readUInt32LE(1) : raw.readUInt32BE(1)
      writeGeometry(writer, raw, length, (type & HAS_SRID) === 0 ? undefined : little ? raw.readInt32LE(5) : raw.readInt32BE(5))
    },
    zero: (writer) => writeGeometry(writer, EMPTY_COLLECTION, EMPTY_COLLECTION.length, undefined),
  }
}

function writeGeometry(writer: CellWriter, bytes: Buffer, length: number, srid: number | undefined): void {
  writer.beginStruct()
  writer.member('wkb')
  writer.bytes(bytes, 0, length)
  writer.member('srid')
  if (srid === undefined) writer.null()
  else writer.integer(srid)
  writer.endStruct()
}

/** line, lseg, box, path, polygon and circle as pgjdbc prints them (Debezium reads them through it): Java's doubles. */
export function javaGeometry(text: string): string {
  return text.replace(/-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g, (number) => javaDouble(Number(number)))
}

/** Double.toString: plain from 10^-3 up to 10^7, otherwise with an exponent, always with a fraction. */
function javaDouble(value: number): string {
  const size = Math.abs(value)
  if (size === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  if (size >= 1e-3 && size < 1e7) {
    const plain = String(value)
    return plain.includes('.') ? plain : `${plain}.0`
  }
  const [digits = '', exponent = ''] = value.toExponential().split('e')
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`
}

/** pgvector's `vector` and `halfvec`: `[1,2.5]`. */
export function vectorType(item: 'double' | 'float'): ValueType {
  return {
    shape: { type: 'array', name: `io.debezium.data.${item === 'double' ? 'Double' : 'Float'}Vector`, version: 1, items: { type: item, optional: false } },
    reader: (fail) => (writer, bytes, start, end) => {
      const text = bytes.toString('latin1', start, end)
      const items = /^\[(.+)\]$/.exec(text)?.[1]?.split(',')
      if (items === undefined || !items.every((number) => DOUBLE.test(number))) return fail(writer, MALFORMED)
      writer.beginArray()
      for (const number of items) {
        writer.element()
        const digits = Buffer.from(number)
        if (item === 'double') writer.double(digits, 0, digits.length)
        else writer.float(digits, 0, digits.length)
      }
      writer.endArray()
    },
    zero: (writer) => {
      writer.beginArray()
      writer.endArray()
    },
  }
}
