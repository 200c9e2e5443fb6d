import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { isTailraceError } from '../../src/error/tailrace-error.ts'
import { EVENT } from '../../src/source/mysql/binlog/event-type.ts'
import { CAPTURED_SERVERS, readCapture, type CapturedServer } from '../unit/source/mysql/binlog/capture.ts'
import { Walk } from '../unit/source/mysql/binlog/walk.ts'
import { campaign, quote, withinLimits, type Random } from './campaign.ts'
import { mutate } from './mutation.ts'

const HEADER = 19
const CHECKSUM = 4
const RUNS = 3000
const LIMIT = 1_000_000
/** Around an event: what is read of it is not of the event. */
const SURROUNDINGS = [Buffer.alloc(64, 0x00), Buffer.alloc(64, 0xff), Buffer.alloc(64, 0x05)]
const CODES = new Set(['TR_MYSQL_PROTOCOL', 'TR_MYSQL_EVENT_TOO_LARGE'])
const COMPRESSED = new Set<number>([EVENT.transactionPayload, EVENT.queryCompressed, EVENT.writeRowsCompressedV1, EVENT.updateRowsCompressedV1, EVENT.deleteRowsCompressedV1])

interface Sample {
  readonly mariadb: boolean
  readonly type: number
  readonly event: Buffer
  /** Of the tables whose rows it has. */
  readonly maps: readonly Buffer[]
}

function samplesOf(server: CapturedServer): Sample[] {
  const mariadb = server.startsWith('mariadb')
  return Object.values(readCapture(server).sections).flatMap((bytes) => {
    const maps = new Map<number, Buffer>()
    const found: Sample[] = []
    for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at + 9)) {
      const event = bytes.subarray(at, at + bytes.readUInt32LE(at + 9))
      const type = event[4]!
      if (type === EVENT.tableMap) maps.set(event.readUIntLE(HEADER, 6), event)
      if (event.length < 10_000) found.push({ mariadb, type, event, maps: [...maps.values()].slice(-1) })
    }
    return found
  })
}

/** By type: there are many more inserts than rotations. */
const samples = new Map<number, Sample[]>()
for (const sample of CAPTURED_SERVERS.flatMap(samplesOf)) samples.set(sample.type, [...(samples.get(sample.type) ?? []), sample])
const bodies = [...samples.values()].flat().map(({ event }) => event.subarray(HEADER, -CHECKSUM))

function pick(random: Random): Sample {
  return random.pick(samples.get(random.pick([...samples.keys()]))!)
}

/** The event with another body, and a header that says so. */
function withBody(event: Buffer, body: Buffer): Buffer {
  const whole = Buffer.concat([event.subarray(0, HEADER), body, Buffer.alloc(CHECKSUM)])
  whole.writeUInt32LE(whole.length, 9)
  return whole
}

/** What it is decoded to, or the error's code, as text. */
function decode({ mariadb, maps }: Sample, event: Buffer, around: Buffer): string {
  const walk = new Walk(mariadb, LIMIT)
  for (const map of maps) void [...walk.event(map, 0, map.length)]
  const placed = Buffer.concat([around, event, around])
  try {
    return inspect([...walk.event(placed, around.length, around.length + event.length)].map(({ header, value }) => [header.type, value]), { depth: 8, maxArrayLength: 1000, maxStringLength: 10_000 })
  } catch (error) {
    if (isTailraceError(error) && CODES.has(error.code)) return error.code
    throw new Error(`not an error of ours, for ${quote(event)}`, { cause: error })
  }
}

const outcomes = { decoded: 0, refused: 0 }

test('a damaged event is decoded to something or is an error of ours, in time, and nothing outside of it is read', { timeout: 120_000 }, async () => {
  await campaign('binlog event', RUNS, async (random) => {
    const sample = pick(random)
    const mutant = withBody(sample.event, mutate(Buffer.from(sample.event.subarray(HEADER, -CHECKSUM)), random, bodies))
    const first = COMPRESSED.has(sample.type) ? decode(sample, mutant, SURROUNDINGS[0]!) : await withinLimits(mutant, () => decode(sample, mutant, SURROUNDINGS[0]!), 8)
    for (const around of SURROUNDINGS.slice(1)) expect(decode(sample, mutant, around)).toBe(first)
    outcomes[CODES.has(first) ? 'refused' : 'decoded']++
  })
  console.log(outcomes)
  // else the damage is too great or too small to show anything
  expect(Math.min(outcomes.decoded, outcomes.refused)).toBeGreaterThan(200)
})

test('every event that is cut off anywhere is an error of ours, or reads to the same wherever it lies', { timeout: 120_000 }, () => {
  const events = [...samples.values()].flatMap((all) => [all[0]!, all[Math.floor(all.length / 2)]!, all.at(-1)!])
  for (const sample of events) {
    const body = sample.event.subarray(HEADER, -CHECKSUM)
    const step = Math.max(1, Math.floor(body.length / 150))
    for (let length = 0; length < body.length; length += step) {
      const cut = withBody(sample.event, body.subarray(0, length))
      const [one, ...others] = SURROUNDINGS.map((around) => decode(sample, cut, around))
      for (const other of others) expect(other).toBe(one)
    }
  }
})
