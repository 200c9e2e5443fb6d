import { TailraceError } from '../../error/tailrace-error.ts'
import type { Query } from './control.ts'
import type { ConnectorName } from './source-layout.ts'

/** What a server says of itself. */
export interface ServerFacts {
  readonly kind: ConnectorName
  /** `9.7.4`, `11.8.6-MariaDB-…`. */
  readonly version: string
  /** `90704`, `110806`. */
  readonly versionNumber: number
  /** MySQL's `server_uuid`, MariaDB's `server_uid` where it has one. */
  readonly uuid: string | undefined
  readonly serverId: number
  /** Of the server: `gtid_mode=ON`, or MariaDB. */
  readonly gtids: boolean
  readonly lowerCaseTableNames: 0 | 1 | 2
  /** `SET character_set_server=…, collation_server=…`. */
  readonly charset: string
  readonly collation: string
  readonly variables: ReadonlyMap<string, string>
}

const VARIABLES = [
  'version', 'server_uuid', 'server_uid', 'server_id', 'gtid_mode', 'gtid_domain_id', 'lower_case_table_names', 'character_set_server', 'collation_server', 'log_bin', 'binlog_format', 'binlog_row_image',
  'binlog_row_metadata', 'binlog_row_value_options', 'binlog_checksum', 'binlog_rows_query_log_events', 'binlog_annotate_row_events', 'binlog_expire_logs_seconds', 'expire_logs_days', 'log_slave_updates', 'log_replica_updates',
  'read_only', 'binlog_transaction_compression', 'log_bin_compress', 'innodb_native_foreign_keys', 'system_time_zone', 'time_zone',
]

/** Errors: those of the query; TR_MYSQL_KIND where it is the other one of the two. */
export async function readServerFacts(query: Query, expected: ConnectorName): Promise<ServerFacts> {
  const rows = await query(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${VARIABLES.map((name) => `'${name}'`).join(', ')})`)
  const variables = new Map(rows.map((row) => [String(row['Variable_name']).toLowerCase(), String(row['Value'])]))
  const version = variables.get('version') ?? ''
  const kind = /mariadb/i.test(version) ? 'mariadb' : 'mysql'
  if (kind !== expected) {
    throw new TailraceError('TR_MYSQL_KIND', { message: `The server is ${version}, and the source is for ${expected === 'mysql' ? 'MySQL' : 'MariaDB'}`, where: { version }, remedy: `Use ${kind}() from tailrace/${kind}` })
  }
  return {
    kind, version, versionNumber: versionNumber(version), uuid: variables.get('server_uuid') ?? variables.get('server_uid'), serverId: Number(variables.get('server_id') ?? 0),
    gtids: kind === 'mariadb' || variables.get('gtid_mode') === 'ON',
    lowerCaseTableNames: Number(variables.get('lower_case_table_names') ?? 0) as 0 | 1 | 2,
    charset: variables.get('character_set_server') ?? 'utf8mb4', collation: variables.get('collation_server') ?? '', variables,
  }
}

/** Rows are in the log at all. Errors: TR_MYSQL_SETTING. */
export function checkLog({ variables }: ServerFacts): void {
  const expect = (variable: string, allowed: string, remedy: string): void => {
    const value = variables.get(variable)
    if (value !== undefined && value !== allowed) throw new TailraceError('TR_MYSQL_SETTING', { message: `${variable} is ${value}`, where: { variable, value }, remedy })
  }
  expect('log_bin', 'ON', 'Start the server with log_bin')
  expect('binlog_format', 'ROW', 'SET PERSIST binlog_format = ROW (MariaDB: SET GLOBAL, and in the configuration), and let sessions reconnect')
}

/** `5.5.5-10.11.6-MariaDB`: very old clients are told 5.5.5 first. */
export function versionNumber(version: string): number {
  const [, major = '0', minor = '0', patch = '0'] = /^(?:5\.5\.5-)?(\d+)\.(\d+)\.(\d+)/.exec(version) ?? []
  return Number(major) * 10_000 + Number(minor) * 100 + Number(patch)
}
