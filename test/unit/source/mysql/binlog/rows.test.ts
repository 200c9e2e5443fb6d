import { describe, expect, it, test } from 'vitest'
import { readImageBehind } from '../../../../../src/source/mysql/binlog/image-behind.ts'
import { EVENT } from '../../../../../src/source/mysql/binlog/event-type.ts'
import { readRows, rowEnd } from '../../../../../src/source/mysql/binlog/rows.ts'
import { CAPTURED_SERVERS, readCapture, type CapturedServer } from './capture.ts'
import { mapOf, rowEventsOf } from './captured-events.ts'
import { cellsOf, type Cells } from './walk.ts'

const hex = (cells: Cells | undefined): (string | null)[] => Object.values(cells!).map((cell) => cell?.toString('hex') ?? null)
const columns = (cells: Cells | undefined): number[] => Object.keys(cells!).map(Number)

describe('rows', () => {
  test.each(CAPTURED_SERVERS)('%s: the cells of numbers, and NULLs', (server) => {
    const [first, second] = rowEventsOf(server, 'types', 'numbers').flatMap(({ rows }) => rows)
    expect(hex(first!.after)).toEqual([
      '01000000', '80', 'ff', '01', 'ffff', 'ffffff', 'ffffffff', '0000000000000080', 'ffffffffffffffff', 'cdcc8c3f', '0000c03f', '039300aa4bdd4dfe',
      // negative: every bit of the eight digits 12345678, with the sign's bit set, is turned
      '7f439eb1ca484078caf1cb3fd0f8a086f8a432eaff439eb1ca484078fc85', '85f5e0ff63', '800007', '01', 'fffffffffffffffe', '0101', '01',
    ])
    expect(Object.values(second!.after!)).toEqual([Buffer.from([2, 0, 0, 0]), ...Array.from({ length: 18 }, () => null)])
  })

  test.each(CAPTURED_SERVERS)('%s: the cells of texts', (server) => {
    const [first, second] = rowEventsOf(server, 'types', 'texts').flatMap(({ rows }) => rows)
    const cells = Object.values(first!.after!)
    expect(cells.slice(1).map((cell, index) => (index < 4 || index > 5 ? cell!.toString('latin1') : cell!.length))).toEqual([
      'naïve', Buffer.from('ünïcödé').toString('latin1'), 'bin', 'ascii', 600, 3, 'tiny', '\xd6\xd0\xce\xc4', 'medium', 'long', '\x01', '\x02\x03', '\x04\x05\x06', '\x07', '\x02', '\x01\x01', '\x02',
    ])
    expect(Object.values(second!.after!).map((cell) => cell?.length ?? null)).toEqual([4, 0, 0, null, null, 0, ...Array.from({ length: 12 }, () => null)])
  })

  test.each(CAPTURED_SERVERS)('%s: what was inserted, updated and deleted', (server) => {
    const events = rowEventsOf(server, 'types', 'two_keys')
    const v1 = server !== 'mysql-9.7'
    expect(events.map(({ type }) => type)).toEqual(v1 ? [EVENT.writeRowsV1, EVENT.updateRowsV1, EVENT.deleteRowsV1] : [EVENT.writeRows, EVENT.updateRows, EVENT.deleteRows])
    const text = (cells: Cells | undefined): string | undefined => cells?.[2]?.toString()
    expect(events.flatMap(({ rows }) => rows).map(({ before, after }) => [text(before), text(after)])).toEqual([[undefined, 'body'], ['body', 'other'], ['other', undefined]])
    expect(events.every(({ statementEnd }) => statementEnd)).toBe(true)
  })

  test.each(CAPTURED_SERVERS)('%s: 350 columns, a third of them NULL', (server) => {
    const [insert, update] = rowEventsOf(server, 'wide', 'wide').flatMap(({ rows }) => rows)
    const expected = Array.from({ length: 350 }, (_, index) => (index % 3 === 0 ? null : index % 7 === 0 ? `text ${index}` : index))
    const found = (cells: Cells | undefined): unknown[] => Object.entries(cells!).map(([index, cell]) => (cell === null ? null : Number(index) % 7 === 0 ? cell.toString() : cell.readInt32LE()))
    expect(found(insert!.after)).toEqual(expected)
    expect(found(update!.after)).toEqual(expected.with(3, 3))
  })

  test.each(CAPTURED_SERVERS)('%s: cells of more than 65535 bytes', (server) => {
    const lengths = rowEventsOf(server, 'wide', 'long_rows').flatMap(({ rows }) => rows).map(({ after }) => Object.values(after!).map((cell) => cell?.length ?? null))
    expect(lengths).toEqual([[4, 70_000, 300_000, 32_000], [4, 0, 65_536, 1], [4, 65_535, null, 0]])
    const [first] = rowEventsOf(server, 'wide', 'long_rows').flatMap(({ rows }) => rows)
    expect(first!.after![1]!.equals(Buffer.alloc(70_000, 'a'))).toBe(true)
    expect(first!.after![2]!.equals(Buffer.alloc(300_000, 'b'))).toBe(true)
  })
})

describe('images that are not whole', () => {
  test.each(CAPTURED_SERVERS)('%s: NOBLOB leaves out what is large and did not change', (server) => {
    const [, first, second, deleted] = rowEventsOf(server, 'images', 't').flatMap(({ rows }) => rows).slice(1)
    expect([columns(first!.before), columns(first!.after)]).toEqual([[0, 1, 2, 5], [0, 1, 2, 5]])
    expect([columns(second!.before), columns(second!.after)]).toEqual([[0, 1, 2, 5], [0, 1, 2, 3, 5]])
    expect(second!.after![3]!.toString()).toBe('other')
    expect(columns(deleted!.before)).toEqual([0, 1, 2, 5])
  })

  test.each(CAPTURED_SERVERS)('%s: MINIMAL has the key before, and what changed behind', (server) => {
    const rows = rowEventsOf(server, 'images', 't').flatMap((event) => event.rows).slice(5, 8)
    expect(rows.map(({ before, after }) => [before, after])).toEqual([
      [{ 0: Buffer.from([1, 0, 0, 0]) }, { 2: null }], [undefined, { 0: Buffer.from([3, 0, 0, 0]) }], [{ 0: Buffer.from([3, 0, 0, 0]) }, undefined],
    ])
  })

  it('MySQL writes a row of which no column is logged as no row at all', () => {
    expect(rowEventsOf('mysql-9.7', 'images', 'defaults_only').map(({ rows }) => rows)).toEqual([[]])
    expect(rowEventsOf('mariadb-11.8', 'images', 'defaults_only').map(({ rows }) => rows.length)).toEqual([1, 2])
  })

  it('MariaDB 11.8: FULL_NODUP has all before, and what changed behind', () => {
    const [, update] = rowEventsOf('mariadb-11.8', 'images', 't').flatMap(({ rows }) => rows).slice(8)
    expect([columns(update!.before), update!.after]).toEqual([[0, 1, 2, 3, 4, 5], { 1: Buffer.from([44, 0, 0, 0]) }])
  })
})

/** The first update of images.t whose image behind has just these columns, as its event's bytes. */
function updateWith(server: CapturedServer, behind: readonly number[]): { bytes: Buffer; start: number; end: number; type: number } {
  const bytes = readCapture(server).sections['images']!
  const map = mapOf(server, 'images', 't')
  for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at + 9)) {
    const type = bytes[at + 4]!
    if (type !== EVENT.updateRows && type !== EVENT.updateRowsV1) continue
    const event = { bytes, start: at + 19, end: at + bytes.readUInt32LE(at + 9) - 4, type }
    const { after } = readRows(bytes, event.start, event.end, type)
    if (map.columns.every((_, column) => after!.has(column) === behind.includes(column))) return event
  }
  throw new Error('there is none')
}

function completed(server: CapturedServer, behind: readonly number[]): Cells {
  const { bytes, start, end, type } = updateWith(server, behind)
  const map = mapOf(server, 'images', 't')
  const rows = readRows(bytes, start, end, type)
  const middle = rowEnd(bytes, rows.start, end, map, rows.before!)
  const image = readImageBehind(bytes, rows.start, middle, end, type, map, rows.before!, rows.after!, true)
  expect(image.next).toBe(end)
  return cellsOf(image.bytes, image.start, image.bytes === bytes ? image.next : image.bytes.length, map, image.present)
}

describe('the image behind an update', () => {
  it('is whole where the one before is (FULL_NODUP)', () => {
    expect(completed('mariadb-11.8', [1])).toEqual({ 0: Buffer.from([4, 0, 0, 0]), 1: Buffer.from([44, 0, 0, 0]), 2: Buffer.from('four'), 3: Buffer.from('text'), 4: Buffer.from('blob'), 5: Buffer.from([1, 0, 0, 0]) })
  })

  test.each(CAPTURED_SERVERS)('%s: has the key, which the one before has (MINIMAL)', (server) => {
    expect(completed(server, [2])).toEqual({ 0: Buffer.from([1, 0, 0, 0]), 2: null })
  })

  test.each(CAPTURED_SERVERS)('%s: has no more than both (NOBLOB)', (server) => {
    expect(columns(completed(server, [0, 1, 2, 5]))).toEqual([0, 1, 2, 5])
  })
})
