import type { Source } from '../source.ts'
import type { MysqlOptions } from '../mysql/options.ts'
import { MysqlSource } from '../mysql/source.ts'
import { MARIADB } from './flavor.ts'

export type { LockingMode, MysqlConnection as MariadbConnection, MysqlOptions as MariadbOptions, SnapshotMode, SslMode, TablePattern } from '../mysql/options.ts'

/**
 * A MariaDB database (10.6 to 12) as a source: as {@link mysql}. Needs the package `mysql2`, `binlog_format = ROW`, and an account with REPLICATION
 * SLAVE, BINLOG MONITOR and SELECT. Its snapshots take no lock. Errors: TR_CONFIG_INVALID.
 */
export function mariadb(options: MysqlOptions): Source {
  return new MysqlSource(options, MARIADB)
}
