import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bigWord32, bigWord64 } from '../../../src/byte/big-endian.ts'
import { joinWords, signed16, word16, word24, word32, word48, word64 } from '../../../src/byte/little-endian.ts'
import { seedOf } from '../offset/seed.ts'

it('integers are those that Buffer reads, wherever they stand', () => {
  const edges = [0, 1, 0x7f, 0x80, 0xff]
  const byte = fc.oneof(fc.constantFrom(...edges), fc.integer({ min: 0, max: 255 }))
  fc.assert(fc.property(fc.array(byte, { minLength: 12, maxLength: 12 }), fc.nat(4), (values, at) => {
    const bytes = Buffer.from(values)
    expect([word16(bytes, at), word24(bytes, at), word32(bytes, at), word48(bytes, at)]).toEqual([bytes.readUInt16LE(at), bytes.readUIntLE(at, 3), bytes.readUInt32LE(at), bytes.readUIntLE(at, 6)])
    expect(signed16(bytes, at)).toBe(bytes.readInt16LE(at))
    expect([word64(bytes, at), bigWord64(bytes, at)]).toEqual([bytes.readBigUInt64LE(at), bytes.readBigUInt64BE(at)])
    expect(bigWord32(bytes, at)).toBe(bytes.readUInt32BE(at))
  }), { seed: seedOf('words'), numRuns: 2000 })
})

it('two words are one number, up to where a double has all of it and beyond', () => {
  for (const high of [0, 1, 0x1fffff, 0x200000, 0x7fffffff, 0x80000000, 0xffffffff]) {
    for (const low of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff]) expect(joinWords(high, low)).toBe(BigInt(high) * 2n ** 32n + BigInt(low))
  }
})
