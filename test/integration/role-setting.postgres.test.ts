import { afterAll, beforeAll, expect, it } from 'vitest'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { offsetFolder, runEngine, type EngineRun, type Seen } from './engine-run.ts'
import { createTypeTables, type TypeTable } from './type-table.ts'

/*
  What ALTER ROLE … SET and ALTER DATABASE … SET make of a session must not reach values: an engine whose role has every
  setting that changes the text of a value, or that cuts a session short, delivers what any other delivers.
*/

const DB = 'settings'
const SETTINGS: Readonly<Record<string, string>> = {
  datestyle: 'German, DMY', intervalstyle: 'iso_8601', bytea_output: 'escape', extra_float_digits: '-5', timezone: 'Asia/Kolkata', xmloption: 'document', client_encoding: 'LATIN1',
  standard_conforming_strings: 'off', quote_all_identifiers: 'on', search_path: 'elsewhere', default_transaction_isolation: 'serializable', default_transaction_deferrable: 'on', default_transaction_read_only: 'on',
  row_security: 'on', synchronize_seqscans: 'on', default_toast_compression: 'pglz', array_nulls: 'off', backslash_quote: 'off',
}
const LIMITS: Readonly<Record<string, string>> = {
  statement_timeout: '300ms', lock_timeout: '300ms', idle_in_transaction_session_timeout: '300ms', idle_session_timeout: '300ms', transaction_timeout: '300ms',
}

const withPostgres = await requirePostgres(18)
withPostgres('settings of the role and the database', () => {
  let server: PostgresServer
  const folder = offsetFolder()

  beforeAll(async () => {
    server = await startPostgres({ major: 18 })
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  async function roleWith(role: string, settings: Readonly<Record<string, string>>): Promise<void> {
    await server.query(`create role ${role} login replication; grant pg_read_all_data to ${role}; grant usage on schema public to ${role}`, DB)
    for (const [name, value] of Object.entries(settings)) await server.query(`alter role ${role} set ${name} = ${value.includes(',') ? value : `'${value}'`}`, DB)
  }

  function start(user: string, options: Partial<Parameters<typeof runEngine>[0]> = {}): EngineRun {
    return runEngine({
      port: server.port, database: DB, name: user, offsets: folder.file(user), ...options,
      source: { connection: { host: server.host, port: server.port, database: DB, user, sslmode: 'disable' }, publication: { name: 'p', create: 'disabled' }, tables: ['public.*'], ...options.source },
    })
  }

  it('change no value of any type, in snapshot and stream', { timeout: 120_000 }, async () => {
    await server.createDatabase(DB)
    const tables = await server.withClient(DB, createTypeTables)
    await server.query('create publication p for all tables', DB)
    await roleWith('plain', {})
    await roleWith('odd', { ...SETTINGS, ...await monetary(server) })
    await server.query(`alter database ${DB} set datestyle = 'SQL, DMY'; alter database ${DB} set timezone = 'America/St_Johns'`)
    await using plain = start('plain')
    await using odd = start('odd')
    for (const run of [plain, odd]) await run.streaming()
    await server.script(DB, tables.map(copySql).join(';'))
    const count = 2 * tables.reduce((sum, table) => sum + table.rows, 0)
    for (const run of [plain, odd]) {
      await run.delivered(count)
      await run.stop()
    }
    const said = (seen: readonly Seen[]): unknown[] => seen.map(({ op, table, key, after }) => [op, table, key, after])
    expect(said(odd.seen)).toEqual(said(plain.seen))
  })

  it('cut neither a snapshot nor a large transaction short, however slowly they are taken', { timeout: 60_000 }, async () => {
    await server.createDatabase(DB)
    await server.query("create table a (id int primary key, v text); create table b (id int primary key); insert into a select g, repeat('x', 4000) from generate_series(1, 4000) g; insert into b values (1); create publication p for all tables", DB)
    await roleWith('hurried', LIMITS)
    const slow = new Set([1, 2, 3, 600, 601])
    let batches = 0
    await using run = start('hurried', {
      engine: { limits: { maxBatchEvents: 20 } },
      handle: async () => {
        // while the server waits to send, and while it waits to be asked for the next table
        if (slow.has(batches++)) await server.query('select pg_sleep(0.5)')
      },
    })
    await run.streaming()
    await server.query("insert into a select g, repeat('y', 4000) from generate_series(10001, 20000) g", DB)
    await run.delivered(14_001)
    expect(batches).toBeGreaterThan(602)
    expect(run.retries).toEqual([])
    await run.stop()
  })
})

/** The other sessions write with the database's settings as well: the texts are the server's own. */
function copySql({ name, types }: TypeTable): string {
  return `insert into ${name} select id + 1000, 0, ${types.map((_, index) => `c${index}`).join(', ')} from ${name}`
}

/** A locale that writes money in another way, where the machine has one. */
async function monetary(server: PostgresServer): Promise<Record<string, string>> {
  for (const locale of ['de_DE.utf8', 'de_DE.UTF-8', 'en_US.utf8', 'en_US.UTF-8', 'fr_FR.utf8']) {
    const known = await server.query(`select set_config('lc_monetary', '${locale}', false)`, DB).then(() => true, () => false)
    if (known) return { lc_monetary: locale }
  }
  return {}
}
