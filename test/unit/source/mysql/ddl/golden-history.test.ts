import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { encodeRecord } from '../../../../../src/schema-history/record-json.ts'
import type { SchemaChange } from '../../../../../src/schema-history/table-definition.ts'
import { context, model } from './context.ts'
import { DIFFERENCES, NOT_KEPT, WITH_COMMENTS, type Golden } from './golden-difference.ts'

const GOLDEN = path.join(import.meta.dirname, '../../../../golden')

function scenarios(flavor: string): string[] {
  const files = readdirSync(path.join(GOLDEN, flavor), { recursive: true, encoding: 'utf8' })
  return files.filter((file) => /(^|\/)schema-history[^/]*\.ndjson(\.gz)?$/.test(file)).map((file) => `${flavor}/${file}`).sort()
}

/** Records with a statement, apart from those of a signal that tells the tables' definitions. */
function read(file: string): Golden[] {
  const bytes = readFileSync(path.join(GOLDEN, file))
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').trimEnd()
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Golden).filter(({ ddl }) => ddl !== undefined)
}

/** What ours would have in the place of a record, without its place. */
function written({ database, ddl, changes }: SchemaChange): Golden {
  const { databaseName, ddl: text, tableChanges } = JSON.parse(encodeRecord({ source: {}, position: {}, timestampMs: 0, database, ddl, changes })) as Golden
  return { databaseName, ddl: text!, tableChanges }
}

function expected(file: string, golden: Golden, excused: Map<string, number>): Golden {
  for (const { why, files, ours } of DIFFERENCES) {
    const other = files.test(file) ? ours(golden) : undefined
    if (other === undefined || JSON.stringify(other) === JSON.stringify(golden)) continue
    excused.set(why, (excused.get(why) ?? 0) + 1)
    golden = other
  }
  const { databaseName, ddl, tableChanges } = golden
  return { databaseName, ddl: ddl!, tableChanges }
}

/** The statements that records are of: those of one RENAME TABLE stand one after the other. */
function statements(golden: readonly Golden[]): Golden[][] {
  const found: Golden[][] = []
  for (const record of golden) {
    const last = found.at(-1)
    if (/^rename table /.test(record.ddl!) && /^rename table /.test(last?.[0]?.ddl ?? '')) last!.push(record)
    else found.push([record])
  }
  return found
}

function whole(records: readonly Golden[]): string {
  const [first, ...rest] = records.map(({ ddl }) => ddl!)
  return [first, ...rest.map((ddl) => ddl.replace('rename table ', ''))].join(', ')
}

function replay(file: string, excused: Map<string, number>): number {
  const into = model(file.startsWith('mysql') ? 'mysql' : 'mariadb', { comments: WITH_COMMENTS.test(file) })
  const golden = statements(read(file))
  for (const records of golden) {
    const ddl = whole(records)
    const { databaseName: database } = records[0]!
    for (const { files, before, statement } of NOT_KEPT) if (files.test(file) && before === ddl) into.apply(statement, context({ database }))
    const statement = into.apply(ddl, context({ database }))
    if (statement.kind !== 'schema') throw new Error(`${statement.kind}: ${ddl}`)
    expect(statement.changes.map(written), ddl).toEqual(records.map((record) => expected(file, record, excused)))
    // member by member is not enough: the order is Debezium's too
    expect(JSON.stringify(statement.changes.map(written))).toBe(JSON.stringify(records.map((record) => expected(file, record, new Map()))))
  }
  return golden.flat().length
}

for (const flavor of ['mysql', 'mariadb'] as const) {
  describe(`histories that Debezium wrote for ${flavor} come out again when their statements are read`, () => {
    for (const file of scenarios(flavor)) test(file, () => expect(replay(file, new Map())).toBeGreaterThan(0))
  })
}

test('every difference is met, and how often is told', () => {
  const excused = new Map<string, number>()
  const records = ['mysql', 'mariadb'].flatMap(scenarios).map((file) => replay(file, excused))
  expect([...excused.keys()].sort()).toEqual(DIFFERENCES.map(({ why }) => why).sort())
  console.log(`${records.reduce((sum, count) => sum + count, 0)} records of ${records.length} histories; ${[...excused.values()].reduce((sum, count) => sum + count, 0)} are excused`)
})
