import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { PgColumn, PgType } from '../../../../../src/source/postgres/column.ts'
import { BUILT_IN, createDecoder } from '../../../../../src/source/postgres/value/decoder.ts'
import { expectGenerated, table } from '../../../document.ts'
import { domain, MOOD, PAIR, type } from './type-fixture.ts'

/** A line of docs/values.md: types that become the same, what they become, and a text of the server's for each example. */
interface Line {
  readonly types: readonly string[]
  /** Where it is not a type of pg_catalog. */
  readonly as?: PgType
  readonly what: string
  readonly kind: 'boolean' | 'number' | 'bigint' | 'string' | 'Buffer' | 'array' | 'object'
  readonly texts: readonly string[]
}

const LINES: readonly Line[] = [
  { types: ['bool'], what: 'boolean', kind: 'boolean', texts: ['t'] },
  { types: ['int2', 'int4', 'oid'], what: 'number', kind: 'number', texts: ['-32768', '4294967295'] },
  { types: ['int8'], what: 'bigint', kind: 'bigint', texts: ['9223372036854775807'] },
  { types: ['float4', 'float8'], what: 'number; a float4 is the number that its text says', kind: 'number', texts: ['0.1', '-0', 'NaN', '-Infinity'] },
  { types: ['numeric'], what: 'string: every digit, scale included; `NaN`, `Infinity`, `-Infinity`', kind: 'string', texts: ['12.50', '-0.001', 'NaN'] },
  { types: ['money'], what: 'string: the amount without currency sign and separators', kind: 'string', texts: ['-$1,234.50'] },
  { types: ['uuid'], what: 'string', kind: 'string', texts: ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'] },
  { types: ['bytea'], what: 'Buffer', kind: 'Buffer', texts: ['\\x00ff', '\\x'] },
  { types: ['json', 'jsonb'], what: 'what `JSON.parse` makes of it', kind: 'object', texts: ['{"a": [1, null]}'] },
  { types: ['date'], what: 'string, ISO 8601', kind: 'string', texts: ['2024-02-29', '0044-03-15 BC', 'infinity'] },
  { types: ['time', 'timetz'], what: 'string, as the server writes it', kind: 'string', texts: ['13:14:15.5', '24:00:00'] },
  { types: ['timestamp'], what: 'string, ISO 8601 without an offset', kind: 'string', texts: ['2024-02-29 13:14:15.123456', '12345-06-07 08:09:10'] },
  { types: ['timestamptz'], what: 'string, ISO 8601 in UTC', kind: 'string', texts: ['2024-02-29 13:14:15.5+00', '-infinity'] },
  { types: ['interval'], what: 'string, ISO 8601, each part with its own sign', kind: 'string', texts: ['1 year 2 mons -3 days +04:05:06.789', '-00:00:01'] },
  { types: ['int2vector', 'oidvector'], what: 'array of numbers', kind: 'array', texts: ['1 2 3'] },
  { types: ['text', 'varchar', 'bpchar', 'char', 'name', 'xml', 'bit', 'varbit', 'inet', 'cidr', 'macaddr', 'macaddr8', 'tsvector', 'tsquery', 'point', 'line', 'lseg', 'box', 'path', 'polygon', 'circle', 'pg_lsn', '…'], what: 'string, as the server writes it', kind: 'string', texts: ['10101', '(1,2)'] },
  { types: ['ranges', 'multiranges'], as: type('int4range'), what: 'string, as the server writes it', kind: 'string', texts: ['[1,10)', 'empty'] },
  { types: ['enums'], as: MOOD, what: 'string: the label', kind: 'string', texts: ['ok'] },
  { types: ['composite types'], as: PAIR, what: 'string, as the server writes it', kind: 'string', texts: ['(1,"a b")'] },
  { types: ['domains'], as: domain('amount', type('numeric')), what: 'what the base type is', kind: 'string', texts: ['12.50'] },
  { types: ['arrays'], as: type('int8[]'), what: 'array, nested for more dimensions', kind: 'array', texts: ['{1,NULL}', '{{1,2},{3,4}}'] },
  { types: ['hstore'], as: type('hstore'), what: 'object', kind: 'object', texts: ['"a"=>"1", "b"=>NULL'] },
]

function decode(of: PgType, text: string): unknown {
  const column: PgColumn = { name: 'c', type: of, typmod: -1, optional: true, identity: false, generated: false }
  const bytes = Buffer.from(text)
  return createDecoder(column, {})(bytes, 0, bytes.length)
}

function kindOf(value: unknown): string {
  if (Buffer.isBuffer(value)) return 'Buffer'
  return Array.isArray(value) ? 'array' : typeof value
}

describe('docs/values.md', () => {
  test('says what each type becomes, with examples that the decoder made', () => {
    const rows = LINES.map(({ types, as, what, texts }) => {
      const values = texts.map((text) => decode(as ?? type(types[0]!), text))
      return [types.map((name) => (as === undefined && name !== '…' ? `\`${name}\`` : name)).join(' '), what, texts.map((text) => `\`${text}\``).join('<br>'), values.map((value) => `\`${inspect(value, { breakLength: Infinity })}\``).join('<br>')]
    })
    expectGenerated('values.md', 'types', table(['database type', 'JavaScript value', 'the server’s text', 'example'], rows))
  })

  test('has every type that is not simply its text, and calls no other one something else', () => {
    const listed = LINES.filter(({ as }) => as === undefined)
    const text = listed.find(({ types }) => types.includes('text'))!
    expect(new Set(listed.filter((line) => line !== text).flatMap(({ types }) => types))).toEqual(new Set(BUILT_IN.keys()))
    expect(text.types.filter((name) => BUILT_IN.has(name))).toEqual([])
  })

  test.each(LINES)('$types become $kind', ({ types, as, kind, texts }) => {
    for (const name of types) {
      if (name === '…') continue
      for (const text of texts.filter((each) => name !== 'int2' || each.length < 7)) expect(kindOf(decode(as ?? type(name), text)), `${name} ${text}`).toBe(kind)
    }
  })
})
