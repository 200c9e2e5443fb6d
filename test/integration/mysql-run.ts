import { setTimeout as delay } from 'node:timers/promises'
import type { MysqlOptions } from '../../src/source/mysql/options.ts'
import { mariadb } from '../../src/source/mariadb/index.ts'
import { mysql } from '../../src/source/mysql/index.ts'
import { memorySchemaHistory } from '../../src/schema-history/memory/memory-history.ts'
import { startMariadb } from '../server/mariadb.ts'
import { startMysql } from '../server/mysql.ts'
import type { MysqlServer, MysqlSettings } from '../server/mysql-server.ts'
import { EngineRun, type RunOptions } from './engine-run.ts'

/** The servers that scenarios of both kinds run on. */
export type ServerKind = 'MySQL' | 'MariaDB 10.11' | 'MariaDB 11.8'

export const SERVER_KINDS: readonly ServerKind[] = ['MySQL', 'MariaDB 10.11', 'MariaDB 11.8']

export interface MysqlRunOptions extends Omit<RunOptions, 'database' | 'source'> {
  readonly kind: ServerKind
  readonly database?: string
  readonly source?: Partial<MysqlOptions>
}

export async function startServer(kind: ServerKind, settings: MysqlSettings = {}): Promise<MysqlServer> {
  return kind === 'MySQL' ? await startMysql({ settings }) : await startMariadb({ version: kind === 'MariaDB 10.11' ? '10.11' : '11.8', settings })
}

/** Starts an engine in this process on one database, with a schema history in memory unless `source` has another. */
export function runMysql({ kind, port, database, source, ...options }: MysqlRunOptions): EngineRun {
  const make = kind === 'MySQL' ? mysql : mariadb
  return new EngineRun({
    ...options,
    source: make({
      connection: { host: '127.0.0.1', port, user: 'root', sslMode: 'disabled' }, heartbeat: { intervalMs: 1_000 }, history: memorySchemaHistory(),
      ...(database === undefined ? {} : { databases: [database] }), ...source,
    }),
  })
}

/** A file of the log says in which second it was begun: one that is begun behind this is told from those before. */
export async function nextSecond(): Promise<void> {
  const second = (): number => Math.floor(Date.now() / 1000)
  for (const now = second(); second() === now; ) await delay(10)
}
