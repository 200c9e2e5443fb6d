import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { beginRow, cellText } from '../../../src/byte/row-text.ts'
import { seedOf } from '../offset/seed.ts'

describe('the texts of a row’s cells', () => {
  const row = Buffer.from('id 7, name Zoë, city Ulm', 'utf8')

  it('are those of its bytes, ASCII or not', () => {
    beginRow(row, 0, row.length)
    expect(cellText(row, 6, 10)).toBe('name')
    expect(cellText(row, 11, 15)).toBe('Zoë')
    expect(cellText(row, 0, 0)).toBe('')
  })

  it('are right outside of the row, and of other bytes', () => {
    beginRow(row, 6, 10)
    expect(cellText(row, 6, 10)).toBe('name')
    expect(cellText(row, 0, 4)).toBe('id 7')
    expect(cellText(row, 6, 15)).toBe('name Zoë')
    expect(cellText(Buffer.from('012345city'), 6, 10)).toBe('city')
  })

  it('are right of any rows, long ones too, one after the other', () => {
    const cell = fc.oneof(fc.string({ maxLength: 40 }), fc.string({ unit: 'binary', maxLength: 40 }))
    fc.assert(fc.property(fc.array(fc.array(cell, { maxLength: 40 }), { maxLength: 5 }), (rows) => {
      const bytes = Buffer.from(rows.flat().join(''))
      let at = 0
      for (const cells of rows) {
        beginRow(bytes, at, at + Buffer.byteLength(cells.join('')))
        for (const text of cells) {
          const end = at + Buffer.byteLength(text)
          expect(cellText(bytes, at, end)).toBe(bytes.toString('utf8', at, end))
          at = end
        }
      }
    }), { seed: seedOf('row-text'), numRuns: 100 })
  })
})
