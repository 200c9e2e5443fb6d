import { describe, expect, it } from 'vitest'
import { murmur2, partitionOfKey } from '../../../src/kafka/murmur2.ts'

/** Kafka's own: org.apache.kafka.common.utils.UtilsTest.testMurmur2. */
const KNOWN: readonly (readonly [key: string, hash: number])[] = [
  ['21', -973932308], ['foobar', -790332482], ['a-little-bit-long-string', -985981536], ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971], ['abc', 479470107],
]

describe('keys are hashed as Kafka’s Java client does', () => {
  it.each(KNOWN)('%s', (key, hash) => {
    const bytes = Buffer.from(key)
    expect(murmur2(bytes, 0, bytes.length)).toBe(hash)
  })

  it('wherever they stand in other bytes', () => {
    for (const [key, hash] of KNOWN) {
      for (let before = 0; before < 9; before++) {
        const bytes = Buffer.from(`${'x'.repeat(before)}${key}behind`)
        expect(murmur2(bytes, before, before + key.length)).toBe(hash)
      }
    }
  })

  it('a negative hash is made positive by its sign bit, as Utils.toPositive does', () => {
    const bytes = Buffer.from('foobar')
    expect(partitionOfKey(bytes, 0, bytes.length, 7)).toBe((-790332482 & 0x7fffffff) % 7)
    // and not by Math.abs or >>> 0, which choose other partitions
    expect([Math.abs(-790332482) % 7, (-790332482 >>> 0) % 7]).not.toContain(partitionOfKey(bytes, 0, bytes.length, 7))
  })
})
