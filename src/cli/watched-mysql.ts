import { TailraceError } from '../error/tailrace-error.ts'
import { memorySchemaHistory } from '../schema-history/memory/memory-history.ts'
import { mariadb } from '../source/mariadb/index.ts'
import { ResolvedConnection } from '../source/mysql/connection.ts'
import { ControlConnection, type Query } from '../source/mysql/control.ts'
import { mysql, type MysqlOptions } from '../source/mysql/index.ts'
import type { Source } from '../source/source.ts'
import { redaction } from './redaction.ts'
import type { TailRequest, Watched } from './watched.ts'

const HEARTBEAT_MS = 2_000

/** Is it a URL of MySQL or MariaDB? */
export function isMysqlUrl(url: string): boolean {
  return /^(mysql|mariadb):/i.test(url)
}

/** The database of a URL `mysql://…` or `mariadb://…`, or, where it names none, all of them. Errors: TR_CONFIG_INVALID. */
export function watchedMysql(url: string): Watched {
  const connection = new ResolvedConnection(url, undefined)
  const database = databaseOf(url)
  const { password, user, host } = connection
  return {
    redact: redaction([typeof password === 'string' ? password : undefined, connection.sslKey], [user, host, database]),
    source: (_, request) => source(url, connection, database, request),
    // a replica is known for as long as its connection lives
    tidyUp: async () => {},
  }
}

function databaseOf(url: string): string | undefined {
  const [, name = ''] = new URL(url).pathname.split('/')
  return name === '' ? undefined : decodeURIComponent(name)
}

async function source(url: string, connection: ResolvedConnection, database: string | undefined, request: TailRequest): Promise<Source> {
  await using control = new ControlConnection(connection, AbortSignal.timeout(connection.connectTimeoutMs))
  const { kind, gtids } = await askServer(control.query, database)
  const options: MysqlOptions = {
    connection: url,
    ...(database === undefined ? {} : { databases: [database] }),
    ...(request.tables.length === 0 ? {} : { tables: request.tables }),
    // whoever only looks does not lock, where the place of a snapshot is known without
    snapshot: { mode: request.fromNow ? 'no_data' : 'initial', locking: gtids ? 'none' : 'minimal' },
    history: memorySchemaHistory(),
    // the server forgets a replica that is gone with its second heartbeat
    heartbeat: { intervalMs: HEARTBEAT_MS },
  }
  return kind === 'mariadb' ? mariadb(options) : mysql(options)
}

/** `mysql://` is what many write for MariaDB as well: the server says which one it is. */
async function askServer(query: Query, database: string | undefined): Promise<{ readonly kind: 'mysql' | 'mariadb'; readonly gtids: boolean }> {
  const rows = await query("SHOW GLOBAL VARIABLES WHERE Variable_name IN ('version', 'gtid_mode')")
  const variables = new Map(rows.map((row) => [String(row['Variable_name']), String(row['Value'])]))
  if (database !== undefined && (await query('SELECT 1 AS found FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?', [database])).length === 0) {
    throw new TailraceError('TR_CONFIG_INVALID', { message: `There is no database ${database} on the server, or this account may not see it`, where: { database }, remedy: 'Check the path of the URL, and the privilege SELECT' })
  }
  const kind = /mariadb/i.test(variables.get('version') ?? '') ? 'mariadb' : 'mysql'
  return { kind, gtids: kind === 'mariadb' || variables.get('gtid_mode') === 'ON' }
}
