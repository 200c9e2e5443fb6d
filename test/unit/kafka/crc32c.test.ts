import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32c } from '../../../src/kafka/crc32c.ts'
import { seedOf } from '../offset/seed.ts'

/** One bit after the other, as RFC 3720 defines it. */
function slowly(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return ~crc >>> 0
}

/** RFC 3720, appendix B.4. */
const READ_COMMAND = '01c00000000000000000000000000000140000000000040000000014000000182800000000000000' + '0200000000000000'
const RFC_3720: readonly (readonly [what: string, bytes: Buffer, crc: number])[] = [
  ['32 bytes of zeros', Buffer.alloc(32), 0x8a9136aa],
  ['32 bytes of ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ['32 bytes that count up', Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e],
  ['32 bytes that count down', Buffer.from(Array.from({ length: 32 }, (_, index) => 31 - index)), 0x113fdb5c],
  ['an iSCSI read command', Buffer.from(READ_COMMAND, 'hex'), 0xd9963a56],
  ['the digits', Buffer.from('123456789'), 0xe3069283],
]

describe('CRC-32C', () => {
  it.each(RFC_3720)('of %s', (_, bytes, crc) => expect(crc32c(bytes, 0, bytes.length)).toBe(crc))

  it('of every length from 0 to 40, at every alignment', () => {
    const bytes = Buffer.from(Array.from({ length: 64 }, (_, index) => (index * 151 + 17) & 0xff))
    for (let length = 0; length <= 40; length++) {
      for (let start = 0; start < 17; start++) expect(crc32c(bytes, start, start + length)).toBe(slowly(bytes.subarray(start, start + length)))
    }
  })

  it('of any bytes within any others', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), fc.nat(300), fc.nat(7), (bytes, one, other, shift) => {
      const [start, end] = [Math.min(one, other, bytes.length), Math.min(Math.max(one, other), bytes.length)]
      // a view that does not begin where its memory does
      const whole = Buffer.concat([Buffer.alloc(shift), bytes])
      expect(crc32c(whole.subarray(shift), start, end)).toBe(slowly(bytes.subarray(start, end)))
    }), { seed: seedOf('crc32c'), numRuns: 1000 })
  })
})
