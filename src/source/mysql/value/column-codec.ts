import { TailraceError } from '../../../error/tailrace-error.ts'
import type { HandlingModes } from '../../../event/handling-mode.ts'
import type { Field, WriteValue } from '../../../event/schema.ts'
import { failure, writeNull } from '../../conversion-failure.ts'
import { TYPE } from '../binlog/column-type.ts'
import type { LoggedColumn } from '../binlog/logged-column.ts'
import type { MysqlColumn } from '../column.ts'
import type { Convert } from './conversion.ts'
import type { ReadCell, Stead, ValueType } from './reader.ts'
import { valueType } from './value-type.ts'

/** One column, compiled for one layout and one set of handling modes. */
export interface CompiledColumn {
  readonly field: Field
  readonly read: ReadCell
  /** Writes a value that the image does not carry (`binlog_row_image`): the type's placeholder, or `unavailable()`. */
  readonly unavailable: WriteValue
  /** Writes NULL, where a rule puts something in its place. */
  readonly nothing: WriteValue | undefined
}

/** The table a column is of. */
export interface TablePlace {
  readonly database: string
  readonly table: string
}

/** Compiles a column; undefined where it is left out, because nobody knows its type (`include.unknown.datatypes`). `logged` undefined: for rows of the text protocol. Errors: TR_MYSQL_SCHEMA_MISMATCH. */
export function compileColumn(column: MysqlColumn, logged: LoggedColumn | undefined, modes: HandlingModes, warn: (error: TailraceError) => void, where: TablePlace, convert?: Convert): CompiledColumn | undefined {
  const { name } = column
  const conversion = convert?.(column, `${where.database}.${where.table}.${name}`, modes)
  const type = conversion?.type ?? valueType(column, modes)
  if (type === undefined) return undefined
  const optional = conversion?.optional ?? column.optional
  const defaultValue = column.default === undefined ? undefined : type.default?.(column.default, optional)
  const place = { schema: where.database, table: where.table, column: name, type: column.typeName }
  const fail = failure(place, optional ? writeNull : defaultValue, modes, warn)
  const stead: Stead = { fail, nothing: conversion?.nothing ?? (optional ? writeNull : (defaultValue ?? type.zero)) }
  return {
    field: { name, schema: { ...type.shape, optional, ...(column.comment === undefined ? {} : { doc: column.comment }), ...(defaultValue === undefined ? {} : { default: defaultValue }) } },
    read: logged === undefined ? type.text(stead) : loggedReader(type, stead, column, logged, where),
    unavailable: type.placeholder ?? ((writer) => writer.unavailable()),
    nothing: conversion?.nothing,
  }
}

/** Types of before MySQL 5.6, of which the log does not say how many digits of a second they have (MariaDB, mysql56_temporal_format=OFF). */
const WITHOUT_FRACTION: ReadonlySet<number> = new Set([TYPE.time, TYPE.datetime, TYPE.timestamp])

function loggedReader(type: ValueType, stead: Stead, column: MysqlColumn, logged: LoggedColumn, where: TablePlace): ReadCell {
  const readable = !WITHOUT_FRACTION.has(logged.type) || (column.length ?? 0) === 0
  const read = readable ? type.binlog(stead, logged) : undefined
  if (read !== undefined) return read
  throw new TailraceError('TR_MYSQL_SCHEMA_MISMATCH', {
    message: `A row of ${where.database}.${where.table} cannot be read: its column ${column.name} is ${column.typeName}, and the log has the type ${logged.type}`,
    where: { ...where, column: column.name, type: logged.type },
    ...(readable ? {} : { remedy: 'ALTER TABLE … FORCE with mysql56_temporal_format=ON gives the table the present form of its times' }),
  })
}
