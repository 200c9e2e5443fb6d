import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assemble } from '../../../src/kafka/kafkajs/whole-responses.ts'

function response(body: Uint8Array): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length)
  return Buffer.concat([length, body])
}

/** The responses in what was handed on; undefined where one is not whole. */
function responses(handed: readonly Buffer[]): Buffer[] | undefined {
  const found: Buffer[] = []
  for (const bytes of handed) {
    for (let at = 0; at < bytes.length; ) {
      if (bytes.length - at < 4) return undefined
      const end = at + 4 + bytes.readInt32BE(at)
      if (end > bytes.length) return undefined
      found.push(bytes.subarray(at + 4, end))
      at = end
    }
  }
  return found
}

describe('responses of a broker', () => {
  test('are handed on whole and in order, however they are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (bodies, sizes) => {
        const stream = Buffer.concat(bodies.map(response))
        const handed: Buffer[] = []
        const take = assemble({ destroy: () => { throw new Error('destroyed') } }, (bytes) => handed.push(Buffer.from(bytes)))
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = sizes[turn % sizes.length]!
          take(stream.subarray(at, at + size))
          at += size
        }
        expect(responses(handed)?.map((body) => body.toString('hex'))).toEqual(bodies.map((body) => Buffer.from(body).toString('hex')))
      }),
    )
  })

  test('the beginning of one that never ends is kept', () => {
    const handed: Buffer[] = []
    const take = assemble({ destroy: () => { throw new Error('destroyed') } }, (bytes) => handed.push(bytes))
    take(response(Buffer.alloc(100)).subarray(0, 50))
    take(Buffer.alloc(10))
    expect(handed).toEqual([])
  })

  test('a length that is none ends the connection', () => {
    const ends: unknown[] = []
    const take = assemble({ destroy: (error) => void ends.push(error) as never }, () => {})
    take(Buffer.from('HTTP/1.1 400 Bad Request'))
    expect(String(ends[0])).toContain('claims')
  })
})
