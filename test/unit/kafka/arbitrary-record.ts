import fc from 'fast-check'
import type { Header } from '../../../src/format/format.ts'
import type { RecordSlices } from '../../../src/kafka/partition-batch.ts'

/** A record as a test says it. */
export interface SaidRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly Header[]
  readonly timestampMs: number
}

const bytes = (maxLength: number): fc.Arbitrary<Buffer> => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array))
const NOW_MS = 1_800_000_000_000

/** Nulls, empty ones, ones around the lengths where varints grow, headers without a value's bytes, timestamps that go back. */
export const saidRecord: fc.Arbitrary<SaidRecord> = fc.record({
  key: fc.option(bytes(80)),
  value: fc.option(fc.oneof(bytes(80), fc.nat(20_000).map((length) => Buffer.alloc(length, 0xa5)))),
  headers: fc.array(fc.record({ name: fc.string({ unit: 'grapheme', maxLength: 20 }), value: bytes(70) }), { maxLength: 4 }),
  timestampMs: fc.oneof(fc.constant(NOW_MS), fc.integer({ min: NOW_MS - 2 ** 30, max: NOW_MS + 2 ** 30 })),
})

/** Its bytes within others, as a batch of the engine has them. */
export function slices({ key, value }: SaidRecord): RecordSlices {
  const before = Buffer.from('before')
  const keyStart = before.length
  const keyEnd = keyStart + (key?.length ?? 0)
  const valueEnd = keyEnd + (value?.length ?? 0)
  return {
    bytes: Buffer.concat([before, key ?? Buffer.alloc(0), value ?? Buffer.alloc(0), Buffer.from('behind')]),
    ...(key === null ? { keyStart: -1, keyEnd: -1 } : { keyStart, keyEnd }),
    ...(value === null ? { valueStart: -1, valueEnd: -1 } : { valueStart: keyEnd, valueEnd }),
  }
}

/** A record as a text: comparing buffers byte by byte takes a test's time. */
export function told({ key, value, headers, timestampMs }: SaidRecord): string {
  return JSON.stringify([timestampMs, key?.toString('hex') ?? null, value?.toString('hex') ?? null, ...headers.map((header) => [header.name, header.value.toString('hex')])])
}
