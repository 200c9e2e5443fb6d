import { randomInt } from 'node:crypto'
import { expect, test } from 'vitest'
import { faultRun, type FaultKind } from './fault-run.ts'

const GIVEN = process.env['KINESIS_SEED']
const FIRST = GIVEN === undefined ? randomInt(2 ** 31) : Number(GIVEN)
const COUNT = Number(process.env['KINESIS_COUNT'] ?? (GIVEN === undefined ? 8 : 1))

async function runs(kind: FaultKind): Promise<{ all: number; late: number }> {
  const repeats = { all: 0, late: 0 }
  for (let seed = FIRST; seed < FIRST + COUNT; seed++) {
    const run = await faultRun(seed, kind)
    expect(run.violations, `again with KINESIS_SEED=${seed}`).toEqual([])
    repeats.all += run.repeats.all
    repeats.late += run.repeats.late
  }
  console.log(`KINESIS_SEED=${FIRST}, ${COUNT} runs, ${JSON.stringify(kind)}: ${repeats.all} repeats, ${repeats.late} of them behind a later record of their key`)
  return repeats
}

test('through any faults each key’s records arrive completely and in order, and a repeat follows at once what it repeats', async () => {
  await runs({ late: false, aggregate: false })
}, 120_000)

test('a request that is carried out after it was given up repeats records late, and never brings one for the first time', async () => {
  await runs({ late: true, aggregate: false })
}, 120_000)

test('aggregated records arrive completely and in order as well, and are repeated together', async () => {
  await runs({ late: true, aggregate: true })
}, 120_000)
