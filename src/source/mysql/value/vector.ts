import { floatText } from '../../../byte/float-text.ts'
import { TYPE } from '../binlog/column-type.ts'
import { MALFORMED, type ReadCell, type Stead, type ValueType } from './reader.ts'
import { isString } from './text-cell.ts'

export const FLOAT_BYTES = 4
const number: Buffer = Buffer.alloc(32)

/** VECTOR: 32-bit floats, little-endian, in both layouts. MariaDB's log calls it a VARCHAR. */
export const VECTOR: ValueType = {
  shape: { type: 'array', name: 'io.debezium.data.FloatVector', version: 1, items: { type: 'float', optional: false } },
  text: readVector,
  binlog: (stead, logged) => (logged.type === TYPE.vector || isString(logged) ? readVector(stead) : undefined),
  zero: (writer) => {
    writer.beginArray()
    writer.endArray()
  },
}

function readVector({ fail }: Stead): ReadCell {
  return (writer, bytes, start, end) => {
    if ((end - start) % FLOAT_BYTES !== 0) return fail(writer, MALFORMED)
    writer.beginArray()
    for (let at = start; at < end; at += FLOAT_BYTES) {
      writer.element()
      writer.float(number, 0, number.write(floatText(bytes.readFloatLE(at)), 'latin1'))
    }
    writer.endArray()
  }
}
