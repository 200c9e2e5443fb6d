import { afterAll, expect, it } from 'vitest'
import { Lanes } from '../server/lanes.ts'
import type { requireMysql } from '../server/require.ts'
import type { Tally } from './difference.ts'
import { MysqlGround, type GroundKind } from './mysql-ground.ts'
import { chosenScenarios, readMysqlScenario, type MysqlFolder } from './mysql-scenario.ts'
import { report } from './report.ts'
import { runScenario } from './run.ts'

/** From so many scenarios on, a second server is worth its start. */
const MANY = 5

/** The chosen scenarios of a folder, on servers of the kind that they were captured on. */
export function mysqlSuite(withServer: Awaited<ReturnType<typeof requireMysql>>, kind: GroundKind, folder: MysqlFolder): void {
  withServer(`records equal Debezium's on ${kind}`, () => {
    const names = chosenScenarios(folder)
    const tally: Tally = []
    const outcome = new Map<string, string>()
    const lanes = new Lanes(Array.from({ length: names.length < MANY ? 1 : 2 }, () => new MysqlGround(kind)))

    afterAll(async () => {
      for (const ground of lanes.grounds) await ground[Symbol.asyncDispose]()
      process.stdout.write(report('goldens', kind, outcome, tally))
    })

    if (names.length === 0) it.skip('none of them was chosen')

    // a test's time begins before its lane is free
    it.concurrent.each(names)('%s', { timeout: 150_000 }, async (name) => {
      outcome.set(name, 'did not finish')
      const difference = await lanes.run(async (ground) => runScenario(readMysqlScenario(folder, name), ground, tally)).catch((error: unknown) => {
        outcome.set(name, String(error))
        throw error
      })
      outcome.set(name, difference)
      if (difference !== '') expect.fail(`\n${difference}`)
    })
  })
}
