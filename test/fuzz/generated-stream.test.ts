import fc from 'fast-check'
import { expect, test } from 'vitest'
import { UNAVAILABLE } from '../../src/event/unavailable.ts'
import { seed } from './campaign.ts'
import type { Capture } from './capture.ts'
import { decodeCapture } from './decoding.ts'

/*
  Streams that no server need ever have sent, written by the grammar of the manual: any columns, any cells, any order of
  relations. What they say is known from how they were made, and must be what is decoded, however the bytes are cut.
*/

type Cell = string | null | typeof UNAVAILABLE
interface Change {
  readonly op: 'c' | 'u' | 'd'
  readonly table: number
  readonly old: readonly Cell[] | undefined
  readonly now: readonly Cell[] | undefined
}

const TEXT_OID = 25
const WIDTH = 4
const cell: fc.Arbitrary<Cell> = fc.oneof({ weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) }, { weight: 1, arbitrary: fc.constant(null) })
const stored: fc.Arbitrary<Cell> = fc.oneof({ weight: 5, arbitrary: cell }, { weight: 1, arbitrary: fc.constant<Cell>(UNAVAILABLE) })
const row = fc.array(cell, { minLength: WIDTH, maxLength: WIDTH })
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ op: fc.constant('c' as const), table: fc.nat(2), old: fc.constant(undefined), now: row }),
  fc.record({ op: fc.constant('u' as const), table: fc.nat(2), old: fc.option(row, { nil: undefined }), now: fc.array(stored, { minLength: WIDTH, maxLength: WIDTH }) }),
  fc.record({ op: fc.constant('d' as const), table: fc.nat(2), old: row, now: fc.constant(undefined) }),
)
/** Column names of each table, new ones for each transaction: as if it had been altered. */
const names = fc.array(fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((name) => !name.includes('\0')), { minLength: WIDTH, maxLength: WIDTH }), { minLength: 3, maxLength: 3 })
const transactions = fc.array(fc.record({ names, changes: fc.array(change, { maxLength: 12 }) }), { minLength: 1, maxLength: 6 })

test('any stream of the grammar is decoded to what it says', { timeout: 600_000 }, async () => {
  const runs = Math.ceil(400 * Number(process.env['FUZZ_RUNS'] ?? 1))
  console.log(`generated streams: FUZZ_SEED=${seed}, ${runs} runs`)
  await fc.assert(
    fc.asyncProperty(transactions, fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 }), async (all, sizes) => {
      const bytes = write(all)
      const { events, error } = await decodeCapture(CAPTURE, cut(bytes, sizes))
      expect(error).toBeUndefined()
      expect(events.map(({ op, table, before, after }) => ({ op, table, before, after }))).toEqual(all.flatMap((each) => each.changes.map((one) => said(one, each.names[one.table]!))))
    }),
    { seed, numRuns: runs },
  )
})

const CAPTURE: Capture = { major: 0, version: '', database: 'd', origin: 'pg:1:d', from: '0/10', tables: [], types: [{ oid: TEXT_OID, element: 0, base: 0, name: 'text', schema: 'pg_catalog', kind: 'b', delimiter: ',', typmod: -1, labels: null } as Capture['types'][number]], stream: Buffer.alloc(0), results: [], notices: [] }

/** The tables have no key and REPLICA IDENTITY FULL: what the old row has, the new one need not repeat. */
function said({ op, table, old, now }: Change, columns: readonly string[]): unknown {
  const object = (cells: readonly Cell[] | undefined): unknown => (cells === undefined ? null : Object.fromEntries(columns.map((name, index) => [name, clean(cells[index]!)])))
  const whole = now?.map((value, index) => (value === UNAVAILABLE && old !== undefined ? old[index]! : value))
  return { op, table: `public.t${table}`, before: object(old), after: object(whole) }
}

/** UTF-8 has no lone surrogates. */
function clean(value: Cell): Cell {
  return typeof value === 'string' ? Buffer.from(value).toString() : value
}

function write(all: readonly { readonly names: readonly (readonly string[])[]; readonly changes: readonly Change[] }[]): Buffer {
  const messages = [framed(0x57, Buffer.from([0, 0, 0]))]
  let lsn = 0x100n
  for (const { names: columns, changes } of all) {
    const commit = lsn + 0x80n
    messages.push(data(lsn, [0x42, int64(commit), int64(0n), int32(7)]))
    columns.forEach((list, table) => messages.push(data(0n, [
      0x52, int32(table + 1), cString('public'), cString(`t${table}`), 0x66, int16(WIDTH), ...list.flatMap((name) => [1, cString(name), int32(TEXT_OID), int32(-1)]),
    ])))
    for (const { op, table, old, now } of changes) {
      const parts = [old === undefined ? [] : [0x4f, ...tuple(old)], now === undefined ? [] : [0x4e, ...tuple(now)]].flat()
      messages.push(data(lsn, [{ c: 0x49, u: 0x55, d: 0x44 }[op], int32(table + 1), ...parts]))
      lsn += 1n
    }
    messages.push(data(commit + 8n, [0x43, 0, int64(commit), int64(commit + 8n), int64(0n)]))
    // where one transaction ends the next may commit
    lsn = commit + 8n
  }
  return Buffer.concat(messages)
}

type Part = number | Buffer

function tuple(cells: readonly Cell[]): Part[] {
  return [int16(cells.length), ...cells.flatMap((value): Part[] => {
    if (value === null) return [0x6e]
    if (value === UNAVAILABLE) return [0x75]
    const text = Buffer.from(value)
    return [0x74, int32(text.length), text]
  })]
}

function data(lsn: bigint, parts: readonly Part[]): Buffer {
  return framed(0x64, join([0x77, int64(lsn), int64(0n), int64(0n), ...parts]))
}

function framed(type: number, body: Buffer): Buffer {
  return join([type, int32(body.length + 4), body])
}

function join(parts: readonly Part[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : part)))
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(value)
  return bytes
}

function cString(text: string): Buffer {
  return Buffer.concat([Buffer.from(text), Buffer.from([0])])
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const end = at + sizes[turn % sizes.length]!
    chunks.push(bytes.subarray(at, end))
    at = end
  }
  return chunks
}
