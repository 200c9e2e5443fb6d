import { describe, expect, test } from 'vitest'
import { changeCells, type CompiledCells } from '../../../src/source/column-change.ts'
import type { ColumnOptions } from '../../../src/source/column-options.ts'
import { ColumnRules, type ColumnFacts } from '../../../src/source/column-rule.ts'
import { writeJson } from '../json/write-json.ts'

const TEXT: ColumnFacts = { table: 's.t', name: 'c', typeName: 'varchar', length: 30, scale: undefined, comment: undefined, isCharacter: true, isDocument: false }
const COLUMNS = ['s.t.c']
const CELLS: CompiledCells = { field: { name: 'c', schema: { type: 'string', optional: true, parameters: { own: '1' } } }, read: (writer, bytes, start, end) => writer.text(bytes, start, end), unavailable: (writer) => writer.string('__unavailable'), nothing: undefined }

/** The column as rules make it, and how it writes a text. */
function changed(options: ColumnOptions, facts: ColumnFacts = TEXT): { readonly parameters: unknown; readonly text: (value: string) => string; readonly cells: CompiledCells } {
  const change = new ColumnRules(options).of(facts)
  const cells = change === undefined ? CELLS : changeCells(CELLS, change)
  return { parameters: cells.field.schema.parameters, cells, text: (value) => JSON.parse(writeJson((writer) => cells.read(writer, Buffer.from(value), 0, Buffer.byteLength(value)))) as string }
}

describe('rules of columns', () => {
  test('a text is cut behind so many UTF-16 code units, though they be half a character', () => {
    const { text, parameters } = changed({ truncate: [{ columns: COLUMNS, chars: 3 }] })
    expect(['', 'abc', 'abcd', 'é漢é漢', '😀😀', 'ab😀'].map(text)).toEqual(['', 'abc', 'abc', 'é漢é', '😀\ud83d', 'ab\ud83d'])
    expect(parameters).toEqual({ own: '1', truncateLength: '3' })
  })

  test('so are bytes, and nothing inside of an array or a struct', () => {
    const { cells } = changed({ truncate: [{ columns: COLUMNS, chars: 2 }] })
    const change = new ColumnRules({ truncate: [{ columns: COLUMNS, chars: 2 }] }).of(TEXT)!
    const bytes = changeCells({ ...CELLS, read: (writer, from, start, end) => writer.bytes(from, start, end) }, change)
    expect(writeJson((writer) => bytes.read(writer, Buffer.from([1, 2, 3, 4]), 1, 4))).toBe('"AgM="')
    const list = changeCells({ ...CELLS, read: (writer, from, start, end) => {
      writer.beginArray()
      writer.element()
      writer.text(from, start, end)
      writer.endArray()
    } }, change)
    expect(writeJson((writer) => list.read(writer, Buffer.from('abcd'), 0, 4))).toBe('["abcd"]')
    expect(writeJson((writer) => cells.unavailable(writer))).toBe('"__"')
  })

  test('a column that holds no more is left as it is, one of unknown length is cut', () => {
    const truncate = [{ columns: COLUMNS, chars: 30 }]
    expect(new ColumnRules({ truncate }).of(TEXT)).toBeUndefined()
    expect(new ColumnRules({ truncate }).of({ ...TEXT, length: 31 })).toBeDefined()
    expect(new ColumnRules({ truncate }).of({ ...TEXT, length: undefined })).toBeDefined()
  })

  test('a mask stands for NULL, too, and for what is not in the log; a hash does not', () => {
    const { text, cells, parameters } = changed({ mask: [{ columns: COLUMNS, chars: 4 }] })
    expect([text('secret'), text(''), writeJson((writer) => cells.nothing!(writer)), writeJson(cells.unavailable)]).toEqual(['****', '****', '"****"', '"****"'])
    expect(parameters).toEqual({ own: '1', masked: 'true' })
    expect(changed({ mask: [{ columns: COLUMNS, chars: 0 }] }).text('secret')).toBe('')
    expect(changed({ hash: [{ columns: COLUMNS, algorithm: 'MD5', salt: 's' }] }).cells.nothing).toBeUndefined()
  })

  test('a hash is cut to the column’s length', () => {
    const hash = [{ columns: COLUMNS, algorithm: 'MD5', salt: 'xyz', form: 2 as const }]
    expect([undefined, 0, 5, 100].map((length) => changed({ hash }, { ...TEXT, length }).text('A rather long product name'))).toEqual(['96a0cef77788b90da7b621af88978eef', '96a0cef77788b90da7b621af88978eef', '96a0c', '96a0cef77788b90da7b621af88978eef'])
  })

  test('masks and hashes leave the values of other types, though the schema says otherwise, as Debezium’s does', () => {
    for (const options of [{ mask: [{ columns: COLUMNS, chars: 4 }] }, { hash: [{ columns: COLUMNS, algorithm: 'MD5', salt: 's' }] }]) {
      expect(new ColumnRules(options).of({ ...TEXT, isCharacter: false })).toEqual({ parameters: { masked: 'true' }, values: undefined })
    }
  })

  test('a mask goes before a hash, that before truncation, and source types are told of beside them', () => {
    const all = { mask: [{ columns: COLUMNS, chars: 4 }], hash: [{ columns: COLUMNS, algorithm: 'MD5', salt: 's' }], truncate: [{ columns: COLUMNS, chars: 1 }], sourceType: [/.*/] }
    expect(changed(all).text('secret')).toBe('****')
    expect(changed({ ...all, mask: [] }).text('secret')).toHaveLength(30)
    expect(changed(all).parameters).toEqual({
      own: '1', '__debezium.source.column.type': 'VARCHAR', '__debezium.source.column.length': '30', '__debezium.source.column.name': 'c', masked: 'true',
    })
  })

  test('patterns name whole columns, or whole types', () => {
    const rules = new ColumnRules({ sourceType: ['s.t*.c'], sourceTypeOf: ['*.varchar'] })
    expect(rules.of({ ...TEXT, typeName: 'text' })).toBeDefined()
    expect(rules.of({ ...TEXT, table: 's.tt', typeName: 'text' })).toBeDefined()
    expect(rules.of({ ...TEXT, name: 'cc', typeName: 'text' })).toBeUndefined()
    expect(rules.of({ ...TEXT, name: 'cc' })).toBeDefined()
    expect(rules.ofAll([{ ...TEXT, name: 'cc', typeName: 'text' }])).toBeUndefined()
  })

  test('what makes no sense is refused', () => {
    expect(() => new ColumnRules({ truncate: [{ columns: COLUMNS, chars: -1 }] })).toThrow(expect.objectContaining({ code: 'TR_CONFIG_INVALID' }))
    expect(() => new ColumnRules({ mask: [{ columns: COLUMNS, chars: 1.5 }] })).toThrow('columns.mask')
  })
})
