import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import type { HandlingModes } from '../../../../../src/event/handling-mode.ts'
import { renderJson } from '../../../../../src/json/render-json.ts'
import type { PgType } from '../../../../../src/source/postgres/column.ts'
import { column, compiled, domain, type } from './type-fixture.ts'

/*
  Column defaults in schemas: what pg_get_expr printed, and what Debezium 3.6.1 made of it, captured in six modes; one JSON
  text for all of them where they agree, null where the schema shows no default.
*/
type Captured = [of: string, expression: string, ...values: (string | null)[]]

const captured = JSON.parse(readFileSync(path.join(import.meta.dirname, 'debezium-default.json'), 'utf8')) as Captured[]

const MODES: Partial<HandlingModes>[] = [
  {},
  { decimal: 'string', time: 'connect', interval: 'string', binary: 'hex', includeUnknown: true, hstore: 'map' },
  { decimal: 'double', time: 'isostring', binary: 'base64' },
  { time: 'microseconds' },
  { time: 'nanoseconds' },
  { time: 'adaptive_time_microseconds' },
]

/** Where we differ on purpose: the whole literal although it has quotes in it; no default that does not fit 64 bits. */
function ours(expression: string, theirs: string | null, mode: number): string | null {
  if (/^'.*''.*'::/s.test(expression) && theirs !== null) return JSON.stringify(/^'(.*)'::/s.exec(expression)![1]!.replaceAll("''", "'"))
  if (expression.startsWith("'294276-12-31") && [0, 3, 5].includes(mode) && /^(-9223372036853775810|9223372036854775807)$/.test(theirs ?? '')) return null
  return theirs
}

const ENUMS: Record<string, PgType> = {
  mood: { oid: 1, name: 'mood', schema: 'public', kind: 'enum', labels: ['sad', 'ok', "it's"] },
  'Mo od': { oid: 2, name: 'Mo od', schema: 'public', kind: 'enum', labels: ['a b', 'c'] },
  col: { oid: 3, name: 'col', schema: 's2', kind: 'enum', labels: ['red'] },
}

it.each(captured)('%s %s', (...[of, expression, ...values]) => {
  const enumType = ENUMS[of]
  for (const [i, mode] of MODES.entries()) {
    const expected = ours(expression, values[i] === undefined ? values[0]! : values[i], i)
    const { schema } = compiled(enumType === undefined ? column(of, { default: expression }) : column('int4', { type: enumType, default: expression }), mode).field
    const got = schema.default === undefined ? null : renderJson(schema.default).toString()
    // Numbers as they are written, but for floats: Java may spell those with other digits.
    if (expected !== null && /^-?\d.*[.E]/.test(expected)) expect(Number(got)).toBe(Number(expected))
    // what is captured is the value; how the writer escapes characters beyond U+FFFF is its own tests' matter
    else expect(got === null ? null : JSON.stringify(JSON.parse(got))).toBe(expected === null ? null : JSON.stringify(JSON.parse(expected)))
  }
})

it('a default of a domain or of an enum’s other type is none', () => {
  expect(compiled(column('int4', { type: domain('posint', type('int4')), default: '7' })).field.schema.default).toBeUndefined()
  expect(compiled(column('int4', { type: ENUMS['mood']!, default: "'ok'::other" })).field.schema.default).toBeUndefined()
})

it('a long default without a closing parenthesis takes no time', () => {
  const start = performance.now()
  expect(compiled(column('text', { default: `f(${'a, '.repeat(5000)}` })).field.schema.default).toBeDefined()
  expect(performance.now() - start).toBeLessThan(1000)
})
