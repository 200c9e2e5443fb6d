import type { CellWriter } from './cell-writer.ts'

/** Kafka Connect's schema types, which Debezium's events are described in. */
export type SchemaType = 'boolean' | 'int8' | 'int16' | 'int32' | 'int64' | 'float' | 'double' | 'string' | 'bytes' | 'array' | 'map' | 'struct'

/** Writes one value; used where a schema carries a constant (a column's default). */
export type WriteValue = (writer: CellWriter) => void

/** The meaning of a value, independent of any format: what JSON's `schema` block and an Avro schema are printed from. */
export interface Schema {
  readonly type: SchemaType
  readonly optional: boolean
  /** Semantic type, for example `io.debezium.time.MicroTimestamp`. */
  readonly name?: string
  readonly version?: number
  readonly doc?: string
  readonly parameters?: Readonly<Record<string, string>>
  /** Writes the default value. */
  readonly default?: WriteValue
  readonly items?: Schema
  readonly keys?: Schema
  readonly values?: Schema
  readonly fields?: readonly Field[]
}

/** A named member of a struct. */
export interface Field {
  readonly name: string
  readonly schema: Schema
}
