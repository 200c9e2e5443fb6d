import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { ChangeEvent } from '../../src/event/change-event.ts'
import { UNAVAILABLE } from '../../src/event/unavailable.ts'
import { forMajor } from '../fuzz/recorder.ts'
import { offsetFolder, runEngine } from '../integration/engine-run.ts'
import { startPostgres } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { readLine, UNCHANGED, type Change } from './test-decoding.ts'

/*
  The same WAL through two decoders: the server's own output plugin test_decoding, which shares nothing with pgoutput but
  the reorder buffer, and the engine. Every change, its order, its old and new values as text must agree.
*/

const MAJORS = [14, 18] as const
const DB = 'twice'
const END = 'end of the comparison'
const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8')

const withPostgres = await requirePostgres(...MAJORS)
withPostgres('what test_decoding writes of the same WAL', () => {
  describe.each(MAJORS)('on PostgreSQL %i', (major) => {
    it('is what the engine delivers', { timeout: 120_000 }, async () => {
      await using server = await startPostgres({ major })
      using folder = offsetFolder()
      const [setup, workload] = read('../fuzz/capture/workload.sql').split('-- from here on it is streamed')
      await server.createDatabase(DB)
      await server.script(DB, forMajor(read('../golden/postgresql/types/setup.sql'), major))
      await server.script(DB, setup!)
      const types = (await server.query<{ name: string }>('select distinct typname as name from pg_type', DB)).map(({ name }) => name)
      await server.query("select pg_create_logical_replication_slot('other', 'test_decoding')", DB)
      const changes: Change[] = []
      await using run = runEngine({
        port: server.port, database: DB, name: 'twice', offsets: folder.file(String(major)), handle: (events) => {
          for (const event of events) keep(event, changes)
        },
        source: { snapshot: { mode: 'no_data' }, messages: true, publication: { name: 'twice', create: 'all_tables' }, parsers: Object.fromEntries(types.map((name) => [name, (text: string) => text])) },
      })
      await run.streaming()
      // REPLICA IDENTITY NOTHING publishes inserts only; the workload keeps to that
      await server.script(DB, workload!)
      await server.script(DB, read('../golden/postgresql/types/stream.sql'))
      await server.query(`select pg_logical_emit_message(true, 'mark', '${END}')`, DB)
      await run.until(() => changes.at(-1)?.now['content'] === END, 'the end')
      await run.stop()
      const theirs = await server.withClient(DB, async (client) => {
        await client.query("set lc_monetary = 'C'; set intervalstyle = postgres; set bytea_output = hex; set timezone = 'UTC'")
        const { rows } = await client.query<{ data: string }>("select data from pg_logical_slot_get_changes('other', null, null, 'include-timestamp', 'off', 'include-rewrites', 'off')")
        return rows.flatMap(({ data }) => readLine(data)).map(filled)
      })
      expect(theirs.length).toBeGreaterThan(400)
      expect(changes).toEqual(theirs)
    })
  })
})

/** A key update is two events here and one change there. */
function keep(event: ChangeEvent, changes: Change[]): void {
  const { op, message } = event
  const table = `${event.table.schema}.${event.table.name}`
  if (message !== undefined) changes.push({ op: 'm', table: message.prefix, old: {}, now: { transactional: message.transactional, content: Buffer.from(message.content).toString() } })
  else if (event.part === 1) changes.push({ op: 'u', table, old: changes.pop()!.old, now: now(event.after) })
  else changes.push({ op: op as Change['op'], table, old: old(event.before), now: now(event.after) })
}

/** test_decoding leaves nulls out of old tuples, key or whole. */
function old(row: Record<string, unknown> | null): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row ?? {}).filter(([, value]) => value !== null && value !== UNAVAILABLE))
}

function now(row: Record<string, unknown> | null): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row ?? {}).map(([name, value]) => [name, value === UNAVAILABLE ? UNCHANGED : value]))
}

/** With REPLICA IDENTITY FULL the old tuple has what the new one only calls unchanged: the engine fills it in. */
function filled(change: Change): Change {
  return { ...change, now: Object.fromEntries(Object.entries(change.now).map(([name, value]) => [name, value === UNCHANGED && change.table === 'public.whole' ? change.old[name] : value])) }
}
