import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { startMariadb } from '../../server/mariadb.ts'
import { startMysql } from '../../server/mysql.ts'
import type { MysqlServer } from '../../server/mysql-server.ts'
import { CompiledChild } from '../compiled-child.ts'
import { report } from '../report.ts'
import type { Kind } from './order.ts'
import { runMysqlChaos, type MysqlChaosResult } from './run.ts'

export interface MysqlChaosOrder {
  readonly kills: number
  readonly seed: number
  /** MySQL: gtid_mode=OFF; MariaDB, which always has them: they are ignored. */
  readonly withoutGtid: boolean
}

/** A server as the chaos wants it: files of the log are short, so that dumps go from one to the next. */
export async function startChaosServer(kind: Kind, withoutGtid: boolean): Promise<MysqlServer> {
  const settings = { 'max-binlog-size': '1M', 'innodb-flush-log-at-trx-commit': '2' }
  return kind === 'mysql' ? await startMysql({ gtid: !withoutGtid, settings }) : await startMariadb({ version: '11.8', settings })
}

/** Returns the exit code: 0 nothing wrong, 1 a violation. */
export async function mysqlChaos(kind: Kind, { kills, seed, withoutGtid }: MysqlChaosOrder): Promise<number> {
  console.log(`seed ${seed}`)
  await using server = await startChaosServer(kind, withoutGtid)
  const version = String(await server.value('select version()'))
  console.log(version)
  using child = CompiledChild.compile('mysql/child')
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tailrace-chaos-'))
  let kept = true
  try {
    const result = await runMysqlChaos({ kind, server, child, folder, kills, seed, ignoreGtids: withoutGtid && kind === 'mariadb', say: (line) => console.log(line) })
    console.log([`seed ${seed}, ${version}`, ...mysqlReport(result)].join('\n'))
    kept = result.verdicts.some(({ violations }) => violations.length > 0)
    return kept ? 1 : 0
  } finally {
    if (kept) console.error(`logs, offsets and schema histories are kept in ${folder}`)
    else rmSync(folder, { recursive: true, force: true })
  }
}

export function mysqlReport(result: MysqlChaosResult): string[] {
  return [...report(result), `schema changes   ${result.altered}`, `XA left prepared ${result.left}`, `refused          ${result.refused} (deadlocks, lock timeouts, columns that are gone)`]
}
