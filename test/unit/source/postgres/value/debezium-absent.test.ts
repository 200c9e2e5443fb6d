import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { HandlingModes } from '../../../../../src/event/handling-mode.ts'
import { renderJson } from '../../../../../src/json/render-json.ts'
import type { PgColumn } from '../../../../../src/source/postgres/column.ts'
import { compileColumn, type CompiledColumn } from '../../../../../src/source/postgres/value/column-codec.ts'
import { column, domain, modes, type } from './type-fixture.ts'

/*
  What Debezium 3.6.1 wrote for values that the log did not carry, captured with one table a type: `missing` in a delete's
  before (NOT NULL columns outside the replica identity), `unavailable` for unchanged out-of-line values. One JSON text a
  mode, or one for all modes; `absent`: the column was left out.
*/
const captured = JSON.parse(readFileSync(path.join(import.meta.dirname, 'debezium-absent.json'), 'utf8')) as {
  modes: (Omit<Partial<HandlingModes>, 'unavailablePlaceholder'> & { unavailablePlaceholder?: string })[]
  missing: string[][]
  unavailable: string[][]
}

const chosen = captured.modes.map(({ unavailablePlaceholder, ...rest }) => modes({ ...rest, ...(unavailablePlaceholder === undefined ? {} : { unavailablePlaceholder: Buffer.from(unavailablePlaceholder.slice(4), 'hex') }) }))

function columnOf(name: string, optional: boolean): PgColumn {
  if (name === 'posint') return column('int4', { optional, type: domain('posint', type('int4')) })
  if (name === 'money92') return column('int4', { optional, type: domain('money92', type('numeric'), ((9 << 16) | 2) + 4) })
  return column(name, { optional })
}

function written([name, ...values]: string[], optional: boolean, write: (of: CompiledColumn) => Parameters<typeof renderJson>[0]): [expected: unknown, got: unknown][] {
  return chosen.map((mode, i) => {
    const of = compileColumn(columnOf(name!, optional), mode, () => {}, { schema: 's', table: 't' })
    const expected = values[i] ?? values[0]!
    return [expected === 'absent' ? expected : JSON.parse(expected), of === undefined ? 'absent' : JSON.parse(renderJson(write(of)).toString())]
  })
}

describe('a NOT NULL column that a key image does not carry is written as Debezium writes it', () => {
  it.each(captured.missing)('%s', (...row) => {
    for (const [expected, got] of written(row, false, (of) => of.missing)) expect(got).toEqual(expected)
  })
})

describe('an unchanged out-of-line value is written as Debezium writes it', () => {
  it.each(captured.unavailable)('%s', (...row) => {
    for (const [expected, got] of written(row, true, (of) => of.unavailable)) expect(got).toEqual(expected)
  })
})
