import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { batchRecords } from '../../../src/kafka/batch-records.ts'
import { crc32c } from '../../../src/kafka/crc32c.ts'
import { encodedHeaders, PartitionBatch } from '../../../src/kafka/partition-batch.ts'
import { seedOf } from '../offset/seed.ts'
import { saidRecord, slices, told, type SaidRecord } from './arbitrary-record.ts'

function batchOf(records: readonly SaidRecord[], capacity = 0): PartitionBatch {
  const batch = new PartitionBatch('t', 3, records[0]!.timestampMs, capacity)
  for (const record of records) batch.append(slices(record), encodedHeaders(record.headers), record.timestampMs)
  return batch
}

const some = fc.array(saidRecord, { minLength: 1, maxLength: 30 })

describe('a record batch', () => {
  it('gives back what was appended, whatever it is and however little room it began with', () => {
    fc.assert(fc.property(some, fc.nat(2000), (records, capacity) => {
      expect(batchRecords(batchOf(records, capacity)).map(told)).toEqual(records.map(told))
    }), { seed: seedOf('record batches'), numRuns: 300 })
  })

  it('has a header that fits its records, for the producer that it was stamped for last', () => {
    fc.assert(fc.property(some, fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }), fc.nat(32_767), fc.nat(), fc.boolean(), (records, producer, epoch, sequence, transactional) => {
      const batch = batchOf(records)
      batch.stamp(1n, 1, 1, !transactional)
      batch.stamp(producer, epoch, sequence, transactional)
      const { bytes, length } = batch
      expect(bytes.readBigInt64BE(0)).toBe(0n)
      expect(bytes.readInt32BE(8)).toBe(length - 12)
      expect(bytes[16]).toBe(2)
      expect(bytes.readUInt32BE(17)).toBe(crc32c(bytes, 21, length))
      expect(bytes.readInt16BE(21)).toBe(transactional ? 0x10 : 0)
      expect(bytes.readInt32BE(23)).toBe(records.length - 1)
      expect(bytes.readBigInt64BE(27)).toBe(BigInt(records[0]!.timestampMs))
      expect(bytes.readBigInt64BE(35)).toBe(BigInt(Math.max(...records.map(({ timestampMs }) => timestampMs))))
      expect([bytes.readBigInt64BE(43), bytes.readInt16BE(51), bytes.readInt32BE(53), bytes.readInt32BE(57)]).toEqual([producer, epoch, sequence, records.length])
    }), { seed: seedOf('batch headers'), numRuns: 100 })
  })

  it('carries compressed what it carried before, also where that is longer', () => {
    const longer = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from('compressed'), bytes])
    const records: SaidRecord[] = [{ key: null, value: Buffer.from('v'), headers: [], timestampMs: 5 }]
    const plain = batchOf(records)
    const batch = batchOf(records)
    batch.compress({ id: 4, compress: longer })
    batch.stamp(1n, 0, 0, true)
    expect(batch.bytes.subarray(61, batch.length)).toEqual(longer(plain.uncompressed))
    expect(batch.bytes.readInt16BE(21)).toBe(0x14)
    expect(batch.count).toBe(1)
  })
})
