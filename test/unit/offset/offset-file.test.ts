import fc from 'fast-check'
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { TailraceError } from '../../../src/error/tailrace-error.ts'
import { canonicalJson } from '../../../src/offset/file/canonical-json.ts'
import { decodeOffset, encodeOffset, MAX_OFFSET_BYTES } from '../../../src/offset/file/offset-file.ts'
import type { StoredOffset } from '../../../src/offset/offset-store.ts'
import type { JsonValue } from '../../../src/event/position.ts'
import { seedOf } from './seed.ts'

const orders: StoredOffset = {
  engine: 'orders',
  source: 'postgresql',
  identity: { system: '7318349394477056042', timeline: 1, database: 'shop', slot: 'orders', publication: 'orders' },
  position: { phase: 'stream', lsn: '16/B374D848', snapshot: null },
  partial: 1,
}

/** The code of the error, or the offset. */
function outcome(bytes: Buffer, engine = 'orders'): unknown {
  try {
    return decodeOffset(bytes, engine, 'orders.offset.json')
  } catch (error) {
    if (error instanceof TailraceError) return error.code
    throw error
  }
}

const text = fc.string({ unit: 'binary', maxLength: 20 })
const json = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 8 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    text,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4 }),
  ),
})).value
const members = fc.dictionary(text, json, { maxKeys: 5 })
const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 })
const offsets: fc.Arbitrary<StoredOffset> = fc.record(
  { engine: name, source: name, identity: members, position: members, partial: fc.nat() },
  { requiredKeys: ['engine', 'source', 'identity', 'position'] },
)

describe('writing and reading', () => {
  test('every offset comes back as it was, from one text alone', () => {
    const seed = seedOf('offset round trip')
    fc.assert(
      fc.property(offsets, fc.infiniteStream(fc.nat()), (offset, random) => {
        const bytes = encodeOffset(offset)
        expect(outcome(bytes, offset.engine)).toEqual(offset)
        expect(encodeOffset(shuffled(offset, () => random.next().value) as StoredOffset)).toEqual(bytes)
      }),
      { seed, numRuns: 2000 },
    )
  })

  test('a person can read the file', () => {
    expect(encodeOffset({ ...orders, partial: 3 }).toString()).toMatchInlineSnapshot(`
      "{
        "checksum": "sha256:9770351ee97f5f0b7e24a2b1655a8c376a12687696bd9f33b7908accfacb2d35",
        "engine": "orders",
        "identity": {
          "database": "shop",
          "publication": "orders",
          "slot": "orders",
          "system": "7318349394477056042",
          "timeline": 1
        },
        "partial": 3,
        "position": {
          "lsn": "16/B374D848",
          "phase": "stream",
          "snapshot": null
        },
        "source": "postgresql",
        "version": 1
      }
      "
    `)
  })

  test('the checksum is the SHA-256 of the canonical text without it', () => {
    const { checksum, ...rest } = JSON.parse(encodeOffset(orders).toString()) as Record<string, JsonValue>
    expect(checksum).toBe(`sha256:${createHash('sha256').update(canonicalJson(rest)).digest('hex')}`)
  })

  test('what JSON cannot hold, or what is too large to be read back, is not written', () => {
    let deep: JsonValue = 1
    for (let level = 0; level < 20; level++) deep = [deep]
    const unfit: unknown[] = [NaN, -Infinity, 1n, undefined, Symbol('s'), () => 1, new Date(0), new Map(), Buffer.from('x'), [undefined], deep]
    for (const value of unfit.map((item) => ({ inner: [item] }))) {
      expect(() => encodeOffset({ ...orders, position: value as never })).toThrow(expect.objectContaining({ code: 'TR_OFFSET_WRITE' }))
    }
    for (const wrong of [{ engine: '' }, { source: 1 }, { identity: [] }, { position: null }, { partial: -1 }, { partial: 0.5 }, { surplus: 1 }]) {
      expect(() => encodeOffset({ ...orders, ...wrong } as never)).toThrow(expect.objectContaining({ code: 'TR_OFFSET_WRITE' }))
    }
    const fits = { ...orders, position: { text: 'x'.repeat(MAX_OFFSET_BYTES - 1000) } }
    expect(outcome(encodeOffset(fits))).toEqual(fits)
    expect(() => encodeOffset({ ...orders, position: { text: 'x'.repeat(MAX_OFFSET_BYTES) } })).toThrow(expect.objectContaining({ code: 'TR_OFFSET_WRITE' }))
  })
})

describe('damage', () => {
  const bytes = encodeOffset(orders)

  test('cut off at any byte, the file is corrupt', () => {
    for (let length = 0; length < bytes.length; length++) expect([length, outcome(bytes.subarray(0, length))]).toEqual([length, 'TR_OFFSET_CORRUPT'])
  })

  test('with any one bit flipped, the file is refused', () => {
    const codes = new Map<unknown, number>()
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      const code = outcome(flipped)
      codes.set(code, (codes.get(code) ?? 0) + 1)
    }
    // 1 becomes 3, 5 or 9 in "version": 1 – indistinguishable from what a newer version wrote, and refused like it.
    expect(Object.fromEntries(codes)).toEqual({ TR_OFFSET_CORRUPT: bytes.length * 8 - 3, TR_OFFSET_VERSION: 3 })
  })

  test('any byte replaced, inserted, removed or doubled is noticed', () => {
    const seed = seedOf('offset damage')
    const edit = fc.record({ at: fc.nat(bytes.length), removed: fc.nat(3), inserted: fc.uint8Array({ maxLength: 4 }) })
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        let damaged = bytes
        for (const { at, removed, inserted } of edits) damaged = Buffer.concat([damaged.subarray(0, at), inserted, damaged.subarray(at + removed)])
        fc.pre(!damaged.equals(bytes))
        expect(['TR_OFFSET_CORRUPT', 'TR_OFFSET_VERSION']).toContain(outcome(damaged))
      }),
      { seed, numRuns: 20_000 },
    )
  })

  test('the same values in another text are not what was written', () => {
    const document = JSON.parse(bytes.toString()) as object
    const others = [
      JSON.stringify(document),
      JSON.stringify(document, null, 2),
      bytes.toString().replaceAll('\n', '\r\n'),
      `\ufeff${bytes.toString()}`,
      `${bytes.toString()}\n`,
      bytes.toString().replace('"timeline": 1', '"timeline": 1.0'),
      bytes.toString().replace('"timeline": 1', '"timeline": 2,\n    "timeline": 1'),
      bytes.toString().replace('orders', '\\u006frders'),
    ]
    for (const other of others) expect(outcome(Buffer.from(other))).toBe('TR_OFFSET_CORRUPT')
  })

  test('wrong members are damage even with a checksum that fits them', () => {
    const wrong = [
      { ...orders, engine: 1 },
      { ...orders, engine: '' },
      { ...orders, source: null },
      { ...orders, identity: ['slot'] },
      { ...orders, position: 'x' },
      { ...orders, partial: '1' },
      { ...orders, partial: -1 },
      { ...orders, surplus: true },
      { engine: 'orders' },
      {},
    ]
    for (const document of wrong) expect(outcome(signed({ ...document, version: 1 }))).toBe('TR_OFFSET_CORRUPT')
    for (const version of [0, -1, 1.5, '1', null, true, []]) expect(outcome(signed({ ...orders, version }))).toBe('TR_OFFSET_CORRUPT')
    // The way of signing is the right one.
    expect(outcome(signed({ ...orders, version: 1 }))).toEqual(orders)
  })
})

describe('whose and when', () => {
  test('a newer version asks for an upgrade, whatever its members are', () => {
    expect(outcome(signed({ ...orders, version: 2 }))).toBe('TR_OFFSET_VERSION')
    expect(outcome(Buffer.from('{"version": 7, "everything": "else"}'))).toBe('TR_OFFSET_VERSION')
  })

  test('another engine’s offset is foreign, and both names are told', () => {
    expect(() => decodeOffset(encodeOffset(orders), 'invoices', 'x.json')).toThrow(
      expect.objectContaining({ code: 'TR_OFFSET_FOREIGN', kind: 'fatal', where: { file: 'x.json', engine: 'invoices', found: 'orders' } }),
    )
  })

  test('no error tells what is in the file', () => {
    const secret = { ...orders, position: { lsn: 'hunter2' } }
    const bytes = encodeOffset(secret).toString()
    for (const damaged of [bytes.slice(0, -3), bytes.replace('hunter2', 'hunter2!'), bytes.replace('"hunter2"', 'hunter2')]) {
      try {
        decodeOffset(Buffer.from(damaged), 'orders', 'x.json')
        expect.unreachable()
      } catch (error) {
        expect(error).toBeInstanceOf(TailraceError)
        expect(`${JSON.stringify(error)} ${String((error as Error).cause)} ${(error as Error).stack}`).not.toContain('hunter2')
      }
    }
  })
})

describe('arbitrary bytes', () => {
  test('are refused with a code, quickly', () => {
    const seed = seedOf('offset fuzz')
    const arbitrary = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      text,
      fc.json(),
      fc.object().map((value) => JSON.stringify({ version: 1, ...value })),
      fc.record({ version: fc.constant(1), checksum: text, engine: json, source: json, identity: json, position: json }).map((value) => JSON.stringify(value)),
    )
    let slowest = 0
    fc.assert(
      fc.property(arbitrary, (content) => {
        const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content)
        const start = performance.now()
        expect(['TR_OFFSET_CORRUPT', 'TR_OFFSET_VERSION']).toContain(outcome(bytes))
        slowest = Math.max(slowest, performance.now() - start)
      }),
      { seed, numRuns: 20_000 },
    )
    // 50 ms by far suffice; what else runs on the machine is not counted as a failure.
    console.log(`slowest of 20000: ${slowest.toFixed(2)} ms`)
    expect(slowest).toBeLessThan(500)
  })

  test('of the largest size are refused in bounded time', () => {
    const size = MAX_OFFSET_BYTES
    const start = '{"version":1,"engine":"orders","source":"s","identity":{},"position":'
    const worst = [
      '['.repeat(size),
      '{"a":'.repeat(size / 5),
      '"'.padEnd(size, '\\'),
      '1'.repeat(size),
      Buffer.alloc(size, 0xff),
      Buffer.alloc(size),
      `${start}{"a":${'['.repeat(14)}${'0,'.repeat(size / 2 - 200)}0${']'.repeat(14)}}}`,
      `${start}{${Array.from({ length: size / 20 }, (_, index) => `"${String(index).padStart(10, '0')}":0`).join(',')}}}`,
      `${start}${'['.repeat(size / 3)}${']'.repeat(size / 3)}}`,
      Buffer.alloc(size + 1, 0x20),
    ]
    for (const [index, content] of worst.entries()) {
      const begun = performance.now()
      expect(outcome(Buffer.from(content as string))).toBe('TR_OFFSET_CORRUPT')
      const took = performance.now() - begun
      console.log(`worst case ${index}: ${took.toFixed(0)} ms`)
      expect(took).toBeLessThan(5000)
    }
  })
})

/** A document with the checksum that belongs to it. */
function signed(document: Record<string, JsonValue>): Buffer {
  const checksum = `sha256:${createHash('sha256').update(canonicalJson(document)).digest('hex')}`
  return Buffer.from(`${canonicalJson({ ...document, checksum })}\n`)
}

/** The same value with its members in another order. */
function shuffled(value: unknown, random: () => number): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, random))
  if (typeof value !== 'object' || value === null) return value
  const keys = Object.entries(value).map(([key, member]) => ({ key, member: shuffled(member, random), rank: random() }))
  return Object.fromEntries(keys.sort((a, b) => a.rank - b.rank).map(({ key, member }) => [key, member]))
}
