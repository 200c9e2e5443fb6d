import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Accumulator } from '../../../src/kafka/accumulator.ts'
import { batchRecords } from '../../../src/kafka/batch-records.ts'
import type { PartitionBatch } from '../../../src/kafka/partition-batch.ts'
import { seedOf } from '../offset/seed.ts'
import { saidRecord, slices, told, type SaidRecord } from './arbitrary-record.ts'

/** The header of a batch, and a record's five lengths. */
const OVERHEAD = 61 + 32

interface Placed {
  readonly topic: string
  readonly partition: number
  readonly record: SaidRecord
}

const placed: fc.Arbitrary<Placed> = fc.record({ topic: fc.constantFrom('a', 'b'), partition: fc.nat(3), record: saidRecord })

function append(into: Accumulator, { topic, partition, record }: Placed): void {
  into.append(topic, partition, slices(record), record.headers, record.timestampMs)
}

function said(key: number, value: number, timestampMs = 0): Placed {
  return { topic: 'a', partition: 0, record: { key: Buffer.alloc(key), value: Buffer.alloc(value), headers: [], timestampMs } }
}

function fill(batchBytes: number, ...records: readonly Placed[]): PartitionBatch[] {
  const accumulator = new Accumulator(batchBytes)
  for (const record of records) append(accumulator, record)
  return accumulator.take()
}

describe('records that are collected', () => {
  it('leave in the order in which they came, partition by partition, in batches that are not larger than asked for', () => {
    fc.assert(fc.property(fc.array(fc.array(placed, { maxLength: 20 }), { maxLength: 5 }), fc.integer({ min: 0, max: 30_000 }), (rounds, batchBytes) => {
      const accumulator = new Accumulator(batchBytes)
      const taken: PartitionBatch[] = []
      for (const round of rounds) {
        for (const one of round) append(accumulator, one)
        expect(accumulator.empty).toBe(round.length === 0)
        const batches = accumulator.take()
        expect(accumulator.empty && accumulator.bytes === 0).toBe(true)
        taken.push(...batches)
      }
      const all = rounds.flat()
      for (const topic of ['a', 'b']) {
        for (let partition = 0; partition < 4; partition++) {
          const mine = (one: { readonly topic: string; readonly partition: number }): boolean => one.topic === topic && one.partition === partition
          expect(taken.filter(mine).flatMap(batchRecords).map(told)).toEqual(all.filter(mine).map(({ record }) => told(record)))
        }
      }
      for (const batch of taken) expect(batch.count === 1 || batch.length <= batchBytes + OVERHEAD).toBe(true)
    }), { seed: seedOf('accumulator'), numRuns: 150 })
  })

  it('are counted in bytes until they are taken', () => {
    const accumulator = new Accumulator(10_000)
    append(accumulator, said(10, 1000))
    expect(accumulator.bytes).toBeGreaterThanOrEqual(1010)
    append(accumulator, said(10, 1000))
    expect(accumulator.bytes).toBeGreaterThanOrEqual(2020)
    accumulator.take()
    expect(accumulator.bytes).toBe(0)
  })

  it('count with their keys: two that fit alone do not make a batch that is too large', () => {
    expect(fill(1000, said(600, 1), said(600, 1)).map(({ count }) => count)).toEqual([1, 1])
  })

  it('after a clock that leaps by months begin a batch, whose first time they are written against', () => {
    const batches = fill(1000, said(1, 1, 0), said(1, 1, 1_800_000_000_000), said(1, 1, 1_800_000_000_001), said(1, 1, 5))
    expect(batches.map((batch) => batchRecords(batch).map(({ timestampMs }) => timestampMs))).toEqual([[0], [1_800_000_000_000, 1_800_000_000_001], [5]])
  })

  it('use the memory of batches again that were acknowledged at the first attempt, and of no others', () => {
    const accumulator = new Accumulator(20_000)
    const next = (): PartitionBatch => {
      append(accumulator, said(4, 17_000))
      return accumulator.take()[0]!
    }
    // a partition's first batch is small, and the next ones are as large as they may be
    next()
    const once = next()
    once.sent = 1
    const twice = next()
    twice.sent = 2
    const unsent = next()
    accumulator.recycle([once, twice, unsent])
    const again = next()
    expect(again.bytes).toBe(once.bytes)
    expect(batchRecords(again)).toHaveLength(1)
    expect([twice.bytes, unsent.bytes]).not.toContain(next().bytes)
  })
})
