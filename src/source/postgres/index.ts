import type { Source } from '../source.ts'
import type { PostgresOptions } from './options.ts'
import { PostgresSource } from './source.ts'

export type { ColumnOptions, ColumnPattern, HashForm } from '../column-options.ts'
export type { PostgresConnection, PostgresOptions, PublicationMode, SnapshotMode, SslMode, TablePattern } from './options.ts'

/**
 * A PostgreSQL database (14 to 18) as a source. Needs the package `pg`, `wal_level = logical` and a role with REPLICATION
 * and SELECT. Errors: TR_CONFIG_INVALID.
 */
export function postgres(options: PostgresOptions): Source {
  return new PostgresSource(options)
}
