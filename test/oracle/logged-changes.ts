import type { MysqlOptions } from '../../src/source/mysql/options.ts'
import { offsetFolder, type Seen } from '../integration/engine-run.ts'
import { runMysql, type ServerKind } from '../integration/mysql-run.ts'
import type { MysqlServer } from '../server/mysql-server.ts'

/** Changes that an engine has delivered, and the ended file of the log that has nothing else. */
export interface LoggedChanges {
  readonly seen: readonly Seen[]
  readonly file: string
}

/** Runs an engine from here on, makes changes, and ends the file that they are in. `rows`: how many events are to come. */
export async function logChanges(kind: ServerKind, server: MysqlServer, database: string, rows: number, change: () => Promise<void>, source: Partial<MysqlOptions> = {}): Promise<LoggedChanges> {
  using folder = offsetFolder()
  await using run = runMysql({ kind, port: server.port, database, name: database, offsets: folder.file(database), source: { ...source, snapshot: { mode: 'no_data' } } })
  await run.streaming()
  await server.script('flush binary logs')
  const files = await server.query<{ Log_name: string }>('show binary logs')
  await change()
  await server.script('flush binary logs')
  await run.delivered(rows)
  await run.stop()
  return { seen: run.seen, file: files.at(-1)!.Log_name }
}
