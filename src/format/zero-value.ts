import type { CellWriter } from '../event/cell-writer.ts'
import type { Schema, WriteValue } from '../event/schema.ts'

/** Text of strings whose emptiness would not be a value of their semantic type (JdbcValueConverters' fallbacks). */
const EMPTY_TEXT: Readonly<Record<string, string>> = {
  'io.debezium.time.ZonedTimestamp': '1970-01-01T00:00:00Z',
  'io.debezium.time.ZonedTime': '00:00:00Z',
  'io.debezium.time.Interval': 'P0Y0M0DT0H0M0S',
  'io.debezium.time.IsoDate': '1970-01-01Z',
  'io.debezium.time.IsoTime': '00:00:00Z',
  'io.debezium.time.IsoTimestamp': '1970-01-01T00:00:00Z',
}
const DECIMAL = 'org.apache.kafka.connect.data.Decimal'
const POINT = 'io.debezium.data.geometry.Point'
/** Well-known binary: little-endian, type 1 (point) in four bytes, x and y 0 in eight bytes each. */
const ORIGIN = Buffer.concat([Buffer.from([1, 1, 0, 0, 0]), Buffer.alloc(16)])
const ZERO = Buffer.from('0')

/**
 * What stands for a value of a required column that the log does not carry, for example a NOT NULL column outside the replica
 * identity in a delete's `before`: a required field cannot be null, so Debezium writes the type's zero
 * (JdbcValueConverters.convertValue). A column's own default comes first; that is the caller's business.
 */
export function zeroValue(schema: Schema): WriteValue {
  switch (schema.type) {
    case 'boolean':
      return (writer) => writer.boolean(false)
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return (writer) => writer.integer(0)
    case 'float':
      return (writer) => writer.float(ZERO, 0, 1)
    case 'double':
      return (writer) => writer.double(ZERO, 0, 1)
    case 'string':
      return (writer) => writer.string(EMPTY_TEXT[schema.name ?? ''] ?? '')
    case 'bytes':
      return schema.name === DECIMAL ? (writer) => writer.decimal(ZERO, 0, 1, 0) : (writer) => writer.bytes(ZERO, 0, 0)
    case 'array':
      return (writer) => {
        writer.beginArray()
        writer.endArray()
      }
    case 'map':
    case 'struct':
      return (writer) => writeStruct(writer, schema)
  }
}

function writeStruct(writer: CellWriter, schema: Schema): void {
  writer.beginStruct()
  for (const field of schema.fields ?? []) {
    writer.member(field.name)
    if (schema.name === POINT && field.name === 'wkb') writer.bytes(ORIGIN, 0, ORIGIN.length)
    else if (field.schema.optional) writer.null()
    // VariableScaleDecimal's zero is one zero byte, like Decimal's.
    else if (field.schema.type === 'bytes') writer.decimal(ZERO, 0, 1, 0)
    else zeroValue(field.schema)(writer)
  }
  writer.endStruct()
}
