import { afterAll, beforeAll, expect, it } from 'vitest'
import { debeziumJson } from '../../src/index.ts'
import type { ColumnConversion } from '../../src/source/mysql/conversion-options.ts'
import { memorySink, type MemorySink } from '../../src/testing/index.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { requireMariadb, requireMysql } from '../server/require.ts'
import { eachSideBySide } from '../server/side-by-side.ts'
import { offsetFolder, type EngineRun } from './engine-run.ts'
import { runMysql, SERVER_KINDS, startServer } from './mysql-run.ts'

const withMysql = await requireMysql()
await requireMariadb('10.11', '11.8')

const CONVERSIONS: readonly ColumnConversion[] = [
  { to: 'boolean', columns: ['s.forms.flag', 's.forms.wide', 's.forms.id'] },
  { to: 'int16', columns: ['s.forms.said', 's.forms.amount'] },
  { to: 'float', columns: ['s.forms.dbl'] },
  { to: 'double', columns: ['s.forms.amount', 's.forms.flt', 's.forms.digits'] },
  { to: 'string', columns: ['s.forms.label', 's.forms.many', 's.forms.big', 's.forms.raw', 's.forms.day'] },
  { to: 'date', columns: ['s.dates.*'], date: '1900-01-01', datetime: '2000-01-01 00:00:01', single: { 's.dates.dt6': '1999-12-31 23:59:59', 's.dates.dnn': null } },
]

/** Row 1 is read by the snapshot, row 2, which is the same, from the log. */
const FORMS = "(%, 1, 1, 'TRUE', -3.50, 0.1, 0.1, ' 7e2', 'b', 'x,y', 18446744073709551615, 'bytes', '2020-01-02')"
const NONE = '(%, null, null, null, null, null, null, null, null, null, null, null, null)'
const ZEROS = "(%, '0000-00-00', '0000-00-00', '0000-00-00 00:00:00', '0000-00-00 00:00:00', '0000-00-00 00:00:00', '0000-00-00 00:00:00')"
const DAYS = "(%, '2020-02-29', '2020-02-29', '2020-02-29 01:02:03.450', '2020-02-29 01:02:03.450001', '2020-02-29 01:02:03.450', '2020-02-29 01:02:03')"

const SETUP = `
set sql_mode = '', time_zone = '+00:00';
create table forms (id int primary key, flag tinyint(1) default 1, wide tinyint(1), said varchar(10), amount decimal(6,2), dbl double, flt float, digits varchar(10), label enum('a', 'b'), many set('x', 'y') character set latin1, big bigint unsigned, raw varbinary(10), day date);
create table dates (id int primary key, d date, dnn date not null, dt datetime(3) not null default '2001-01-01', dt6 datetime(6), ts timestamp(3) null, tnn timestamp not null default '2001-01-01 00:00:00');
insert into forms values ${FORMS.replace('%', '1')}, ${NONE.replace('%', '3')};
insert into dates values ${ZEROS.replace('%', '1')}, ${DAYS.replace('%', '3')}, (5, null, '2020-01-01', '2020-01-01', null, null, '2020-01-01')`

const STREAM = `set sql_mode = '', time_zone = '+00:00'; insert into forms values ${FORMS.replace('%', '2')}; insert into forms values ${NONE.replace('%', '4')}; insert into dates values ${ZEROS.replace('%', '2')}; insert into dates values ${DAYS.replace('%', '4')}`

interface Row {
  readonly id: number
}

eachSideBySide(withMysql, SERVER_KINDS)('columns of %s in another form', (kind) => {
  let server: MysqlServer
  const folder = offsetFolder()

  beforeAll(async () => {
    server = await startServer(kind)
    await server.script(`create database s character set utf8mb4; use s; ${SETUP}`)
  }, 180_000)
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  function run(sink: MemorySink): EngineRun {
    const format = debeziumJson({ logicalName: 'x', runId: 'r' })
    return runMysql({ kind, port: server.port, database: 's', name: 'forms', offsets: folder.file('forms'), source: { columns: { convert: CONVERSIONS } }, engine: { sink, format } })
  }

  it('have it in the snapshot and in the log, values, schemas and defaults', async () => {
    const sink = memorySink()
    await using engine = run(sink)
    await engine.streaming()
    await server.script(STREAM, 's')
    await engine.until(() => sink.records.length >= 9, 'nine records')
    const rows = new Map(sink.records.map(({ destination, value }) => {
      const { schema, payload } = JSON.parse(String(value)) as { schema: { fields: { field: string; fields: { field: string }[] }[] }; payload: { after: Row } }
      const fields = schema.fields.find(({ field }) => field === 'after')!.fields
      return [`${destination.slice(4)} ${payload.after.id}`, { after: payload.after, fields: Object.fromEntries(fields.map(({ field, ...rest }) => [field, rest])) }]
    }))

    const { fields } = rows.get('forms 1')!
    expect(fields).toMatchObject({
      id: { type: 'int32', optional: false }, flag: { type: 'boolean', optional: true, default: true }, wide: { type: 'boolean', optional: true }, said: { type: 'int16', optional: true }, amount: { type: 'int16' }, dbl: { type: 'float' }, flt: { type: 'double' }, digits: { type: 'double' },
      label: { type: 'string', parameters: { '__debezium.source.column.character_set': 'utf8mb4' } }, many: { parameters: { '__debezium.source.column.character_set': 'latin1' } }, big: { type: 'string' }, day: { type: 'int32', name: 'io.debezium.time.Date' },
    })
    expect(fields['label']).not.toHaveProperty('name')
    const forms = { flag: true, wide: true, said: 1, amount: 0, dbl: 0.1, flt: Math.fround(0.1), digits: 700, label: 'b', many: 'x,y', raw: 'bytes', day: 18263 }
    for (const id of [1, 2]) expect(rows.get(`forms ${id}`)!.after).toMatchObject({ id, ...forms })
    for (const id of [3, 4]) expect(rows.get(`forms ${id}`)!.after).toEqual({ id, ...Object.fromEntries(Object.keys(forms).map((name) => [name, null])), big: null, flag: true })

    const dates = rows.get('dates 1')!.fields
    expect(dates).toMatchObject({
      d: { type: 'int32', optional: true, name: 'io.debezium.time.Date' }, dnn: { type: 'int32', optional: true }, dt: { type: 'int64', optional: false, default: 946684801000, name: 'io.debezium.time.Timestamp' }, dt6: { name: 'io.debezium.time.MicroTimestamp' },
      ts: { type: 'string', optional: true }, tnn: { type: 'string', optional: true },
    })
    expect(dates['tnn']).not.toHaveProperty('default')
    for (const id of [1, 2]) expect(rows.get(`dates ${id}`)!.after).toEqual({ id, d: -25567, dnn: null, dt: 946684801000, dt6: 946684799000000, ts: null, tnn: null })
    for (const id of [3, 4]) expect(rows.get(`dates ${id}`)!.after).toEqual({ id, d: 18321, dnn: 18321, dt: 1582938123450, dt6: 1582938123450001, ts: '2020-02-29T01:02:03.45Z', tnn: '2020-02-29T01:02:03Z' })
    expect(rows.get('dates 5')!.after).toMatchObject({ d: -25567, dt6: 946684799000000, ts: null })
    await engine.stop()
  })
})
