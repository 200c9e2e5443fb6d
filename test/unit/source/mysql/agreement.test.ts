import { describe, expect, it, test } from 'vitest'
import { agreement } from '../../../../src/source/mysql/agreement.ts'
import { EVENT } from '../../../../src/source/mysql/binlog/event-type.ts'
import type { LoggedColumn, TableMap } from '../../../../src/source/mysql/binlog/logged-column.ts'
import type { QueryEvent } from '../../../../src/source/mysql/binlog/query.ts'
import type { MysqlColumn, MysqlTableShape } from '../../../../src/source/mysql/column.ts'
import { createSchemaModel } from '../../../../src/source/mysql/ddl/schema-model.ts'
import type { SchemaModel } from '../../../../src/source/mysql/ddl/schema-contract.ts'
import { loggedShape } from '../../../../src/source/mysql/logged-shape.ts'
import { CAPTURED_SERVERS, type CapturedServer } from './binlog/capture.ts'
import { eventsOf, isMariadb, mapOf } from './binlog/captured-events.ts'

/** Every table map of the captures, with the definition that the statements before it have made. */
function mapsOf(server: CapturedServer, sections: readonly string[]): { readonly map: TableMap; readonly shape: MysqlTableShape | undefined }[] {
  const mariadb = isMariadb(server)
  const model: SchemaModel = createSchemaModel({ flavor: mariadb ? 'mariadb' : 'mysql', lowerCaseTableNames: 0, serverCharset: 'utf8mb4' })
  for (const section of sections) model.apply(`create database ${section} character set utf8mb4`, { database: '', ansiQuotes: false, noBackslashEscapes: false, serverCollation: undefined, databaseCollation: undefined })
  return sections.flatMap((section) => eventsOf(server, section).flatMap(({ header, value }) => {
    if (header.type === EVENT.query || header.type === EVENT.queryCompressed) model.apply((value as QueryEvent).sql, value as QueryEvent)
    if (header.type !== EVENT.tableMap) return []
    const map = value as TableMap
    return [{ map, shape: model.get(map.database, map.name) }]
  }))
}

const SECTIONS = ['types', 'images', 'wide', 'compressed']
const withMetadata = (server: CapturedServer): string[] => [...SECTIONS, ...(isMariadb(server) ? ['metadata_minimal'] : ['partial']), 'metadata_full']

describe('a table’s definition', () => {
  test.each(CAPTURED_SERVERS)('%s: agrees with what the server logs of it, whatever it logs', (server) => {
    const maps = mapsOf(server, withMetadata(server))
    expect(maps.length).toBeGreaterThan(40)
    for (const { map, shape } of maps) {
      expect(shape, `${map.database}.${map.name}`).toBeDefined()
      expect(agreement(shape!, map, isMariadb(server)), `${map.database}.${map.name}`).toBeUndefined()
    }
  })

  test.each(CAPTURED_SERVERS)('%s: does not agree with the map of another table', (server) => {
    const maps = mapsOf(server, ['types'])
    for (const { map } of maps) for (const { shape } of maps) if (shape!.name !== map.name) expect(agreement(shape!, map, isMariadb(server)), `${shape!.name} for ${map.name}`).toBeTypeOf('string')
  })

  const table = (columns: readonly Partial<MysqlColumn>[], key: readonly number[] = []): MysqlTableShape => ({
    database: 'd', name: 't', key, charset: undefined, comment: undefined,
    columns: columns.map((column, index) => ({ name: `c${index}`, typeName: 'INT', typeExpression: 'INT', jdbcType: 4, length: undefined, scale: undefined, charset: undefined, optional: true, autoIncremented: false, generated: false, comment: undefined, hasDefault: true, default: undefined, labels: [], ...column })),
  })
  const logged = (columns: readonly Partial<LoggedColumn>[], primaryKey?: readonly number[]): TableMap => ({
    id: 1, database: 'd', name: 't', widths: new Int8Array(columns.length), primaryKey,
    columns: columns.map((column) => ({ type: 3, meta: 0, nullable: true, unsigned: undefined, collation: undefined, name: undefined, labels: undefined, geometryType: undefined, visible: undefined, ...column })),
  })

  it.each([
    ['another count of columns', table([{}, {}]), logged([{}]), '2 columns are declared, and 1 are logged'],
    ['an integer of another size', table([{ typeName: 'BIGINT' }]), logged([{}]), 'column c0 is declared BIGINT, and logged as type 3 with metadata 0'],
    ['another sign', table([{ typeName: 'INT UNSIGNED' }]), logged([{ unsigned: false }]), 'column c0 is declared INT UNSIGNED, and logged as signed'],
    ['a sign that ZEROFILL implies', table([{ typeName: 'INT ZEROFILL' }]), logged([{ unsigned: true }]), undefined],
    ['another name', table([{ name: 'a' }]), logged([{ name: 'b' }]), 'column a is called b in the log'],
    ['a name that the log cannot hold', table([{ name: 'a😀b' }]), logged([{ name: 'a?b' }]), undefined],
    ['another precision', table([{ typeName: 'DECIMAL', length: 10, scale: 2 }]), logged([{ type: 246, meta: (10 << 8) | 3 }]), 'column c0 is declared DECIMAL, and logged as type 246 with metadata 2563'],
    ['a decimal without any', table([{ typeName: 'NUMERIC' }]), logged([{ type: 246, meta: 10 << 8 }]), undefined],
    ['another fraction', table([{ typeName: 'DATETIME', length: 3 }]), logged([{ type: 18, meta: 6 }]), 'column c0 is declared DATETIME, and logged as type 18 with metadata 6'],
    ['a fraction in the older form, which does not say how long it is', table([{ typeName: 'TIMESTAMP', length: 3 }]), logged([{ type: 7 }]), 'column c0 is declared TIMESTAMP, and logged as type 7 with metadata 0'],
    ['more labels than fit into a byte', table([{ typeName: 'ENUM', labels: Array.from({ length: 256 }, String) }]), logged([{ type: 247, meta: 1 }]), 'column c0 is declared ENUM, and logged as type 247 with metadata 1'],
    ['a SET of 33 labels', table([{ typeName: 'SET', labels: Array.from({ length: 33 }, String) }]), logged([{ type: 248, meta: 8 }]), undefined],
    ['other labels', table([{ typeName: 'ENUM', labels: ['a'] }]), logged([{ type: 247, meta: 1, labels: [Buffer.from('a'), Buffer.from('b')] }]), 'column c0 is declared ENUM, and logged as type 247 with metadata 1'],
    ['another character set', table([{ typeName: 'TEXT', charset: 'utf8mb4' }]), logged([{ type: 252, meta: 2, collation: 8 }]), 'column c0 is declared in utf8mb4, and logged in latin1'],
    ['the older name of a character set', table([{ typeName: 'TEXT', charset: 'utf8' }]), logged([{ type: 252, meta: 2, collation: 33 }]), undefined],
    ['another primary key', table([{}, {}], [0]), logged([{}, {}], [0, 1]), 'its primary key is another one in the log'],
    ['the same primary key in another order', table([{}, {}], [0, 1]), logged([{}, {}], [1, 0]), 'its primary key is another one in the log'],
    ['a unique key in the place of a primary one', table([{}], [0]), logged([{}]), undefined],
    ['BOOLEAN', table([{ typeName: 'BOOLEAN' }]), logged([{ type: 1 }]), undefined],
    ['a type that nobody knows', table([{ typeName: 'BANANA' }]), logged([{}]), 'column c0 is declared BANANA, and logged as type 3 with metadata 0'],
    ['a column more', table([{}]), logged([{}, { type: 8 }]), '1 columns are declared, and 2 are logged'],
  ])('%s', (_, shape, map, expected) => {
    expect(agreement(shape, map)).toBe(expected)
  })

  it('MariaDB’s hidden columns are passed over only where they can be such', () => {
    const text = table([{ typeName: 'TEXT' }])
    expect(agreement(text, logged([{ type: 252, meta: 2 }, { type: 8 }]), true)).toBeUndefined()
    expect(agreement(text, logged([{ type: 252, meta: 2 }, { type: 8, name: 'added' }].map((column, index) => ({ name: `c${index}`, ...column }))), true)).toBe('1 columns are declared, and 2 are logged')
    expect(agreement(table([{}]), logged([{}, { type: 8 }]), true)).toBe('1 columns are declared, and 2 are logged')
    expect(agreement(table([{}]), logged([{}, { type: 17, meta: 6, nullable: false }]), true)).toBe('1 columns are declared, and 2 are logged')
    expect(agreement(table([{}]), logged([{}, { type: 17, meta: 6, nullable: false }, { type: 17, meta: 6, nullable: false }]), true)).toBeUndefined()
    expect(agreement(table([{}]), logged([{}, { type: 17, meta: 6, nullable: false }, { type: 17, meta: 6, nullable: false }]))).toBe('1 columns are declared, and 3 are logged')
  })
})

describe('a definition from the log', () => {
  test.each(CAPTURED_SERVERS)('%s: there is none without names', (server) => {
    expect(loggedShape(mapOf(server, 'types', 'numbers'), undefined, isMariadb(server))).toBeUndefined()
  })

  test.each(CAPTURED_SERVERS)('%s: agrees with its own map', (server) => {
    for (const { map, shape } of mapsOf(server, withMetadata(server)).filter(({ map }) => map.columns[0]!.name !== undefined)) {
      for (const declared of [undefined, shape]) {
        const made = loggedShape(map, declared, isMariadb(server))!
        expect(agreement(made, map, isMariadb(server)), `${map.database}.${map.name}`).toBeUndefined()
      }
      // what was declared is the same
      expect(loggedShape(map, shape, isMariadb(server))).toEqual(shape)
    }
  })

  const brief = (server: CapturedServer, name: string): string[] => loggedShape(mapOf(server, 'metadata_full', name), undefined, isMariadb(server))!.columns.map(({ typeName, length, scale, charset, labels }) => [typeName, length, scale, charset, labels.length > 0 ? labels.join('|') : undefined].filter((part) => part !== undefined).join(' '))

  test.each(CAPTURED_SERVERS)('%s: types, lengths, character sets and labels', (server) => {
    expect(brief(server, 'numbers')).toEqual([
      'INT', 'TINYINT', 'TINYINT UNSIGNED', 'TINYINT', 'SMALLINT UNSIGNED', 'MEDIUMINT UNSIGNED', 'INT UNSIGNED', 'BIGINT', 'BIGINT UNSIGNED', 'FLOAT', 'FLOAT UNSIGNED', 'DOUBLE', 'DECIMAL 65 30', 'DECIMAL UNSIGNED 10 2', 'DECIMAL 5 0',
      'BIT 1', 'BIT 64', 'BIT 9', 'YEAR',
    ])
    expect(brief(server, 'moments')).toEqual(['INT', 'DATE', 'TIME', 'TIME 3', 'TIME 6', 'DATETIME', 'DATETIME 1', 'DATETIME 6', 'TIMESTAMP', 'TIMESTAMP 2', 'TIMESTAMP 6'])
    expect(brief(server, 'texts')).toEqual([
      'INT', 'CHAR 10 latin1', 'CHAR 255 utf8mb4', 'BINARY 16', 'VARCHAR 255 ascii', 'VARCHAR 300 utf8mb4', 'VARBINARY 20', 'TINYTEXT utf8mb4', 'TEXT gbk', 'MEDIUMTEXT utf8mb4', 'LONGTEXT utf8mb4', 'TINYBLOB', 'BLOB', 'MEDIUMBLOB', 'LONGBLOB',
      "ENUM 1 latin1 one|two's|ünï", 'SET 17 utf8mb4 a|b|c|d|e|f|g|h|i', 'ENUM 1 utf8mb4 x|y',
    ])
  })

  it('MySQL: geometries, JSON, vectors, and what MariaDB has in their place', () => {
    expect(brief('mysql-9.7', 'places')).toEqual(['INT', 'POINT', 'GEOMETRY', 'LINESTRING', 'MULTIPOLYGON', 'GEOMETRYCOLLECTION', 'JSON', 'VECTOR'])
    expect(brief('mariadb-11.8', 'places').slice(6)).toEqual(['LONGTEXT utf8mb4', 'BINARY 16', 'BINARY 16', 'BINARY 4'])
    expect(brief('mariadb-11.8', 'squeezed')).toEqual(['INT', 'VARCHAR 100 utf8mb4', 'VARBINARY 300', 'TEXT utf8mb4', 'BLOB', 'TEXT utf8mb4'])
  })

  test.each(CAPTURED_SERVERS)('%s: labels are in their column’s character set', (server) => {
    expect(brief(server, 'mixed').slice(-2)).toEqual(['ENUM 1 latin1 ü', 'SET 1 cp1251 я'])
  })

  test.each(CAPTURED_SERVERS)('%s: the primary key in its own order', (server) => {
    expect(loggedShape(mapOf(server, 'metadata_full', 'two_keys'), undefined, isMariadb(server))!.key).toEqual([1, 0])
  })

  test.each(['mariadb-10.11', 'mariadb-11.8'] as const)('%s: without the columns of hashes; with a period, unless the definition has none', (server) => {
    const names = (table: string, declared?: MysqlTableShape): string[] => loggedShape(mapOf(server, 'metadata_full', table), declared, true)!.columns.map(({ name }) => name)
    expect(names('computed')).toEqual(['id', 'a', 'v', 'st', 'hidden', 'long_key'])
    expect(names('versioned')).toEqual(['id', 'a', 'row_start', 'row_end'])
    const declared = mapsOf(server, ['types', 'metadata_full']).find(({ map }) => map.database === 'metadata_full' && map.name === 'versioned')!.shape!
    const shown = { ...declared, columns: declared.columns.slice(0, 2), key: [0] }
    expect(agreement(shown, mapOf(server, 'metadata_full', 'versioned'), true)).toBeUndefined()
    expect(names('versioned', shown)).toEqual(['id', 'a'])
    expect(loggedShape(mapOf(server, 'metadata_full', 'versioned'), shown, true)!.key).toEqual([0])
  })

  it('a definition that has another type for a name is not believed', () => {
    const map = mapOf('mysql-9.7', 'metadata_full', 'moments')
    const { columns, ...rest } = mapsOf('mysql-9.7', ['types', 'metadata_full']).find((one) => one.map === map)!.shape!
    const wrong = { ...rest, columns: columns.map((column) => (column.name === 't3' ? { ...column, length: 6, comment: 'old' } : { ...column, comment: 'kept' })) }
    const made = loggedShape(map, wrong)!
    expect(made.columns.map(({ name, length, comment }) => [name, length, comment]).slice(2, 4)).toEqual([['t', undefined, 'kept'], ['t3', 3, undefined]])
  })

  it('without names, a definition of other character sets is put right by the logged ones', () => {
    const { map, shape } = mapsOf('mysql-9.7', ['types']).find((one) => one.map.name === 'texts')!
    const wrong = { ...shape!, columns: shape!.columns.map((column) => (column.charset === undefined ? column : { ...column, charset: 'utf8mb4' })) }
    expect(agreement(wrong, map)).toBe('column c is declared in utf8mb4, and logged in latin1')
    const made = loggedShape(map, wrong)!
    expect(made.columns.map(({ charset }) => charset).slice(0, 10)).toEqual(shape!.columns.map(({ charset }) => charset).slice(0, 10))
  })
})
