import type { TailraceError } from '../../../../../src/error/tailrace-error.ts'
import { DEFAULT_HANDLING_MODES, type HandlingModes } from '../../../../../src/event/handling-mode.ts'
import type { LoggedColumn } from '../../../../../src/source/mysql/binlog/logged-column.ts'
import type { MysqlColumn, MysqlTableShape } from '../../../../../src/source/mysql/column.ts'
import { compileColumn, type CompiledColumn } from '../../../../../src/source/mysql/value/column-codec.ts'
import { recorded } from '../../postgres/value/recording-writer.ts'
import { context, model } from '../ddl/context.ts'

/** A table as a statement declares it. */
export function tableOf(columns: string, flavor: 'mysql' | 'mariadb' = 'mysql'): MysqlTableShape {
  const schema = model(flavor)
  schema.apply(`create table t (${columns})`, context())
  return schema.get('d', 't')!
}

/** A column `c`: `decimal(5,2)`, `int not null default 3`. */
export function column(sql: string): MysqlColumn {
  return tableOf(`c ${sql}`, /uuid|inet|year\(2\)/.test(sql) ? 'mariadb' : 'mysql').columns[0]!
}

/** A column of a table map. */
export function logged(type: number, meta = 0, rest: Partial<LoggedColumn> = {}): LoggedColumn {
  return { type, meta, nullable: true, unsigned: undefined, collation: undefined, name: undefined, labels: undefined, geometryType: undefined, visible: undefined, ...rest }
}

export function modes(rest: Partial<HandlingModes> = {}): HandlingModes {
  return { ...DEFAULT_HANDLING_MODES, ...rest }
}

export function compiled(sql: string, of: LoggedColumn | undefined, rest: Partial<HandlingModes> = {}, warn: (error: TailraceError) => void = unexpected): CompiledColumn {
  const result = compileColumn(column(sql), of, modes(rest), warn, { database: 'd', table: 't' })
  if (result === undefined) throw new Error(`${sql} is left out`)
  return result
}

function unexpected(error: TailraceError): void {
  throw error
}

/** What a column's reader says about a cell, which stands in the middle of other bytes. */
export function read(sql: string, of: LoggedColumn | undefined, cell: Buffer, rest: Partial<HandlingModes> = {}, warn?: (error: TailraceError) => void): string {
  const bytes = Buffer.concat([Buffer.from('9"{'), cell, Buffer.from('9}"\\')])
  return recorded((writer) => compiled(sql, of, rest, warn).read(writer, bytes, 3, 3 + cell.length))
}
