import { describe, expect, test } from 'vitest'
import { KeyColumns } from '../../../src/source/key-columns.ts'

const SHAPE = { columns: ['id', 'name', 'ssn', 'product_id'].map((name) => ({ name })), key: [0] }

describe('keys of other columns', () => {
  test('are in the order of the patterns, and of one pattern in that of the columns', () => {
    const key = (...patterns: (string | RegExp)[]): readonly number[] => new KeyColumns(patterns).keyed('hr.person', SHAPE).key
    expect(key('hr.person.ssn', 'hr.person.name')).toEqual([2, 1])
    expect(key('*.person.*s*')).toEqual([2])
    expect(key(/.*\.(ssn|name)/)).toEqual([1, 2])
    expect(key('*.product_id', 'hr.other.name')).toEqual([3])
  })

  test('a table of which no column is named keeps its key, and its shape', () => {
    expect(new KeyColumns(['hr.other.name', 'hr.person', 'hr.person.gone', 'person.name']).keyed('hr.person', SHAPE)).toBe(SHAPE)
    expect(new KeyColumns([]).keyed('hr.person', SHAPE)).toBe(SHAPE)
  })

  test('a column that is named twice is an error that names it', () => {
    expect(() => new KeyColumns(['*.id', '*id']).keyed('hr.person', SHAPE)).toThrow(expect.objectContaining({ code: 'TR_CONFIG_INVALID', message: 'columns.key names the column hr.person.id twice' }))
  })
})
