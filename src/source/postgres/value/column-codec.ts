import type { TailraceError } from '../../../error/tailrace-error.ts'
import type { HandlingModes } from '../../../event/handling-mode.ts'
import type { Field, WriteValue } from '../../../event/schema.ts'
import type { PgColumn } from '../column.ts'
import { failure, writeNull } from '../../conversion-failure.ts'
import type { ReadCell } from './reader.ts'
import { plainType, valueType } from './value-type.ts'

/** One column, compiled for one set of handling modes. */
export interface CompiledColumn {
  readonly field: Field
  readonly read: ReadCell
  /** Writes an unchanged out-of-line value: the type's placeholder, or `unavailable()`. */
  readonly unavailable: WriteValue
  /** Writes what a key image does not carry: null, or in a required column the default or the type's zero. */
  readonly missing: WriteValue
  /** Writes NULL, where a rule puts something in its place. */
  readonly nothing: WriteValue | undefined
}

const OUT_OF_LINE = 'an unchanged out-of-line value is not in the log, and no placeholder fits the required column; REPLICA IDENTITY FULL puts it there'

/** Compiles a column; undefined where it is left out, because nobody knows its type (`include.unknown.datatypes`). */
export function compileColumn(column: PgColumn, modes: HandlingModes, warn: (error: TailraceError) => void, where: { readonly schema: string; readonly table: string }): CompiledColumn | undefined {
  const plain = plainType(column.type, column.typmod)
  const type = valueType(plain, modes)
  if (type === undefined) return undefined
  const { name, optional } = column
  const place = { schema: where.schema, table: where.table, column: name, type: column.type.name }
  const fail = failure(place, optional ? writeNull : undefined, modes, warn)
  const failInside = optional ? fail : failure(place, writeNull, modes, warn)
  // Debezium looks defaults up by the type's name, and so finds none for domains.
  const hasDefault = column.default !== undefined && column.type.kind !== 'domain'
  const defaultValue = hasDefault ? type.default?.(column.default) : undefined
  return {
    field: { name, schema: { ...type.shape, optional, ...(defaultValue === undefined ? {} : { default: defaultValue }) } },
    read: type.reader(fail, failInside),
    unavailable: type.placeholder ?? (optional ? (writer) => writer.unavailable() : (writer) => fail(writer, OUT_OF_LINE)),
    missing: optional ? (writer) => writer.null() : (defaultValue ?? type.zero),
    nothing: undefined,
  }
}
