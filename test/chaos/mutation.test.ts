import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Lanes } from '../server/lanes.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { Bench } from './bench.ts'
import { CompiledChild } from './compiled-child.ts'
import { MUTATIONS } from './mutation.ts'
import type { Verdict } from './oracle.ts'
import { SCENARIOS } from './scenario.ts'

const withPostgres = await requirePostgres(17)
/** Begins before a test's lane is free. */
const TIMEOUT_MS = 150_000

withPostgres('the oracle', () => {
  let lanes: Lanes<PostgresServer>
  let child: CompiledChild
  let folder: string
  let number = 0

  beforeAll(async () => {
    // nothing but one scenario writes WAL
    const start = (): Promise<PostgresServer> => startPostgres({ major: 17, settings: { autovacuum: 'off', bgwriter_delay: '10s', checkpoint_timeout: '1h' } })
    lanes = new Lanes(await Promise.all([start(), start()]))
    child = CompiledChild.compile()
    folder = mkdtempSync(path.join(os.tmpdir(), 'tailrace-mutations-'))
  })
  afterAll(async () => {
    child[Symbol.dispose]()
    for (const server of lanes.grounds) await server[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  async function judged(scenario: keyof typeof SCENARIOS, runs: CompiledChild): Promise<Verdict & { missed: readonly string[] }> {
    return await lanes.run(async (server) => {
      await using bench = await Bench.open(server, runs, `bench_${++number}`, folder)
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
        expect(violations).not.toEqual([])
        // a mutant that does not even run is no proof
        expect(violations.filter((violation) => /crashed|Unexpected/.test(violation))).toEqual([])
        console.log(`${name}: ${violations.length} violations, ${violations[0]!.replaceAll(folder, '…')}`)
      }, TIMEOUT_MS)
    }
  })

  it('a mistake that cannot be made any more, because the code has changed, is an error', () => {
    expect(() => child.patched([{ file: 'engine/ledger.js', from: 'a text that is not there', to: '' }])).toThrow(/0 times instead of once/)
  })

  it('every scenario has a mistake that it finds', () => {
    expect([...new Set(MUTATIONS.map(({ scenario }) => scenario))].sort()).toEqual(Object.keys(SCENARIOS).sort())
  })
})
