import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { VarintReader, varintSize, writeVarint } from '../../../src/kafka/varint.ts'
import { seedOf } from '../offset/seed.ts'

/** org.apache.kafka.common.utils.ByteUtilsTest.testCorrectnessWriteVarint and others of it. */
const KNOWN: readonly (readonly [value: number, bytes: string])[] = [
  [0, '00'], [-1, '01'], [1, '02'], [63, '7e'], [-64, '7f'], [64, '8001'], [-65, '8101'], [8191, 'fe7f'], [-8192, 'ff7f'], [8192, '808001'], [-8193, '818001'],
  [1_048_575, 'feff7f'], [-1_048_576, 'ffff7f'], [1_048_576, '80808001'], [-1_048_577, '81808001'], [134_217_727, 'feffff7f'], [-134_217_728, 'ffffff7f'],
  [134_217_728, '8080808001'], [-134_217_729, '8180808001'], [2_147_483_647, 'feffffff0f'], [-2_147_483_648, 'ffffffff0f'],
]

describe('varints', () => {
  it.each(KNOWN)('%d is %s', (value, hex) => {
    const out = Buffer.alloc(8)
    const end = writeVarint(out, 1, value)
    expect(out.subarray(1, end).toString('hex')).toBe(hex)
    expect(varintSize(value)).toBe(hex.length / 2)
    expect(new VarintReader(out, 1).next()).toBe(value)
  })

  it('every 32-bit integer comes back, in as many bytes as foretold', () => {
    fc.assert(fc.property(fc.array(fc.integer(), { maxLength: 20 }), (values) => {
      const out = Buffer.alloc(values.length * 5)
      let at = 0
      for (const value of values) {
        const end = writeVarint(out, at, value)
        expect(end - at).toBe(varintSize(value))
        at = end
      }
      const reader = new VarintReader(out, 0)
      expect(values.map(() => reader.next())).toEqual(values)
      expect(reader.at).toBe(at)
    }), { seed: seedOf('varints'), numRuns: 1000 })
  })

  it('longer ones of others are read as far as doubles go', () => {
    // a timestamp delta of 2^51 ms, zig-zag, seven bits a byte
    const bytes: number[] = []
    let rest = 2 ** 52
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
    expect(new VarintReader(Buffer.from([...bytes, rest]), 0).next()).toBe(2 ** 51)
  })

  it('what ends too early is an error', () => {
    expect(() => new VarintReader(Buffer.from([0x80]), 0).next()).toThrow(RangeError)
    expect(() => new VarintReader(Buffer.from([0x06, 1, 2]), 0).slice()).toThrow(RangeError)
    expect(new VarintReader(Buffer.from([0x01]), 0).slice()).toBeNull()
  })
})
