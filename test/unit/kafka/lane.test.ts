import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Lane, type Shipment } from '../../../src/kafka/kafkajs/lane.ts'
import { PartitionBatch } from '../../../src/kafka/partition-batch.ts'
import { seedOf } from '../offset/seed.ts'

const MAX_BYTES = 1000
const NONE: ReadonlySet<string> = new Set()

function shipment(number: number, topic: string, partition: number, length: number): Shipment {
  const batch = new PartitionBatch(topic, partition, 0, 0)
  batch.length = length
  return { batch, number, sequence: undefined, resolve: () => {}, reject: () => {} }
}

const place = ({ batch }: Shipment): string => `${batch.topic}:${batch.partition}`
const step = fc.oneof(
  fc.record({ add: fc.record({ topic: fc.constantFrom('a', 'b'), partition: fc.nat(2), length: fc.integer({ min: 61, max: 1500 }) }) }),
  fc.constant({ add: undefined }),
)

describe('what waits for a broker', () => {
  it('leaves in requests of one batch a partition, and nothing overtakes', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const lane = new Lane(1)
      const given: Shipment[] = []
      const left: Shipment[] = []
      const take = (): void => {
        const request = lane.take(MAX_BYTES, NONE)
        expect(new Set(request.map(place)).size).toBe(request.length)
        expect(request.length <= 1 || request.reduce((sum, { batch }) => sum + batch.length, 0) <= MAX_BYTES).toBe(true)
        // what waited longest goes: nobody starves
        const oldest = given.find((one) => !left.includes(one))
        if (oldest !== undefined) expect(request[0]).toBe(oldest)
        left.push(...request)
      }
      for (const { add } of steps) {
        if (add === undefined) take()
        else {
          const one = shipment(given.length, add.topic, add.partition, add.length)
          given.push(one)
          lane.add(one)
        }
      }
      while (lane.ready) take()
      expect(left).toHaveLength(given.length)
      for (const name of new Set(given.map(place))) expect(left.filter((one) => place(one) === name)).toEqual(given.filter((one) => place(one) === name))
    }), { seed: seedOf('lanes'), numRuns: 300 })
  })

  it('stays where its partition is held, and what is for others does not wait for it', () => {
    const lane = new Lane(1)
    const [first, second, third] = [shipment(1, 'a', 0, 100), shipment(2, 'a', 1, 100), shipment(3, 'a', 0, 100)]
    for (const one of [first, second, third]) lane.add(one)
    expect(lane.take(MAX_BYTES, new Set(['a:0']))).toEqual([second])
    expect(lane.take(MAX_BYTES, new Set(['a:0']))).toEqual([])
    expect(lane.take(MAX_BYTES, NONE)).toEqual([first])
    expect(lane.take(MAX_BYTES, NONE)).toEqual([third])
  })

  it('waits while five requests are unanswered', () => {
    const lane = new Lane(1)
    lane.add(shipment(1, 'a', 0, 100))
    lane.inFlight = 4
    expect(lane.ready).toBe(true)
    lane.inFlight = 5
    expect(lane.ready).toBe(false)
  })

  it('finds its broker one after the other, also after a failure', async () => {
    const lane = new Lane(1)
    const ended: number[] = []
    const all = [30, 0, 10].map(async (ms, index) => {
      await lane.inTurn(async () => {
        await delay(ms)
        if (index === 1) throw new Error('gone')
      }).catch(() => {})
      ended.push(index)
    })
    await Promise.all(all)
    expect(ended).toEqual([0, 1, 2])
  })

  it('can be taken back, in order', () => {
    const lane = new Lane(1)
    const all = [1, 2, 3].map((number) => shipment(number, 'a', 0, 100))
    for (const one of all) lane.add(one)
    lane.take(MAX_BYTES, NONE)
    expect(lane.clear()).toEqual(all.slice(1))
    expect(lane.ready).toBe(false)
  })
})
