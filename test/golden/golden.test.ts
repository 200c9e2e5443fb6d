import { afterAll, beforeAll, expect, it } from 'vitest'
import { Lanes } from '../server/lanes.ts'
import { POSTGRES_MAJORS, startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { unusedRules, type Tally } from './difference.ts'
import { PostgresGround } from './postgres-ground.ts'
import { report } from './report.ts'
import { runScenario } from './run.ts'
import { readScenario, scenarioNames } from './scenario.ts'

// What Debezium gave was captured on 15; GOLDEN_POSTGRES=14 … 18 runs the scenarios on another major.
const asked = Number(process.env['GOLDEN_POSTGRES'] ?? 15)
const major = POSTGRES_MAJORS.find((each) => each === asked)
if (major === undefined) throw new Error(`GOLDEN_POSTGRES is ${asked}; known are ${POSTGRES_MAJORS.join(', ')}`)

const withPostgres = await requirePostgres(major)
withPostgres(`records equal Debezium's on PostgreSQL ${major}`, () => {
  const names = scenarioNames()
  const tally: Tally = []
  const outcome = new Map<string, string>()
  let lanes: Lanes<PostgresServer>

  beforeAll(async () => {
    // all scenarios have one database name and slots that are the whole server's
    lanes = new Lanes(await Promise.all([startPostgres({ major }), startPostgres({ major })]))
  })
  afterAll(async () => {
    for (const server of lanes.grounds) await server[Symbol.asyncDispose]()
    process.stdout.write(summary(names, outcome, tally))
  })

  // a test's time begins before its lane is free
  it.concurrent.each(names)('%s', { timeout: 120_000 }, async (name) => {
    outcome.set(name, 'did not finish')
    const difference = await lanes.run(async (server) => runScenario(readScenario(name), new PostgresGround(server), tally)).catch((error: unknown) => {
      outcome.set(name, String(error))
      throw error
    })
    outcome.set(name, difference)
    if (difference !== '') expect.fail(`\n${difference}`)
  })
})

function summary(names: readonly string[], outcome: ReadonlyMap<string, string>, tally: Tally): string {
  // Only the whole suite can tell whether a rule is of use.
  const unused = outcome.size === names.length ? unusedRules(tally).map((rule) => `a rule that excuses nothing: ${rule}`) : []
  return report('goldens', `PostgreSQL ${major}`, outcome, tally, unused)
}
