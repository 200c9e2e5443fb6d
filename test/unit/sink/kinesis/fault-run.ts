import { setTimeout as delay } from 'node:timers/promises'
import type { SampleRecord } from '../../../../src/testing/index.ts'
import { systemClock, type Clock } from '../../../../src/time/clock.ts'
import { startKinesisFaults, type KinesisFaults, type KinesisRules, type RequestFault } from '../../../server/kinesis-faults.ts'
import { Random } from '../../../simulation/random.ts'
import { deaggregate } from './deaggregate.ts'
import { openSink } from './sink-bench.ts'

/** The sink's time runs faster, so that it looks at the shards again within a run. */
const SPEED = 200
const CLOCK: Clock = {
  nowMicros: () => systemClock.nowMicros(),
  monotonicMs: () => systemClock.monotonicMs() * SPEED,
  after: (ms, callback) => systemClock.after(ms / SPEED, callback),
}
const STREAMS = ['orders', 'lines'] as const

export interface FaultRun {
  readonly violations: string[]
  /** Records stored more than once, and of those the ones that came behind a later record of their key. */
  readonly repeats: { readonly all: number; readonly late: number }
  readonly records: number
}

export interface FaultKind {
  /** Requests that were given up may still be carried out afterwards. */
  readonly late: boolean
  readonly aggregate: boolean
}

/** Many keys through random faults of every kind. */
export async function faultRun(seed: number, { late, aggregate }: FaultKind): Promise<FaultRun> {
  const random = new Random(seed)
  await using kinesis = await startKinesisFaults(rulesOf(random, late))
  for (const name of STREAMS) kinesis.stream(name, random.between(1, 5))
  const records = randomRecords(random)
  {
    await using sink = await openSink(kinesis.url, {
      aggregate,
      maxInFlight: random.between(1, 8), batchSize: random.pick([1, 3, 20, 500]), requestTimeoutMs: (late ? 150 : 5_000) * SPEED, retry: { initialDelayMs: SPEED, maxDelayMs: 20 * SPEED },
      buffer: { maxBytes: random.pick([1, 5_000, 16_000_000]), maxRecordsPerKey: random.pick([1, 3, 1_000]) },
    }, { random: random.next, clock: CLOCK })
    for (let from = 0; from < records.length; ) {
      const count = random.between(1, 60)
      await sink.write(records.slice(from, from + count))
      from += count
      if (random.chance(0.1)) await sink.flush()
      if (random.chance(0.3)) kinesis.stream('orders').split(random.pick(kinesis.stream('orders').shards.filter(({ closed }) => !closed)).id)
    }
    await sink.flush()
  }
  // what is still to be carried out late
  if (late) await delay(60)
  return judge(kinesis, records, !late && !aggregate)
}

function randomRecords(random: Random): SampleRecord[] {
  const counts = new Map<string, number>()
  const keys = random.between(1, 60)
  return Array.from({ length: random.between(50, 500) }, () => {
    const destination = random.pick(STREAMS)
    // some keys are hot
    const key = `k${Math.floor(random.next() ** 3 * keys)}`
    const number = (counts.get(destination + key) ?? 0) + 1
    counts.set(destination + key, number)
    return { destination, key, value: String(number).padEnd(random.pick([1, 10, 200])) }
  })
}

function rulesOf(random: Random, late: boolean): KinesisRules {
  const recordFaults = random.pick([0, 0.02, 0.3])
  const requestFaults = random.pick([0, 0.05, 0.3])
  const kinds: readonly RequestFault[] = [
    { fault: 'cut' }, { fault: 'lose' }, { fault: 'refuse', type: 'InternalFailure', status: 500 }, { fault: 'refuse', type: 'ProvisionedThroughputExceededException' },
    { fault: 'refuse', type: 'ServiceUnavailable', status: 503 }, { fault: 'answer', body: {} }, { fault: 'answer', body: { FailedRecordCount: 3, Records: [] } },
    // a limit of time that is short enough to test this would, on a busy machine, give up requests that are only slow
    ...(late ? [{ fault: 'hang' } as const, ...([1, 5, 20, 50] as const).map((ms): RequestFault => ({ fault: 'late', ms }))] : []),
  ]
  return {
    latencyMs: random.pick([0, 0, 2]),
    limits: random.chance(0.3) ? { recordsPerSecond: 2_000, bytesPerSecond: 100_000 } : undefined,
    request: () => (random.chance(requestFaults) ? random.pick(kinds) : undefined),
    record: () => (random.chance(recordFaults) ? random.pick(['InternalFailure', 'ProvisionedThroughputExceededException']) : undefined),
  }
}

/** What each key's records became, against what was sent. `atOnce`: a repeat may not come behind a later record of its key. */
function judge(kinesis: KinesisFaults, records: readonly SampleRecord[], atOnce: boolean): FaultRun {
  const violations: string[] = []
  const repeats = { all: 0, late: 0 }
  for (const { stream, entries } of kinesis.requests) {
    if (new Set(entries.map(({ PartitionKey }) => PartitionKey)).size < entries.length) violations.push(`a request to ${stream} holds a key twice`)
  }
  const sent = new Map<string, string[]>()
  for (const { destination, key, value } of records) sent.set(`${destination} ${key!}`, [...(sent.get(`${destination} ${key!}`) ?? []), value!])
  for (const [name, values] of sent) {
    const [stream, key] = name.split(' ') as [string, string]
    const stored = kinesis.stream(stream).of(key).flatMap(({ partitionKey, data }) => deaggregate(partitionKey, data)).map(({ data }) => data.toString())
    const first = [...new Set(stored)]
    if (first.join() !== values.join()) violations.push(`${name}: sent ${values.length}, in order of their first arrival ${first.map((value) => value.trim()).join()}`)
    let highest = 0
    for (const value of stored) {
      if (Number(value) < highest) repeats.late++
      highest = Math.max(highest, Number(value))
    }
    repeats.all += stored.length - first.length
  }
  if (atOnce && repeats.late > 0) violations.push(`${repeats.late} repeats came behind a later record of their key`)
  return { violations, repeats, records: records.length }
}
