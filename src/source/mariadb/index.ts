import type { Source } from '../source.ts'
import { MysqlSource } from '../mysql/source.ts'
import { MARIADB } from './flavor.ts'
import type { MariadbOptions } from './options.ts'

export type { ColumnConversion, MysqlColumnOptions, ZeroDateConversion } from '../mysql/conversion-options.ts'
export type { ColumnOptions, ColumnPattern, HashForm } from '../column-options.ts'
export type { LockingMode, SnapshotMode, SslMode, TablePattern } from '../mysql/options.ts'
export type { MariadbConnection, MariadbOptions } from './options.ts'

/**
 * A MariaDB database (10.6 to 12) as a source: as {@link mysql}. Needs the package `mysql2`, `binlog_format = ROW`, and an account with REPLICATION
 * SLAVE, BINLOG MONITOR and SELECT. Its snapshots take no lock. Errors: TR_CONFIG_INVALID.
 */
export function mariadb(options: MariadbOptions): Source {
  return new MysqlSource(options, MARIADB)
}
