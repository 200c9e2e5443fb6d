import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { runChaos } from './chaos-run.ts'
import { CompiledChild } from './compiled-child.ts'
import { report } from './report.ts'

const withPostgres = await requirePostgres(17)
const KILLS = 20

withPostgres('an engine that is killed while eight writers write', () => {
  let server: PostgresServer
  let child: CompiledChild

  beforeAll(async () => {
    server = await startPostgres({ major: 17 })
    child = CompiledChild.compile()
  })
  afterAll(async () => {
    child[Symbol.dispose]()
    await server[Symbol.asyncDispose]()
  })

  it(`${KILLS} times, in snapshot and stream: nothing is lost, reordered or made up, and no more comes again than was not yet stored`, async () => {
    const seed = Number(process.env['TAILRACE_SEED'] ?? randomInt(2 ** 31))
    console.log(`chaos: TAILRACE_SEED=${seed}, ${String(await server.value('select version()'))}`)
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tailrace-chaos-'))
    const result = await runChaos({ server, child, folder, kills: KILLS, seed })
    const violations = result.verdicts.flatMap((verdict) => verdict.violations)
    console.log(report(result).join('\n'))
    if (violations.length > 0) console.log(`logs and offset files are kept in ${folder}`)
    else rmSync(folder, { recursive: true })
    expect(violations).toEqual([])
    expect([...result.kills.values()].reduce((sum, count) => sum + count, 0)).toBe(KILLS)
    for (const { changes, delivered, duplicates, bound } of result.verdicts) {
      expect(changes).toBeGreaterThan(0)
      expect(delivered - duplicates).toBe(changes)
      expect(duplicates).toBeLessThanOrEqual(bound)
    }
  }, 300_000)
})
