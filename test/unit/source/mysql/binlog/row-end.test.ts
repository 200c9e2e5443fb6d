import { describe, expect, it } from 'vitest'
import { cellWidth, TYPE } from '../../../../../src/source/mysql/binlog/column-type.ts'
import { allColumns, readColumnSet } from '../../../../../src/source/mysql/binlog/column-set.ts'
import type { TableMap } from '../../../../../src/source/mysql/binlog/logged-column.ts'
import { rowEnd } from '../../../../../src/source/mysql/binlog/rows.ts'

const map = (...widths: number[]): TableMap => ({ id: 1, database: 'd', name: 't', columns: [], widths: Int8Array.from(widths), primaryKey: undefined })
const malformed: unknown = expect.objectContaining({ code: 'TR_MYSQL_PROTOCOL' })

describe('where an image ends', () => {
  it('behind a cell whose length needs all of its four bytes', () => {
    const length = 0x01020304
    const row = Buffer.alloc(1 + 4 + length + 5)
    row.writeUInt32LE(length, 1)
    expect(rowEnd(row, 0, row.length, map(-4), allColumns(1))).toBe(1 + 4 + length)
    expect(() => rowEnd(row, 0, 1 + 4 + length - 1, map(-4), allColumns(1))).toThrow(malformed)
  })

  it('nowhere, if the event ends before it', () => {
    const row = Buffer.from([0, 2, 7, 7, 1, 1, 1, 1, 9, 9, 9])
    const table = map(-1, 4)
    expect(rowEnd(row, 0, 8, table, allColumns(2))).toBe(8)
    for (let end = 0; end < 8; end++) expect(() => rowEnd(row, 0, end, table, allColumns(2)), String(end)).toThrow(malformed)
    // two of three columns
    const some = readColumnSet(Buffer.from([0b101]), 0, 3)
    expect(rowEnd(row, 0, 8, map(-1, 2, 4), some)).toBe(8)
    for (let end = 0; end < 8; end++) expect(() => rowEnd(row, 0, end, map(-1, 2, 4), some), String(end)).toThrow(malformed)
  })

  it('nowhere, if a length stands across the end', () => {
    for (const width of [-1, -2, -3, -4]) {
      const row = Buffer.alloc(1 - width + 8)
      for (let end = 0; end < 1 - width; end++) expect(() => rowEnd(row, 0, end, map(width), allColumns(1))).toThrow('it is too short')
      row[1] = 9
      expect(() => rowEnd(row, 0, row.length, map(width), allColumns(1))).toThrow('a cell claims 9 bytes')
    }
  })

  it('nowhere, if it is of another table', () => {
    const row = Buffer.alloc(20)
    expect(() => rowEnd(row, 0, 20, map(1, 1), allColumns(3))).toThrow('3 columns, the table has 2')
    expect(() => rowEnd(row, 0, 20, map(1, 1), allColumns(1))).toThrow('1 columns, the table has 2')
    expect(() => rowEnd(row, 0, 20, map(1, 1), readColumnSet(Buffer.from([0b1101]), 0, 5))).toThrow('3 columns, the table has 1')
  })
})

describe('the width of a cell', () => {
  it('of a decimal: nine digits have four bytes, the rest has half of its digits, rounded up', () => {
    // the table in https://dev.mysql.com/doc/refman/8.4/en/precision-math-decimal-characteristics.html
    const bytesOf = (digits: number): number => Math.floor(digits / 9) * 4 + Math.ceil((digits % 9) / 2)
    for (let precision = 1; precision <= 65; precision++) {
      for (let scale = 0; scale <= Math.min(30, precision); scale++) expect(cellWidth({ type: TYPE.newDecimal, meta: (precision << 8) | scale }), `${precision}, ${scale}`).toBe(bytesOf(precision - scale) + bytesOf(scale))
    }
    for (const meta of [0, 66 << 8, (5 << 8) | 6]) expect(cellWidth({ type: TYPE.newDecimal, meta })).toBeUndefined()
  })

  it('of what no server writes is not known', () => {
    for (const [type, meta] of [[TYPE.float, 8], [TYPE.double, 4], [TYPE.time2, 7], [TYPE.bit, 65], [TYPE.enum, 3], [TYPE.set, 9], [TYPE.blob, 0], [TYPE.blob, 5], [0, 0], [20, 0], [243, 0]] as const) expect(cellWidth({ type, meta }), String(type)).toBeUndefined()
  })

  it('of a text: two bytes of length from 256 bytes on', () => {
    expect([254, 255, 256, 65_535].map((meta) => cellWidth({ type: TYPE.varchar, meta }))).toEqual([-1, -1, -2, -2])
    expect([254, 255, 256, 1020].map((meta) => cellWidth({ type: TYPE.string, meta }))).toEqual([-1, -1, -2, -2])
  })
})
