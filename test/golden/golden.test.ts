import { afterAll, beforeAll, expect, it } from 'vitest'
import { POSTGRES_MAJORS, startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { describeTally, unusedRules, type Tally } from './difference.ts'
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
  let server: PostgresServer

  beforeAll(async () => {
    server = await startPostgres({ major })
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    process.stdout.write(report(names, outcome, tally))
  })

  it.each(names)('%s', { timeout: 60_000 }, async (name) => {
    outcome.set(name, 'did not finish')
    const difference = await runScenario(readScenario(name), server, tally).catch((error: unknown) => {
      outcome.set(name, String(error))
      throw error
    })
    outcome.set(name, difference)
    if (difference !== '') expect.fail(`\n${difference}`)
  })
})

function report(names: readonly string[], outcome: ReadonlyMap<string, string>, tally: Tally): string {
  const failed = [...outcome].filter(([, difference]) => difference !== '')
  const lines = [`goldens: matched ${outcome.size - failed.length} of ${outcome.size} (PostgreSQL ${major})`]
  for (const [name, difference] of failed) lines.push(`  differs: ${name}: ${difference.split('\n').slice(0, 2).join(' ').slice(0, 160)}`)
  for (const line of describeTally(tally)) lines.push(`  excused by docs/differences.md, ${line}`)
  // Only the whole suite can tell whether a rule is of use.
  if (outcome.size === names.length) for (const rule of unusedRules(tally)) lines.push(`  a rule that excuses nothing: ${rule}`)
  return `\n${lines.join('\n')}\n`
}
