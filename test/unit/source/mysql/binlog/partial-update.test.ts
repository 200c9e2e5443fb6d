import { describe, expect, it } from 'vitest'
import { EVENT } from '../../../../../src/source/mysql/binlog/event-type.ts'
import { readPartialRow } from '../../../../../src/source/mysql/binlog/partial-update.ts'
import { readRows, rowEnd } from '../../../../../src/source/mysql/binlog/rows.ts'
import { JsonText } from '../../../../../src/source/mysql/json/json-text.ts'
import { writeJson } from '../../../../../src/source/mysql/json/write-json.ts'
import { readCapture } from './capture.ts'
import { mapOf, rowEventsOf } from './captured-events.ts'
import type { Cells } from './walk.ts'

const TEXT = 'a long enough text that a difference is shorter than all of it'
const OTHER = 'another text that is long enough as well, or so one would think'

function textOf(document: Buffer): string {
  const text = new JsonText()
  writeJson(document, 0, document.length, text)
  return text.bytes.toString('utf8', 0, text.length)
}

function plain(cells: Cells | undefined): Record<number, unknown> {
  return Object.fromEntries(Object.entries(cells!).map(([column, cell]) => [column, cell === null ? null : column === '0' || column === '3' ? cell.readInt32LE() : JSON.parse(textOf(cell))]))
}

describe('partial updates of JSON', () => {
  const updates = rowEventsOf('mysql-9.7', 'partial', 't').filter(({ type }) => type === EVENT.partialUpdateRows).map(({ rows }) => rows.map(({ before, after }) => ({ before: plain(before), after: plain(after) })))

  it('become the whole document', () => {
    expect(updates[0]).toEqual([{
      before: { 0: 1, 1: { a: 1, b: [1, 2, 3], c: TEXT }, 2: { x: OTHER }, 3: 1, 4: null },
      after: { 0: 1, 1: { a: 2, b: [1, 2, 3], c: TEXT }, 2: { x: OTHER }, 3: 1, 4: null },
    }])
    expect(updates[1]![0]!.after).toEqual({ 0: 2, 1: { a: 1, b: [2, 3], c: 'x' }, 2: { x: OTHER, y: 5 }, 3: 3, 4: [1] })
  })

  it('of several rows in one event, each to its own document', () => {
    expect(updates[2]!.map(({ after }) => after[1])).toEqual([{ a: 3, b: [1, 2, 3], c: TEXT }, { a: 3, b: [2, 3], c: 'x' }])
  })

  it('leave alone what was replaced as a whole, or is NULL', () => {
    expect(updates[3]![0]!.after).toEqual({ 0: 1, 1: { a: 3, b: [1, 2, 3], c: TEXT }, 2: { x: OTHER }, 3: 9, 4: [2] })
    expect(updates[4]![0]!.after).toMatchObject({ 1: null, 3: 3 })
  })

  it('of which the document before was not logged say nothing of the document behind', () => {
    expect(updates[5]).toEqual([{ before: { 0: 1 }, after: { 3: 10 } }])
    expect(updates[6]).toEqual([{ before: { 0: 1 }, after: { 3: 11 } }])
  })

  it('with NOBLOB, where the document before was logged because it changed', () => {
    expect(updates[7]![0]!.after).toMatchObject({ 0: 1, 1: { a: 5, b: [1, 2, 3], c: TEXT }, 3: 12 })
  })

  it('end where they end, also when nobody wants the documents', () => {
    const bytes = readCapture('mysql-9.7').sections['partial']!
    const map = mapOf('mysql-9.7', 'partial', 't')
    let seen = 0
    for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at + 9)) {
      if (bytes[at + 4] !== EVENT.partialUpdateRows) continue
      const end = at + bytes.readUInt32LE(at + 9) - 4
      const { start, before, after } = readRows(bytes, at + 19, end, EVENT.partialUpdateRows)
      for (let row = start; row < end; seen++) {
        const middle = rowEnd(bytes, row, end, map, before!)
        const skipped = readPartialRow(bytes, row, middle, end, map, before!, after!, false)
        expect(skipped).toMatchObject({ image: undefined, end: readPartialRow(bytes, row, middle, end, map, before!, after!, true).end })
        row = skipped.end
      }
    }
    expect(seen).toBe(9)
  })
})
