import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Lanes } from '../server/lanes.ts'
import { startMysql, type MysqlServer } from '../server/mysql.ts'
import { requireMysql } from '../server/require.ts'
import { CompiledChild } from './compiled-child.ts'
import { MysqlBench } from './mysql/bench.ts'
import { MUTATIONS } from './mysql/mutation.ts'
import { SCENARIOS } from './mysql/scenario.ts'
import type { Verdict } from './oracle.ts'

const withMysql = await requireMysql()
/** Begins before a test's lane is free. */
const TIMEOUT_MS = 240_000

withMysql('the oracle of MySQL', () => {
  let lanes: Lanes<MysqlServer>
  let child: CompiledChild
  let folder: string
  let number = 0

  beforeAll(async () => {
    // nothing but one scenario writes to a log
    lanes = new Lanes(await Promise.all([startMysql(), startMysql()]))
    child = CompiledChild.compile('mysql/child')
    folder = mkdtempSync(path.join(os.tmpdir(), 'tailrace-mutations-'))
  }, TIMEOUT_MS)
  afterAll(async () => {
    child[Symbol.dispose]()
    for (const server of lanes.grounds) await server[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  async function judged(scenario: keyof typeof SCENARIOS, runs: CompiledChild): Promise<Verdict & { missed: readonly string[] }> {
    return await lanes.run(async (server) => {
      const bench = await MysqlBench.open(server, 'mysql', runs, folder, ++number)
      await SCENARIOS[scenario](bench)
      return { ...(await bench.finish()), missed: bench.missed }
    })
  }

  describe('finds nothing wrong', () => {
    it.concurrent.each(Object.keys(SCENARIOS) as (keyof typeof SCENARIOS)[])('in the scenario %s', async (scenario) => {
      const verdict = await judged(scenario, child)
      expect(verdict.missed).toEqual([])
      expect(verdict.violations).toEqual([])
      expect(verdict.duplicates).toBe(verdict.bound)
      expect(verdict.changes).toBeGreaterThan(0)
    }, TIMEOUT_MS)
  })

  describe('finds out when', () => {
    for (const { name, scenario, ...patch } of MUTATIONS) {
      it.concurrent(`${name} (scenario ${scenario})`, async () => {
        using mutant = child.patched([patch])
        const { violations } = await judged(scenario, mutant)
        console.log(`${name}: ${violations.length} violations, ${String(violations[0]).replaceAll(folder, '…')}`)
        expect(violations).not.toEqual([])
        // a mutant that does not even run is no proof
        expect(violations.filter((violation) => /crashed|Unexpected|TR_MYSQL_CLIENT/.test(violation))).toEqual([])
      }, TIMEOUT_MS)
    }
  })

  it('every scenario has a mistake that it finds', () => {
    expect([...new Set(MUTATIONS.map(({ scenario }) => scenario))].sort()).toEqual(Object.keys(SCENARIOS).sort())
  })
})
