import { writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { createEngine } from '../../../src/index.ts'
import { fromDebezium } from '../../../src/debezium/index.ts'
import { memoryOffsets, memorySink } from '../../../src/testing/index.ts'
import { startPostgres, type PostgresServer } from '../../server/postgres.ts'
import { requireDebezium, requirePostgres } from '../../server/require.ts'
import { temporaryFolder } from '../../unit/offset/folder.ts'
import { startDebezium } from './debezium.ts'

/** One column of each type, and a value for it. Without those that are one thing in Debezium's snapshots and another in its stream: name, serial, numeric without a precision. */
const COLUMNS: readonly (readonly [type: string, value: string])[] = [
  ['int2', '7'], ['int4', '7'], ['int8', '7'], ['oid', '7'], ['float4', '1.5'], ['float8', '1.5'], ['numeric(7,2)', '12345.67'], ['bool', 'true'], ['date', "'2020-02-29'"],
  ['time', "'01:02:03.456'"], ['time(0)', "'01:02:03'"], ['time(1)', "'01:02:03.4'"], ['timetz(3)', "'01:02:03.456Z'"], ['timestamp', "'2020-02-29 01:02:03'"], ['timestamp(0)', "'2020-02-29 01:02:03'"], ['timestamp(2)', "'2020-02-29 01:02:03'"],
  ['timestamptz', "'2020-02-29 01:02:03Z'"], ['timestamptz(1)', "'2020-02-29 01:02:03Z'"], ['interval', "'1 day'"], ['bit(1)', "b'1'"], ['bit(12)', "b'101010101010'"], ['varbit', "b'101'"], ['varbit(5)', "b'101'"],
  ['text', "'a long text \u{1f600}é'"], ['varchar', "'a long varchar'"], ['varchar(20)', "'a long varchar'"], ['varchar(4)', "'abcd'"], ['char(12)', "'padded'"], ['char', "'x'"], ['"char"', "'x'"], ['mood', "'contented'"], ['short', "'ab'"], ['named', "'a long name'"],
  ['uuid', "'123e4567-e89b-12d3-a456-426655440000'"], ['json', `'{"a": [1, 2, 3]}'`], ['jsonb', `'{"a": [1, 2, 3]}'`], ['xml', "'<a>text</a>'"], ['bytea', String.raw`'\x0001020304050607'`], ['inet', "'192.168.100.1'"], ['int4[]', "'{1,2}'"], ['text[]', "'{a long text,b}'"], ['money', "'12.34'"],
  ['citext', "'a long citext'"], ['hstore', "'a=>bbbbbb'"], ['mood[]', "'{sad}'"], ['tsvector', "'a b c d e'"], ['varchar(5)[]', "'{abc}'"], ['numeric(5,1)[]', "'{1.5}'"], ['point', "'(1,2)'"], ['int4range', "'[100,200)'"],
]
const TABLES = ['told', 'typed', 'cut', 'masked', 'hashed', 'hashed2'] as const
const RULES = {
  'column.truncate.to.6.chars': String.raw`public\.cut\..*`, 'column.mask.with.3.chars': String.raw`public\.masked\..*`, 'column.mask.hash.SHA-256.with.salt.pep.per': String.raw`public\.hashed\..*`,
  'column.mask.hash.v2.MD5.with.salt.s': String.raw`public\.hashed2\..*`, 'column.propagate.source.type': String.raw`public\.told\..*`, 'datatype.propagate.source.type': String.raw`public\.typed\.(varchar|numeric|mood|_int4)`,
}

interface Told {
  readonly fields: readonly unknown[]
  readonly after: unknown
}

/** By table and id: what the schema says of the row, and the row. */
function told(values: readonly unknown[]): ReadonlyMap<string, Told> {
  return new Map((values as { schema: { fields: { field: string; fields: unknown[] }[] }; payload: { after: { id: number }; source: { table: string } } }[]).map(({ schema, payload: { after, source } }) => [
    `${source.table} ${after.id}`, { fields: schema.fields.find(({ field }) => field === 'after')!.fields, after },
  ]))
}

function insert(id: number): string {
  return TABLES.map((table) => `insert into ${table} values (${id}, ${COLUMNS.map(([, value]) => value).join(', ')})`).join('; ')
}

const withPostgres = await requirePostgres(18)
const withDebezium = await requireDebezium()
withPostgres('columns that are cut, masked, hashed and told of', () => {
  withDebezium('by Debezium and here', () => {
    it('have the same schemas and values, of every type, in the snapshot and in the log', { timeout: 180_000 }, async () => {
      await using server = await startPostgres({ major: 18 })
      await server.createDatabase('rules')
      const columns = COLUMNS.map(([type], index) => `c${index} ${type}`).join(', ')
      await server.query(`create extension citext; create extension hstore; create type mood as enum ('contented', 'sad'); create domain short as varchar(3); create domain named as text; ${TABLES.map((table) => `create table ${table} (id int primary key, ${columns})`).join('; ')}; ${insert(1)}`, 'rules')
      await using folder = await temporaryFolder()
      const properties = (name: string): Record<string, string> => ({
        'name': name, 'connector.class': 'io.debezium.connector.postgresql.PostgresConnector', 'plugin.name': 'pgoutput', 'database.hostname': '127.0.0.1', 'database.port': String(server.port), 'database.user': 'postgres', 'database.password': 'x', 'database.dbname': 'rules',
        'topic.prefix': 'x', 'slot.name': name, 'publication.name': name, 'offset.storage': 'org.apache.kafka.connect.storage.MemoryOffsetBackingStore', 'key.converter.schemas.enable': 'true', 'value.converter.schemas.enable': 'true', ...RULES,
      })
      const file = `${folder.path}/engine.properties`
      await writeFile(file, Object.entries(properties('theirs')).map(([name, value]) => `${name}=${value.replaceAll('\\', '\\\\')}\n`).join(''))
      await using debezium = await startDebezium(file)
      await debezium.until(() => debezium.records.length >= TABLES.length, 'the snapshot')
      const sink = memorySink()
      const engine = createEngine({ ...fromDebezium(properties('ours')), sink, offsets: memoryOffsets() })
      const running = engine.run()
      await sink.waitFor(TABLES.length)
      await streamed(server, debezium, sink)
      await engine.stop()
      await running
      const [theirs, ours] = [told(debezium.records.map(({ value }) => value)), told(sink.records.map(({ value }) => JSON.parse(String(value)) as unknown))]
      await debezium.stop()
      expect([theirs.size, ours.size, JSON.stringify(ours.get('told 2')).split('__debezium.source.column.scale').length]).toEqual([2 * TABLES.length, 2 * TABLES.length, COLUMNS.length + 2])
      for (const table of TABLES) for (const id of [2, 1]) expect({ table, id, ...ours.get(`${table} ${id}`) }).toEqual({ table, id, ...theirs.get(`${table} ${id}`) })
    })
  })
})

async function streamed(server: PostgresServer, debezium: Awaited<ReturnType<typeof startDebezium>>, sink: ReturnType<typeof memorySink>): Promise<void> {
  await server.until("select count(*) = 2 from pg_replication_slots where active", 'rules')
  await server.query(insert(2), 'rules')
  await debezium.until(() => debezium.records.length >= 2 * TABLES.length, 'what was inserted')
  await sink.waitFor(2 * TABLES.length)
}
