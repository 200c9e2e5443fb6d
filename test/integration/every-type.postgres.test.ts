import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChangeEvent } from '../../src/event/change-event.ts'
import type { HandlingModes } from '../../src/event/handling-mode.ts'
import { debeziumJson } from '../../src/format/json/debezium-json.ts'
import { RecordBatch } from '../../src/format/record-batch.ts'
import { UNAVAILABLE } from '../../src/event/unavailable.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { eachSideBySide } from '../server/side-by-side.ts'
import { offsetFolder, runEngine } from './engine-run.ts'
import { createTypeTables, WITHOUT_INPUT, type TypeTable } from './type-table.ts'

/*
  Every type that a column can have, asked of the server at run time, with every edge value that its input function takes: the
  snapshot, the stream, and an update that leaves out-of-line values unchanged give the same value, as JavaScript value, as
  Debezium JSON under different modes, and as text.
*/

const MAJORS = [14, 18] as const
const DB = 'types'
/** Ids of the copies that the stream brings. */
const COPY = 1000

const MODES: Readonly<Record<string, Partial<HandlingModes>>> = {
  'Debezium’s defaults': {},
  'texts wherever there is a choice': { decimal: 'string', time: 'isostring', binary: 'hex', interval: 'string', hstore: 'json', includeUnknown: true },
  'doubles, microseconds, base64': { decimal: 'double', time: 'microseconds', binary: 'base64', hstore: 'map', includeUnknown: true, moneyFractionDigits: 0 },
  'nanoseconds, URL-safe base64': { time: 'nanoseconds', binary: 'base64-url-safe', moneyFractionDigits: 4, includeUnknown: true },
  'Connect’s times': { time: 'connect', conversionFailure: 'skip' },
  'adaptive microseconds': { time: 'adaptive_time_microseconds', conversionFailure: 'skip' },
}

/** What an event said of a row: as value, and as JSON in each mode. */
interface Row {
  readonly value: Record<string, unknown>
  readonly before: Record<string, unknown> | null
  readonly json: readonly Record<string, unknown>[]
}

const withPostgres = await requirePostgres(...MAJORS)
withPostgres('every type', () => {
  eachSideBySide(describe, MAJORS)('on PostgreSQL %i', (major) => {
    let server: PostgresServer
    let tables: TypeTable[]
    /** By operation, table and id. */
    const rows = new Map<string, Row>()
    /** The server's texts, which a second engine has taken as they are. */
    const texts = new Map<string, Record<string, unknown>>()

    beforeAll(async () => {
      server = await startPostgres({ major })
      using folder = offsetFolder()
      await server.createDatabase(DB)
      tables = await server.withClient(DB, createTypeTables)
      const names = (await server.query<{ name: string }>('select distinct typname as name from pg_type', DB)).map(({ name }) => name)
      const formats = Object.values(MODES).map((modes) => debeziumJson({ logicalName: 't', modes, schemasEnable: { key: false, value: false, header: false } }))
      const common = { port: server.port, database: DB, engine: { limits: { maxBatchEvents: 64 } } }
      const keep = (events: readonly ChangeEvent[]): void => events.forEach((event) => rows.set(nameOf(event), look(event, formats)))
      await using run = runEngine({ ...common, name: 'values', offsets: folder.file('values'), handle: keep })
      await using raw = runEngine({
        ...common, name: 'texts', offsets: folder.file('texts'), source: { parsers: Object.fromEntries(names.map((name) => [name, (text: string) => text])) },
        handle: (events) => events.forEach((event) => texts.set(nameOf(event), event.after!)),
      })
      const count = tables.reduce((sum, table) => sum + table.rows, 0)
      const both = async (times: number): Promise<void> => {
        for (const each of [run, raw]) await each.delivered(times * count)
      }
      await both(1)
      for (const each of [run, raw]) await each.streaming()
      for (const { name, types } of tables) await server.query(`insert into ${name} select id + ${COPY}, 0, ${types.map((_, index) => `c${index}`).join(', ')} from ${name}`, DB)
      await both(2)
      for (const { name } of tables) await server.query(`alter table ${name} replica identity full; update ${name} set touched = 1 where id <= ${COPY}`, DB)
      await both(3)
      await run.stop()
      await raw.stop()
    }, 300_000)
    afterAll(async () => await server[Symbol.asyncDispose]())

    const each = (check: (table: TypeTable, id: number) => void): void => {
      for (const table of tables) for (let id = 1; id <= table.rows; id++) check(table, id)
    }
    const columnsOf = (row: Record<string, unknown>): Record<string, unknown> => Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'id' && name !== 'touched'))

    it('has a value, but for those that nobody can write', () => {
      const all = tables.flatMap(({ types }) => types)
      expect(all.length).toBeGreaterThan(major === 14 ? 200 : 210)
      const without = all.filter(({ name, texts: known }) => known.length === 0 && !WITHOUT_INPUT.has(name)).map(({ name }) => name)
      expect(without).toEqual([])
    })

    it('has the same JavaScript value in snapshot and stream', () => {
      each(({ name }, id) => {
        expect(columnsOf(rows.get(`c ${name} ${id + COPY}`)!.value), `${name} ${id}`).toEqual(columnsOf(rows.get(`r ${name} ${id}`)!.value))
      })
    })

    it.each(Object.keys(MODES).map((mode, index) => [mode, index] as const))('has the same JSON in snapshot and stream: %s', (_, index) => {
      each(({ name }, id) => {
        expect(columnsOf(rows.get(`c ${name} ${id + COPY}`)!.json[index]!), `${name} ${id}`).toEqual(columnsOf(rows.get(`r ${name} ${id}`)!.json[index]!))
      })
    })

    it('has the same value after an update that did not touch it, with REPLICA IDENTITY FULL, out-of-line ones too', async () => {
      each(({ name }, id) => {
        const [before, now] = [rows.get(`r ${name} ${id}`)!, rows.get(`u ${name} ${id}`)!]
        expect(columnsOf(now.value), `${name} ${id}`).toEqual(columnsOf(before.value))
        expect(columnsOf(now.before!), `before of ${name} ${id}`).toEqual(columnsOf(before.value))
        now.json.forEach((json, index) => expect(columnsOf(json), `${name} ${id}`).toEqual(columnsOf(before.json[index]!)))
        expect(Object.values(now.value)).not.toContain(UNAVAILABLE)
      })
      // there were such values indeed
      expect(await server.value<number>("select count(*)::int from pg_class t where relkind = 't' and pg_relation_size(t.oid) > 0", DB)).toBeGreaterThan(3)
    })

    it('has, as text, what the server itself writes', () => {
      for (const table of tables) {
        table.types.forEach(({ sql, texts: known }, column) => {
          for (let row = 0; row < table.rows; row++) {
            for (const [op, id] of [['r', row + 1], ['c', row + 1 + COPY], ['u', row + 1]] as const) {
              const text = texts.get(`${op} ${table.name} ${id}`)![`c${column}`]
              expect(text, `${sql}, ${op}`).toBe(known[row] ?? null)
            }
          }
        })
      }
    })

    it('is lossless: different texts are different JavaScript values', () => {
      const same: string[] = []
      for (const table of tables) {
        table.types.forEach(({ sql, texts: known }, column) => {
          // numbers in JSON are doubles, a JSON null is null
          if (/^(json|jsonb)(\[\])?$/.test(sql)) return
          const seen = new Map<string, number>()
          for (let row = 0; row < table.rows; row++) {
            const value = inspect(rows.get(`r ${table.name} ${row + 1}`)!.value[`c${column}`], { depth: null, maxArrayLength: null, maxStringLength: null })
            const other = seen.get(value)
            if (row < known.length && other !== undefined) same.push(`${sql}: ${known[row]} and ${known[other]}`)
            if (row < known.length) seen.set(value, row)
          }
        })
      }
      expect(same).toEqual([])
    })
  })
})

function nameOf({ op, table, key }: ChangeEvent): string {
  return `${op} ${table.name} ${String(key!['id'])}`
}

const batch = new RecordBatch(1 << 20)

function look(event: ChangeEvent, formats: readonly ReturnType<typeof debeziumJson>[]): Row {
  const json = formats.map((format) => {
    batch.clear(1 << 20)
    format.encode(event, batch, 0n)
    const text = batch.bytes.toString('utf8', batch.valueStart[0], batch.valueEnd[0])
    return columnTexts(text)
  })
  return { value: copy(event.after!), before: event.before === null ? null : copy(event.before), json }
}

/** Values own their memory once they are copied. */
function copy(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Buffer.isBuffer(value) ? Buffer.from(value) : value]))
}

/** `after`, column by column, each as its bytes: a number that JSON.parse would round shows every digit. */
function columnTexts(json: string): Record<string, unknown> {
  const from = json.indexOf('"after":{') + '"after":'.length
  const columns = [...json.slice(from).matchAll(/[{,]"(id|touched|c\d+)":/g)]
  const names = columns.map(([, name]) => name!)
  const end = json.indexOf(',"source":{', from)
  const after = json.slice(from, end)
  expect(Object.keys(JSON.parse(after) as object)).toEqual(names.slice(0, Object.keys(JSON.parse(after) as object).length))
  const exact = /("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g
  return JSON.parse(after.replace(exact, (whole, _, number?: string) => (number === undefined ? whole : JSON.stringify(`number ${number}`)))) as Record<string, unknown>
}
