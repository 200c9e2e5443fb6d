import type { WriteValue } from '../../../event/schema.ts'
import type { ReadCell, Shape } from '../../cell-reader.ts'
import type { Fail } from '../../conversion-failure.ts'
import type { LoggedColumn } from '../binlog/logged-column.ts'

export type { ReadCell, Shape } from '../../cell-reader.ts'
export type { Fail } from '../../conversion-failure.ts'

/** What a reader does where a cell holds no value that the column's schema can carry. */
export interface Stead {
  readonly fail: Fail
  /** A date that is none (`0000-00-00`): null, or in a NOT NULL column the default or the type's zero, as in Debezium. */
  readonly nothing: WriteValue
}

/**
 * How one type is represented under the handling modes that were chosen. Both readers make the same calls of the writer for the same value: a
 * row looks alike whether it was read by the snapshot or from the log.
 */
export interface ValueType {
  readonly shape: Shape
  /** Cells of the text protocol, selected as selectExpression says. Called once a column; what it returns is on the hot path. */
  readonly text: (stead: Stead) => ReadCell
  /** Cells of the log, without the bytes of their length. Undefined: the column is of another type there. */
  readonly binlog: (stead: Stead, logged: LoggedColumn) => ReadCell | undefined
  /** What a NOT NULL column without a default is written as where there is no value (JdbcValueConverters' fallbacks). */
  readonly zero: WriteValue
  /** What a value that the log did not carry is written as; undefined where nothing fits the schema. */
  readonly placeholder?: WriteValue
  /** What the column's default is written as, from its text in the definition; undefined where the schema shows none. `optional`: the column's. */
  readonly default?: (text: string, optional: boolean) => WriteValue | undefined
}

/** A malformed cell: not what the server writes. */
export const MALFORMED = 'the bytes are not what the server writes for this type'

/** Text of a definition's default as a cell of the text protocol; undefined where the reader cannot read it. `nothing`: what a date that is none is written as. */
export function readConstant(text: string, reader: ValueType['text'], nothing?: WriteValue): WriteValue | undefined {
  const bytes = Buffer.from(text)
  let failed = false
  const fail = (): void => {
    failed = true
  }
  const read = reader({ fail, nothing: nothing ?? fail })
  read(SILENT, bytes, 0, bytes.length)
  return failed ? undefined : (writer) => read(writer, bytes, 0, bytes.length)
}

const silence = (): void => {}

/** Takes everything and writes nothing: to see whether a reader can read a text. */
const SILENT: Parameters<ReadCell>[0] = {
  null: silence, unavailable: silence, boolean: silence, integer: silence, digits: silence, long: silence, ticks: silence, double: silence, float: silence,
  decimal: silence, text: silence, plain: silence, string: silence, bytes: silence, json: silence, beginArray: silence, element: silence, endArray: silence,
  beginStruct: silence, member: silence, endStruct: silence,
}
