import { doubleText } from '../../../byte/float-text.ts'
import type { CellWriter } from '../../../event/cell-writer.ts'
import { TYPE } from '../binlog/column-type.ts'
import { MALFORMED, type Shape, type Stead, type ReadCell, type ValueType } from './reader.ts'

/** Before the well-known binary stands the reference system, little-endian (sql/spatial.h, SRID_SIZE). */
export const SRID_BYTES = 4
/** Byte order and type. */
const HEAD = 5
/** The same, and two doubles. */
const POINT_BYTES = 21
const POINT_TYPE = 1

const WKB = { name: 'wkb', schema: { type: 'bytes', optional: false } } as const
const SRID = { name: 'srid', schema: { type: 'int32', optional: true } } as const
const POINT_SHAPE: Shape = {
  type: 'struct',
  name: 'io.debezium.data.geometry.Point',
  version: 1,
  doc: 'Geometry (POINT)',
  fields: [{ name: 'x', schema: { type: 'double', optional: false } }, { name: 'y', schema: { type: 'double', optional: false } }, { name: 'wkb', schema: { type: 'bytes', optional: true } }, SRID],
}
const ORIGIN: Buffer = Buffer.from(`000000000101000000${'00'.repeat(16)}`, 'hex')
const EMPTY_COLLECTION: Buffer = Buffer.from('00000000010700000000000000', 'hex')
const number: Buffer = Buffer.alloc(32)

/** POINT. */
export const POINT: ValueType = { shape: POINT_SHAPE, text: readPoint, binlog: (stead, { type }) => (type === TYPE.geometry ? readPoint(stead) : undefined), zero: (writer) => writePoint(writer, ORIGIN, 0, ORIGIN.length) }

/** GEOMETRY and all others below it. */
export const GEOMETRY: ValueType = {
  shape: { type: 'struct', name: 'io.debezium.data.geometry.Geometry', version: 1, doc: 'Geometry', fields: [WKB, SRID] },
  text: readGeometry,
  binlog: (stead, { type }) => (type === TYPE.geometry ? readGeometry(stead) : undefined),
  zero: (writer) => writeGeometry(writer, EMPTY_COLLECTION, 0, EMPTY_COLLECTION.length),
}

function readPoint({ fail }: Stead): ReadCell {
  return (writer, bytes, start, end) => {
    const wkb = start + SRID_BYTES
    if (end - wkb !== POINT_BYTES || bytes[wkb] !== 1 || bytes.readUInt32LE(wkb + 1) !== POINT_TYPE) fail(writer, MALFORMED)
    else writePoint(writer, bytes, start, end)
  }
}

function readGeometry({ fail }: Stead): ReadCell {
  return (writer, bytes, start, end) => {
    if (end - start < SRID_BYTES + HEAD) fail(writer, MALFORMED)
    else writeGeometry(writer, bytes, start, end)
  }
}

function writePoint(writer: CellWriter, bytes: Buffer, start: number, end: number): void {
  writer.beginStruct()
  writer.member('x')
  writeDouble(writer, bytes.readDoubleLE(start + SRID_BYTES + HEAD))
  writer.member('y')
  writeDouble(writer, bytes.readDoubleLE(start + SRID_BYTES + HEAD + 8))
  writeRest(writer, bytes, start, end)
}

function writeGeometry(writer: CellWriter, bytes: Buffer, start: number, end: number): void {
  writer.beginStruct()
  writeRest(writer, bytes, start, end)
}

function writeRest(writer: CellWriter, bytes: Buffer, start: number, end: number): void {
  writer.member('wkb')
  writer.bytes(bytes, start + SRID_BYTES, end)
  writer.member('srid')
  const srid = bytes.readInt32LE(start)
  if (srid === 0) writer.null()
  else writer.integer(srid)
  writer.endStruct()
}

function writeDouble(writer: CellWriter, value: number): void {
  writer.double(number, 0, number.write(doubleText(value), 'latin1'))
}
