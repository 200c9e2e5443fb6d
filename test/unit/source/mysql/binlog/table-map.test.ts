import { describe, expect, it, test } from 'vitest'
import { TYPE } from '../../../../../src/source/mysql/binlog/column-type.ts'
import type { LoggedColumn } from '../../../../../src/source/mysql/binlog/logged-column.ts'
import { CAPTURED_SERVERS } from './capture.ts'
import { mapOf } from './captured-events.ts'

type Column = readonly [type: keyof typeof TYPE, meta: number, width: number]

const NUMBERS: readonly Column[] = [
  ['long', 0, 4], ['tiny', 0, 1], ['tiny', 0, 1], ['tiny', 0, 1], ['short', 0, 2], ['int24', 0, 3], ['long', 0, 4], ['longlong', 0, 8], ['longlong', 0, 8], ['float', 4, 4], ['float', 4, 4], ['double', 8, 8],
  ['newDecimal', (65 << 8) | 30, 30], ['newDecimal', (10 << 8) | 2, 5], ['newDecimal', 5 << 8, 3], ['bit', 1, 1], ['bit', 64, 8], ['bit', 9, 2], ['year', 0, 1],
]
const MOMENTS: readonly Column[] = [
  ['long', 0, 4], ['date', 0, 3], ['time2', 0, 3], ['time2', 3, 5], ['time2', 6, 6], ['datetime2', 0, 5], ['datetime2', 1, 6], ['datetime2', 6, 8], ['timestamp2', 0, 4], ['timestamp2', 2, 5], ['timestamp2', 6, 7],
]
const TEXTS: readonly Column[] = [
  ['long', 0, 4], ['string', 10, -1], ['string', 1020, -2], ['string', 16, -1], ['varchar', 255, -1], ['varchar', 1200, -2], ['varchar', 20, -1],
  ['blob', 1, -1], ['blob', 2, -2], ['blob', 3, -3], ['blob', 4, -4], ['blob', 1, -1], ['blob', 2, -2], ['blob', 3, -3], ['blob', 4, -4], ['enum', 1, 1], ['set', 2, 2], ['enum', 1, 1],
]

function expectColumns(map: { readonly columns: readonly LoggedColumn[]; readonly widths: ArrayLike<number> }, expected: readonly Column[]): void {
  expect(map.columns.map(({ type, meta }, index) => [type, meta, map.widths[index]])).toEqual(expected.map(([type, meta, width]) => [TYPE[type], meta, width]))
}

const names = (columns: readonly LoggedColumn[]): (string | undefined)[] => columns.map(({ name }) => name)
const collations = (columns: readonly LoggedColumn[]): (number | undefined)[] => columns.map(({ collation }) => collation)

describe('types of columns and where their cells end', () => {
  test.each(CAPTURED_SERVERS)('%s: numbers, moments, texts', (server) => {
    const map = mapOf(server, 'types', 'numbers')
    expect(map).toMatchObject({ database: 'types', name: 'numbers', primaryKey: undefined })
    expect(map.id).toBeGreaterThan(0)
    expectColumns(map, NUMBERS)
    expect(map.columns.map(({ nullable }) => nullable)).toEqual([false, ...NUMBERS.slice(1).map(() => true)])
    expectColumns(mapOf(server, 'types', 'moments'), MOMENTS)
    expectColumns(mapOf(server, 'types', 'texts'), TEXTS)
  })

  it('MySQL: geometries, JSON and vectors; hidden columns of functional keys are not logged', () => {
    expectColumns(mapOf('mysql-9.7', 'types', 'places'), [['long', 0, 4], ...Array.from({ length: 5 }, (): Column => ['geometry', 4, -4]), ['json', 4, -4], ['vector', 4, -4]])
    expectColumns(mapOf('mysql-9.7', 'types', 'computed'), [...Array.from({ length: 5 }, (): Column => ['long', 0, 4]), ['json', 4, -4]])
  })

  test.each(['mariadb-10.11', 'mariadb-11.8'] as const)('%s: its own types, and the columns that it hides', (server) => {
    expectColumns(mapOf(server, 'types', 'places'), [['long', 0, 4], ...Array.from({ length: 5 }, (): Column => ['geometry', 4, -4]), ['blob', 4, -4], ['string', 16, -1], ['string', 16, -1], ['string', 4, -1]])
    expectColumns(mapOf(server, 'types', 'squeezed'), [['long', 0, 4], ['varcharCompressed', 401, -2], ['varcharCompressed', 301, -2], ['blobCompressed', 2, -2], ['blobCompressed', 2, -2], ['blob', 2, -2]])
    expectColumns(mapOf(server, 'types', 'old_moments'), [['long', 0, 4], ['time', 0, 3], ['datetime', 0, 8], ['timestamp', 0, 4], ['date', 0, 3]])
    expectColumns(mapOf(server, 'types', 'versioned'), [['long', 0, 4], ['long', 0, 4], ['timestamp2', 6, 7], ['timestamp2', 6, 7]])
    expectColumns(mapOf(server, 'types', 'computed'), [...Array.from({ length: 5 }, (): Column => ['long', 0, 4]), ['blob', 2, -2], ['longlong', 0, 8]])
  })

  it('MariaDB 11.8: a vector is bytes', () => expectColumns(mapOf('mariadb-11.8', 'types', 'vectors'), [['long', 0, 4], ['varchar', 12, -1]]))

  test.each(CAPTURED_SERVERS)('%s: 350 columns', (server) => {
    const map = mapOf(server, 'wide', 'wide')
    expect(map.columns).toHaveLength(350)
    expect([map.widths[0], map.widths[1], map.widths[343], map.widths[349]]).toEqual([-1, 4, -1, 4])
  })
})

describe('optional metadata', () => {
  it('MySQL without FULL: signs, collations and the kinds of geometries', () => {
    const numbers = mapOf('mysql-9.7', 'types', 'numbers').columns
    expect(numbers.map(({ unsigned }) => unsigned)).toEqual([false, false, true, false, true, true, true, false, true, false, true, false, false, true, false, undefined, undefined, undefined, undefined])
    expect(collations(mapOf('mysql-9.7', 'types', 'texts').columns)).toEqual([undefined, 8, 255, 63, 11, 255, 63, 255, 28, 255, 255, 63, 63, 63, 63, undefined, undefined, undefined])
    expect(mapOf('mysql-9.7', 'types', 'places').columns.map(({ geometryType }) => geometryType)).toEqual([undefined, 1, 0, 2, 6, 7, undefined, undefined])
    expect(names(numbers)).toEqual(NUMBERS.map(() => undefined))
  })

  test.each(['mariadb-10.11', 'mariadb-11.8'] as const)('%s without any: nothing', (server) => {
    for (const column of mapOf(server, 'types', 'texts').columns) expect(column).toMatchObject({ unsigned: undefined, collation: undefined, name: undefined, labels: undefined, visible: undefined })
  })

  test.each(['mariadb-10.11', 'mariadb-11.8'] as const)('%s with MINIMAL: as MySQL', (server) => {
    expect(mapOf(server, 'metadata_minimal', 'numbers').columns.map(({ unsigned }) => unsigned).slice(0, 9)).toEqual([false, false, true, false, true, true, true, false, true])
    const utf8 = server === 'mariadb-11.8' ? 2304 : 45
    expect(collations(mapOf(server, 'metadata_minimal', 'texts').columns).slice(0, 10)).toEqual([undefined, 8, utf8, 63, 11, utf8, 63, utf8, 28, utf8])
    expect(collations(mapOf(server, 'metadata_minimal', 'squeezed').columns)).toEqual([undefined, utf8, 63, utf8, 63, utf8])
  })

  test.each(CAPTURED_SERVERS)('%s with FULL: names, labels and the primary key', (server) => {
    expect(names(mapOf(server, 'metadata_full', 'numbers').columns)).toEqual('id ti tu flag si mi ii bi bu f fu d de du dz bt bw bo y'.split(' '))
    const texts = mapOf(server, 'metadata_full', 'texts')
    expect(texts.columns[15]!.labels!.map((label) => label.toString('latin1'))).toEqual(['one', "two's", 'ünï'])
    expect(texts.columns[16]!.labels!.map(String)).toEqual([...'abcdefghi'])
    expect(texts.columns[17]!.labels!.map(String)).toEqual(['x', 'y'])
    const utf8 = server === 'mysql-9.7' ? 255 : server === 'mariadb-11.8' ? 2304 : 45
    expect(collations(texts.columns).slice(15)).toEqual([8, utf8, utf8])
    expect(texts.primaryKey).toEqual([0])
  })

  test.each(CAPTURED_SERVERS)('%s with FULL: a primary key with a prefix, in its own order', (server) => {
    expect(mapOf(server, 'metadata_full', 'two_keys').primaryKey).toEqual([1, 0])
  })

  it('MySQL with FULL: which columns are visible', () => {
    expect(mapOf('mysql-9.7', 'metadata_full', 'computed').columns.map(({ visible }) => visible)).toEqual([true, true, true, true, false, true])
  })

  test.each(['mariadb-10.11', 'mariadb-11.8'] as const)('%s with FULL: the names of what it hides', (server) => {
    expect(names(mapOf(server, 'metadata_full', 'computed').columns).at(-1)).toBe('DB_ROW_HASH_1')
    expect(names(mapOf(server, 'metadata_full', 'versioned').columns)).toEqual(['id', 'a', 'row_start', 'row_end'])
    expect(mapOf(server, 'metadata_full', 'versioned').primaryKey).toEqual([0, 3])
  })

  // the servers do not agree on what counts as a column of text, and indexes count those
  it('MySQL: the collation of a column behind a geometry and a vector is its own', () => {
    const { columns } = mapOf('mysql-9.7', 'metadata_full', 'mixed')
    expect(columns.map(({ name, collation }) => [name, collation])).toEqual([['g', undefined], ['c', 8], ['ve', 63], ['j', undefined], ['d', 255], ['e', 255], ['f', 8], ['h', 51]])
  })

  test.each(['mariadb-10.11', 'mariadb-11.8'] as const)('%s: the collation of a column behind a geometry and a compressed one is its own', (server) => {
    const { columns } = mapOf(server, 'metadata_minimal', 'mixed')
    expect(collations(columns)).toEqual([63, 8, 8, ...(server === 'mariadb-10.11' ? [33, 33] : [2048, 2048]), undefined, undefined])
  })
})
