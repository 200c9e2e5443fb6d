import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ChangeEvent } from '../../../src/event/change-event.ts'
import { DEFAULT_HANDLING_MODES, type HandlingModes } from '../../../src/event/handling-mode.ts'
import type { RowImage } from '../../../src/event/table.ts'
import type { MysqlServer } from '../../server/mysql-server.ts'
import { requireMariadb, requireMysql } from '../../server/require.ts'
import { eachSideBySide } from '../../server/side-by-side.ts'
import { RecordingWriter } from '../../unit/source/postgres/value/recording-writer.ts'
import { offsetFolder } from '../engine-run.ts'
import { runMysql, SERVER_KINDS, startServer } from '../mysql-run.ts'
import { samplesOf, type TypeSample } from './type-sample.ts'

/*
  Every type that a column can have, with every edge value: the snapshot's row, the same row from the log, and what an update says that it was
  before are the same calls of a format's writer in every mode, and the same JavaScript value.
*/

const DB = 'types'
/** Ids of the copies that the stream brings. */
const COPY = 1000
const COLUMNS = 25

const MODES: Readonly<Record<string, Partial<HandlingModes>>> = {
  'Debezium’s defaults': {},
  'texts wherever there is a choice': { decimal: 'string', time: 'isostring', binary: 'hex', bigintUnsigned: 'precise', timeAdjuster: false },
  'doubles, microseconds, base64': { decimal: 'double', time: 'microseconds', binary: 'base64' },
  'nanoseconds, URL-safe base64': { time: 'nanoseconds', binary: 'base64-url-safe', timeAdjuster: false },
  'Connect’s times': { time: 'connect' },
}
const EACH_MODE = Object.values(MODES).map((modes): HandlingModes => ({ ...DEFAULT_HANDLING_MODES, conversionFailure: 'skip', ...modes }))

/** What a row is, column by column: as value, and as each mode writes it. */
interface Row {
  readonly value: Record<string, unknown>
  readonly written: readonly (readonly string[])[]
}

interface TypeTable {
  readonly name: string
  readonly samples: readonly TypeSample[]
  readonly rows: number
}

const withMysql = await requireMysql()
await requireMariadb('10.11', '11.8')

eachSideBySide(withMysql, SERVER_KINDS)('every type of %s', (kind) => {
  let server: MysqlServer
  const tables: TypeTable[] = []
  /** By operation, table and id. */
  const rows = new Map<string, Row>()
  const folder = offsetFolder()

  beforeAll(async () => {
    server = await startServer(kind)
    await server.script(`create database ${DB} character set utf8mb4`)
    const samples = samplesOf(kind)
    for (let from = 0; from < samples.length; from += COLUMNS) tables.push(await create(server, `t${tables.length}`, samples.slice(from, from + COLUMNS)))
    await using run = runMysql({ kind, port: server.port, database: DB, name: 'values', offsets: folder.file('values'), handle: (events) => events.forEach((event) => keep(event)), engine: { limits: { maxBatchEvents: 64 } } })
    const count = tables.reduce((sum, table) => sum + table.rows, 0)
    await run.delivered(count)
    await run.streaming()
    for (const { name, samples: columns } of tables) await server.script(`set sql_mode = 'ALLOW_INVALID_DATES'; insert into ${name} select id + ${COPY}, ${names(columns).join(', ')}, 0 from ${name}; update ${name} set touched = 1 where id <= ${COPY}`, DB)
    await run.delivered(3 * count)
    await run.stop()
  }, 300_000)
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  function keep(event: ChangeEvent): void {
    const { op, table } = event
    const id = String(event.key!['id'])
    rows.set(`${op} ${table.name} ${id}`, look(event, event.afterImage!, event.after!))
    if (op === 'u') rows.set(`before ${table.name} ${id}`, look(event, event.beforeImage!, event.before!))
  }

  const each = (check: (snapshot: Row, other: Row, of: string) => void): void => {
    for (const { name, rows: last } of tables) {
      for (let id = 1; id <= last; id++) for (const other of [`c ${name} ${id + COPY}`, `before ${name} ${id}`, `u ${name} ${id}`]) check(rows.get(`r ${name} ${id}`)!, rows.get(other)!, other)
    }
  }

  it('has a value in every column', () => {
    for (const { name, samples } of tables) {
      const first = rows.get(`r ${name} 1`)!.value
      expect(Object.keys(first)).toEqual(['id', ...names(samples), 'touched'])
      expect(samples.filter((_, index) => first[`c${index}`] === null).map(({ sql }) => sql)).toEqual([])
    }
  })

  it('has the same JavaScript value in snapshot, log and before image', () => {
    each((snapshot, other, of) => {
      expect(columns(other.value), of).toEqual(columns(snapshot.value))
    })
  })

  it.each(Object.keys(MODES).map((mode, index) => [mode, index] as const))('is written alike in snapshot, log and before image: %s', (_, index) => {
    each((snapshot, other, of) => {
      expect(other.written[index]!.slice(1, -1), of).toEqual(snapshot.written[index]!.slice(1, -1))
    })
  })

  it('is decoded from its own character set', () => {
    for (const { name, samples } of tables) {
      samples.forEach(({ sql, values }, column) => {
        const text = /^'([^'\\]+)'$/.exec(values[0]!)?.[1]
        if (!/character set/.test(sql) || /^(enum|set|char)/.test(sql) || text === undefined) return
        expect(String(rows.get(`r ${name} 1`)!.value[`c${column}`]), sql).toBe(text)
      })
    }
  })
})

function names(samples: readonly TypeSample[]): string[] {
  return samples.map((_, index) => `c${index}`)
}

/** A row for each value; a column with fewer has NULL in the others. */
async function create(server: MysqlServer, name: string, samples: readonly TypeSample[]): Promise<TypeTable> {
  const count = Math.max(...samples.map(({ values }) => values.length)) + 1
  await server.script(`create table ${name} (id int primary key, ${samples.map(({ sql }, index) => `c${index} ${sql}`).join(', ')}, touched int)`, DB)
  const inserts = Array.from({ length: count }, (_, row) => `insert into ${name} values (${[row + 1, ...samples.map(({ values }) => values[row] ?? 'null'), 0].join(', ')})`)
  // neither a zero date nor a value that is no label is an error
  await server.script(`set sql_mode = 'ALLOW_INVALID_DATES'; ${inserts.join('; ')}`, DB)
  return { name, samples, rows: count }
}

/** Bytes as hex: comparing large Buffers takes seconds. */
function columns(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([name]) => name.startsWith('c')).map(([name, value]) => [name, Buffer.isBuffer(value) ? `bytes ${value.toString('hex')}` : value]))
}

function look({ table }: ChangeEvent, image: RowImage, value: Record<string, unknown>): Row {
  const written = EACH_MODE.map((modes) => {
    const writer = new RecordingWriter()
    table.codec(modes).write(image, writer)
    return writer.finished
  })
  return { value, written }
}
