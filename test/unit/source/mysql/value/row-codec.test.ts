import { describe, expect, it } from 'vitest'
import { UNAVAILABLE } from '../../../../../src/event/unavailable.ts'
import { allColumns, readColumnSet } from '../../../../../src/source/mysql/binlog/column-set.ts'
import type { ColumnSet, LoggedColumn, TableMap } from '../../../../../src/source/mysql/binlog/logged-column.ts'
import { BINLOG, MysqlRowImage, TEXT_ROW } from '../../../../../src/source/mysql/row-image.ts'
import { cellWidths, sameKey } from '../../../../../src/source/mysql/value/row-cells.ts'
import { createRowCodec } from '../../../../../src/source/mysql/value/row-codec.ts'
import { createRowDecoder } from '../../../../../src/source/mysql/value/row-decoder.ts'
import { RecordingWriter } from '../../postgres/value/recording-writer.ts'
import { logged, modes, tableOf } from './type-fixture.ts'

const SHAPE = tableOf('id int, v varchar(10), n bigint not null, b blob, primary key (n, id)')
const LOGGED: readonly LoggedColumn[] = [logged(3), logged(15, 40), logged(8), logged(252, 2)]
const ALL = allColumns(4)
const FIRST = 7

/** In the middle of other bytes. */
function image(hex: string, present: ColumnSet = ALL, layout: typeof BINLOG | typeof TEXT_ROW = BINLOG): MysqlRowImage {
  return new MysqlRowImage(Buffer.concat([Buffer.alloc(FIRST, 0xee), Buffer.from(hex.replaceAll(' ', ''), 'hex')]), FIRST, layout, present, 0, 0)
}

function columns(...indexes: number[]): ColumnSet {
  return readColumnSet(Buffer.from([indexes.reduce((bits, index) => bits | (1 << index), 0)]), 0, 4)
}

function written(of: MysqlRowImage, key = false): readonly string[] {
  const codec = createRowCodec(SHAPE, of.layout === BINLOG ? LOGGED : undefined, modes(), () => undefined)
  const writer = new RecordingWriter()
  if (key) codec.writeKey(of, writer)
  else codec.write(of, writer)
  return writer.finished
}

const ROW = 'f0 01000000 026869 0200000000000000 0300 616263'
const TEXT = '01 31 02 6869 01 32 03 616263'

describe('a row of the log', () => {
  it('has a bit for NULL, and then its cells', () => {
    expect(written(image(ROW))).toEqual(['int 1', 'text "hi"', 'long 2', 'bytes 616263'])
    expect(written(image('fa 01000000 0200000000000000'))).toEqual(['int 1', 'null', 'long 2', 'null'])
  })

  it('has its key in key order', () => {
    expect(written(image(ROW), true)).toEqual(['long 2', 'int 1'])
  })

  it('may lack columns: they are the placeholder where one fits', () => {
    expect(written(image('fe 01000000', columns(0)))).toEqual(['int 1', 'string "__debezium_unavailable_value"', 'unavailable', `bytes ${Buffer.from('__debezium_unavailable_value').toString('hex')}`])
    // the bits of NULL are counted among those that are there
    expect(written(image('fd 0300 616263', columns(1, 3)))).toEqual(['unavailable', 'null', 'unavailable', 'bytes 616263'])
    expect(written(image('fd 0300 616263', columns(1, 3)), true)).toEqual(['unavailable', 'unavailable'])
  })

  it('may have more columns than the definition, which come last', () => {
    const codec = createRowCodec(SHAPE, [...LOGGED, logged(17, 6)], modes(), () => undefined)
    const writer = new RecordingWriter()
    codec.write(image('e0 01000000 026869 0200000000000000 0300 616263 00000001000000', allColumns(5)), writer)
    expect(writer.finished).toEqual(['int 1', 'text "hi"', 'long 2', 'bytes 616263'])
  })

  it('that is cut off, or of the other layout, or of another table, is refused', () => {
    for (const row of [image('f0 0100'), image('f0 01000000 ff6869'), image(TEXT, allColumns(3)), image(TEXT, ALL, TEXT_ROW)]) {
      const codec = createRowCodec(SHAPE, LOGGED, modes(), () => undefined)
      expect(() => codec.write(row, new RecordingWriter())).toThrow(expect.objectContaining({ code: 'TR_MYSQL_PROTOCOL' }))
    }
  })
})

describe('a row of the text protocol', () => {
  it('says the same', () => {
    expect(written(image(TEXT, ALL, TEXT_ROW))).toEqual(written(image(ROW)))
    expect(written(image(TEXT, ALL, TEXT_ROW), true)).toEqual(['long 2', 'int 1'])
    expect(written(image('01 31 fb 01 32 fb', ALL, TEXT_ROW))).toEqual(['int 1', 'null', 'long 2', 'null'])
  })

  it('has lengths of one, two, three and eight bytes', () => {
    for (const [prefix, size] of [['fc 2c01', 300], ['fd 00 0001', 65536], ['fe 0000010000000000', 65536], ['fa', 250]] as const) {
      expect(written(image(`01 31 fb 01 32 ${prefix} ${'61'.repeat(size)}`, ALL, TEXT_ROW))[3]).toBe(`bytes ${'61'.repeat(size)}`)
    }
  })

  it('that is cut off is refused', () => {
    for (const hex of ['', '01 31 02', '01 31 fd 00', '01 31 ff', '01 31 fe ffffffffffffffff']) {
      expect(() => written(image(hex, ALL, TEXT_ROW))).toThrow(expect.objectContaining({ code: 'TR_MYSQL_PROTOCOL' }))
    }
  })
})

describe('a row as an object', () => {
  it('has lossless values, NULL as null, and what was not logged as UNAVAILABLE', () => {
    const decoder = createRowDecoder(SHAPE, LOGGED, {})
    expect(decoder.toObject(image(ROW))).toEqual({ id: 1, v: 'hi', n: 2n, b: Buffer.from('abc') })
    expect(decoder.toKey(image(ROW))).toEqual({ n: 2n, id: 1 })
    expect(Object.keys(decoder.toKey(image(ROW))!)).toEqual(['n', 'id'])
    expect(decoder.toObject(image('fd 0300 616263', columns(1, 3)))).toEqual({ id: UNAVAILABLE, v: null, n: UNAVAILABLE, b: Buffer.from('abc') })
    expect(createRowDecoder(SHAPE, undefined, {}).toObject(image(TEXT, ALL, TEXT_ROW))).toEqual({ id: 1, v: 'hi', n: 2n, b: Buffer.from('abc') })
  })

  it('owns its bytes', () => {
    const row = image(ROW)
    const { b } = createRowDecoder(SHAPE, LOGGED, {}).toObject(row)
    row.bytes.fill(0)
    expect(b).toEqual(Buffer.from('abc'))
  })

  it('may have a column called __proto__', () => {
    const decoder = createRowDecoder(tableOf('`__proto__` int'), [logged(3)], {})
    const object = decoder.toObject(image('fe 05000000', allColumns(1)))
    expect(Object.entries(object)).toEqual([['__proto__', 5]])
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype)
  })

  it('of a table without a key has none', () => {
    expect(createRowDecoder(tableOf('a int'), [logged(3)], {}).toKey(image('fe 05000000', allColumns(1)))).toBeNull()
  })
})

describe('an update left the key as it was', () => {
  const map = { name: 't', widths: cellWidths(LOGGED, 't'), columns: LOGGED } as unknown as TableMap
  const same = (before: MysqlRowImage, after: MysqlRowImage): boolean => sameKey(before, after, map, SHAPE.key)
  const row = (id: string, v: string, n: string): string => `f8 ${id} ${v} ${n}`
  const ONE = '01000000'
  const TWO = '0200000000000000'

  it('where its cells are equal, whatever the others are', () => {
    expect(same(image(row(ONE, '026869', TWO)), image(row(ONE, '0578797a7a7a', TWO)))).toBe(true)
    expect(same(image(row(ONE, '026869', TWO)), image(`fa ${ONE} ${TWO}`))).toBe(true)
  })

  it('not where one is another, or becomes NULL', () => {
    expect(same(image(row(ONE, '026869', TWO)), image(row('09000000', '026869', TWO)))).toBe(false)
    expect(same(image(row(ONE, '026869', TWO)), image(row(ONE, '026869', '0300000000000000')))).toBe(false)
    expect(same(image(row(ONE, '026869', TWO)), image(`f9 026869 ${TWO}`))).toBe(false)
  })

  it('where the log does not have it: MINIMAL images behind an update hold what was changed', () => {
    expect(same(image(`fc ${ONE} ${TWO}`, columns(0, 2)), image('fe 0578797a7a7a', columns(1)))).toBe(true)
    expect(same(image(`fc ${ONE} ${TWO}`, columns(0, 2)), image('fe 09000000', columns(0)))).toBe(false)
  })
})
