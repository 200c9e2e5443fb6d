import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { MysqlServer } from '../server/mysql-server.ts'
import { requireMariadb, requireMysql } from '../server/require.ts'
import { CompiledChild } from './compiled-child.ts'
import { mysqlReport, startChaosServer } from './mysql/main.ts'
import { runMysqlChaos } from './mysql/run.ts'

const withServers = await requireMysql()
await requireMariadb('11.8')

/** 20 kills in all: `npm run chaos -- mysql` has as many as are wanted. */
const RUNS = [
  { title: 'MySQL', kind: 'mysql', withoutGtid: false, kills: 8 },
  { title: 'MariaDB', kind: 'mariadb', withoutGtid: false, kills: 8 },
  { title: 'MySQL without GTIDs', kind: 'mysql', withoutGtid: true, kills: 4 },
] as const

withServers('an engine that is killed, with its connections cut and its server killed as well,', () => {
  let child: CompiledChild
  let servers: ReadonlyMap<string, MysqlServer>

  beforeAll(async () => {
    servers = new Map(await Promise.all(RUNS.map(async ({ title, kind, withoutGtid }) => [title, await startChaosServer(kind, withoutGtid)] as const)))
    child = CompiledChild.compile('mysql/child')
  }, 180_000)
  afterAll(async () => {
    child[Symbol.dispose]()
    for (const server of servers.values()) await server[Symbol.asyncDispose]()
  })

  it.each(RUNS)('while rows, XA transactions and the schema change on $title: nothing is lost, reordered or made up, and no more comes again than was not yet stored ($kills kills)', async ({ title, kind, kills }) => {
    const seed = Number(process.env['TAILRACE_SEED'] ?? randomInt(2 ** 31))
    const server = servers.get(title)!
    console.log(`chaos: TAILRACE_SEED=${seed}, ${String(await server.value('select version()'))}`)
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tailrace-chaos-'))
    const result = await runMysqlChaos({ kind, server, child, folder, kills, seed, writers: 4 })
    const violations = result.verdicts.flatMap((verdict) => verdict.violations)
    console.log(mysqlReport(result).join('\n'))
    if (violations.length > 0) console.log(`logs, offsets and schema histories are kept in ${folder}`)
    else rmSync(folder, { recursive: true })
    expect(violations).toEqual([])
    expect([...result.kills.values()].reduce((sum, count) => sum + count, 0)).toBe(kills)
    expect(result.altered).toBeGreaterThan(0)
    expect(result.left).toBeGreaterThan(0)
    for (const { changes, delivered, duplicates, bound } of result.verdicts) {
      expect(changes).toBeGreaterThan(0)
      expect(delivered - duplicates).toBe(changes)
      expect(duplicates).toBeLessThanOrEqual(bound)
    }
  }, 300_000)
})
