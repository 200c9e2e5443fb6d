import { randomBytes } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { describe, expect, it, test } from 'vitest'
import { EVENT } from '../../../../../src/source/mysql/binlog/event-type.ts'
import { readCompressedQuery } from '../../../../../src/source/mysql/binlog/query-compressed.ts'
import type { QueryEvent } from '../../../../../src/source/mysql/binlog/query.ts'
import { plainRows } from '../../../../../src/source/mysql/binlog/rows-compressed.ts'
import { PayloadReader } from '../../../../../src/source/mysql/binlog/transaction-payload.ts'
import { ZstdFrames } from '../../../../../src/source/mysql/binlog/zstd-frames.ts'
import { readCapture, type CapturedServer } from './capture.ts'
import { eventsOf, rowEventsOf, valuesOf } from './captured-events.ts'

/** The bodies of the events of one type, without their checksums. */
function bodies(server: CapturedServer, section: string, wanted: number): Buffer[] {
  const bytes = readCapture(server).sections[section]!
  const found: Buffer[] = []
  for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at + 9)) if (bytes[at + 4] === wanted) found.push(bytes.subarray(at + 19, at + bytes.readUInt32LE(at + 9) - 4))
  return found
}

const MARIADBS = ['mariadb-10.11', 'mariadb-11.8'] as const
const BODY = 'compressible '.repeat(2000)

describe('MariaDB’s log_bin_compress', () => {
  test.each(MARIADBS)('%s: rows, beside those that are too short for it', (server) => {
    const events = rowEventsOf(server, 'compressed', 't')
    expect(events.map(({ type }) => type)).toEqual([
      EVENT.writeRowsCompressedV1, EVENT.writeRowsV1, EVENT.updateRowsCompressedV1, EVENT.updateRowsV1, EVENT.deleteRowsCompressedV1,
    ])
    const text = (cells: Record<number, Buffer | null> | undefined): string | undefined => cells?.[1]?.toString()
    expect(events.flatMap(({ rows }) => rows).map(({ before, after }) => [text(before), text(after)])).toEqual([
      [undefined, BODY], [undefined, 'small'], [BODY, `${BODY}!`], ['small', 'small!'], [`${BODY}!`, undefined],
    ])
  })

  test.each(MARIADBS)('%s: a statement, with what it was run with', (server) => {
    const [query] = valuesOf<QueryEvent>(server, 'compressed', EVENT.queryCompressed)
    expect(query).toMatchObject({ database: 'compressed', error: 0 })
    expect(query!.sql).toMatch(/^create table long_statement .*'some default value'\)$/)
  })

  test.each(MARIADBS)('%s: more than the limit is an error, and nothing is allocated for it', (server) => {
    const [rows] = bodies(server, 'compressed', EVENT.writeRowsCompressedV1)
    expect(() => plainRows(rows!, 0, rows!.length, EVENT.writeRowsCompressedV1, 26_000)).toThrow(expect.objectContaining({ code: 'TR_MYSQL_EVENT_TOO_LARGE' }))
    const [query] = bodies(server, 'compressed', EVENT.queryCompressed)
    expect(() => readCompressedQuery(query!, 0, query!.length, 300)).toThrow(expect.objectContaining({ code: 'TR_MYSQL_EVENT_TOO_LARGE' }))
  })

  it('bytes that decompress to more or less than they claim are an error', () => {
    const head = Buffer.from([1, 0, 0, 0, 0, 0, 1, 0, 1, 1])
    for (const claimed of [99, 101]) {
      const event = Buffer.concat([head, Buffer.from([0x81, claimed]), deflateSync(Buffer.alloc(100, 7))])
      expect(() => plainRows(event, 0, event.length, EVENT.writeRowsCompressedV1, 1000), String(claimed)).toThrow(expect.objectContaining({ code: 'TR_MYSQL_PROTOCOL' }))
    }
    const right = Buffer.concat([head, Buffer.from([0x81, 100]), deflateSync(Buffer.alloc(100, 7))])
    expect(plainRows(right, 0, right.length, EVENT.writeRowsCompressedV1, 1000)).toEqual({ bytes: Buffer.concat([head, Buffer.alloc(100, 7)]), type: EVENT.writeRowsV1 })
  })
})

describe('MySQL’s compressed transactions', () => {
  it('have the events of the transaction', () => {
    const inner = eventsOf('mysql-9.7', 'compressed').filter((event) => event.inner).map(({ header }) => header.type)
    expect(inner).toEqual([
      EVENT.query, EVENT.tableMap, EVENT.writeRows, EVENT.xid,
      EVENT.query, EVENT.tableMap, EVENT.writeRows, EVENT.xid,
      EVENT.query, EVENT.tableMap, EVENT.writeRows, EVENT.writeRows, EVENT.tableMap, EVENT.updateRows, EVENT.updateRows, EVENT.updateRows, EVENT.updateRows, EVENT.tableMap, EVENT.deleteRows, EVENT.xid,
    ])
    const [, large] = rowEventsOf('mysql-9.7', 'compressed', 't')
    expect(large!.rows[0]!.after![1]!.equals(Buffer.from('compressible '.repeat(200_000)))).toBe(true)
  })

  it('an event that is larger than the limit is an error, those before it are not', () => {
    const payload = bodies('mysql-9.7', 'compressed', EVENT.transactionPayload)[1]!
    const reader = new PayloadReader(payload, 0, payload.length, 1_000_000)
    expect([reader.next(), reader.next()].map((event) => event!.bytes[event!.start + 4])).toEqual([EVENT.query, EVENT.tableMap])
    expect(() => reader.next()).toThrow(expect.objectContaining({ code: 'TR_MYSQL_EVENT_TOO_LARGE' }))
  })

  it('a payload that is cut off, or is longer than it says, is an error', () => {
    const payload = bodies('mysql-9.7', 'compressed', EVENT.transactionPayload)[2]!
    const drain = (bytes: Buffer): void => {
      const reader = new PayloadReader(bytes, 0, bytes.length, 100_000_000)
      while (reader.next() !== undefined);
    }
    drain(payload)
    for (let length = 0; length < payload.length; length += 7) expect(() => drain(payload.subarray(0, length)), String(length)).toThrow(expect.objectContaining({ code: 'TR_MYSQL_PROTOCOL' }))
    expect(() => drain(Buffer.concat([payload, Buffer.from([0])]))).toThrow(expect.objectContaining({ code: 'TR_MYSQL_PROTOCOL' }))
  })

  it('an event without compression is read as it is', () => {
    const event = Buffer.alloc(25)
    event.writeUInt32LE(25, 9)
    event[4] = EVENT.xid
    const payload = Buffer.concat([Buffer.from([2, 3, 252, 255, 0, 1, 1, 50, 0]), event, event])
    const reader = new PayloadReader(payload, 0, payload.length, 100)
    expect([reader.next(), reader.next(), reader.next()].map((inner) => inner && inner.end - inner.start)).toEqual([25, 25, undefined])
    // an event less would be an event lost
    payload[7] = 25
    expect(() => new PayloadReader(payload, 0, payload.length, 100)).toThrow('a payload of 25 bytes, where 50 are')
  })

  it('plain blocks, one byte repeated, several frames and a checksum behind them are read; a window or a block that is too large is an error', () => {
    const drain = (bytes: Buffer): Buffer => {
      const frames = new ZstdFrames(bytes, 0, bytes.length)
      const parts: Buffer[] = []
      for (let part = frames.next(); part !== undefined; part = frames.next()) parts.push(part)
      return Buffer.concat(parts)
    }
    const block = (kind: number, size: number, last: boolean, content: Buffer): Buffer => {
      const header = Buffer.alloc(3)
      header.writeUIntLE((size << 3) | (kind << 1) | (last ? 1 : 0), 0, 3)
      return Buffer.concat([header, content])
    }
    const frame = (descriptor: number, window: number, ...blocks: Buffer[]): Buffer => Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, descriptor, window]), ...blocks])
    const random = randomBytes(100)
    // windows of 1 MiB
    const first = frame(0x04, 0x50, block(0, 100, false, random), block(1, 70_000, true, Buffer.from([7])), Buffer.from([1, 2, 3, 4]))
    const second = frame(0x00, 0x50, block(0, 100, true, random))
    expect(drain(Buffer.concat([first, second])).equals(Buffer.concat([random, Buffer.alloc(70_000, 7), random]))).toBe(true)
    expect(() => drain(frame(0, 0x50, block(1, 131_073, true, Buffer.from([7]))))).toThrow(expect.objectContaining({ code: 'TR_MYSQL_PROTOCOL' }))
    expect(() => drain(frame(0, 0xf8, block(0, 100, true, random)))).toThrow(/window/)
  })
})
