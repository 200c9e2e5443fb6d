import type { MysqlConnection, MysqlOptions } from '../mysql/options.ts'

/** As {@link MysqlConnection}. */
export type MariadbConnection = MysqlConnection

/** As {@link MysqlOptions}: locks are needed for `snapshot.locking` extended only, and GTIDs are always there. */
export type MariadbOptions = MysqlOptions
