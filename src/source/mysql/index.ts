import type { Source } from '../source.ts'
import { MYSQL } from './mysql-flavor.ts'
import type { MysqlOptions } from './options.ts'
import { MysqlSource } from './source.ts'

export type { ColumnConversion, MysqlColumnOptions, ZeroDateConversion } from './conversion-options.ts'
export type { ColumnOptions, ColumnPattern, HashForm } from '../column-options.ts'
export type { LockingMode, MysqlConnection, MysqlOptions, SnapshotMode, SslMode, TablePattern } from './options.ts'

/**
 * A MySQL database (8.0 to 9.x) as a source. Needs the package `mysql2`, `binlog_format = ROW`, and an account with REPLICATION SLAVE,
 * REPLICATION CLIENT, SELECT and, for the snapshot's lock, RELOAD or LOCK TABLES. Errors: TR_CONFIG_INVALID.
 */
export function mysql(options: MysqlOptions): Source {
  return new MysqlSource(options, MYSQL)
}
