import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChangeEvent } from '../../src/event/change-event.ts'
import { memoryOffsets, type StoredOffset } from '../../src/index.ts'
import { decodeValue } from '../../src/offset/connect/offset-value.ts'
import { parseLsn } from '../../src/source/postgres/position.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { eachSideBySide } from '../server/side-by-side.ts'
import { offsetFolder, runEngine, type EngineRun, type RunOptions } from './engine-run.ts'

/*
  Offsets as Debezium stores them, one with each of its records, gone on from at every single one: nothing is left out, and only what
  the documentation says comes again. And those that cannot be gone on from.
*/

const MAJORS = [14, 18] as const
const DB = 'offsets'

const SETUP = `
create table rows (id int primary key, v text);
create table whole (id int primary key, v text); alter table whole replica identity full;
create table parent (id int primary key); create table child (id int primary key);
create table unseen (id int primary key);
create publication p for all tables;`

/** Transactions follow at once: one's end is where the next one's first change begins, and so with messages and the rows after them. */
const WORK = `
insert into rows values (1, 'a');
insert into rows values (2, 'a');
begin;
copy rows from program 'seq -f %g,copied 10 17' csv;
update rows set v = 'b' where id < 13;
select pg_logical_emit_message(true, 'm', 'inside');
insert into unseen values (1);
update rows set id = id + 100 where id in (1, 11);
insert into whole values (1, 'a'), (2, 'a');
select pg_logical_emit_message(true, 'm', 'before an update');
update whole set v = 'b';
delete from whole where id = 1;
delete from rows where id = 2;
truncate parent, child;
insert into rows values (3, 'last');
commit;
select pg_logical_emit_message(false, 'm', 'between');
begin;
update whole set id = 20 where id = 2;
copy whole from program 'seq -f %g,copied 30 33' csv;
commit;
delete from whole where id = 20;
select pg_logical_emit_message(false, 'm', 'the end')`

/** A record of Debezium's, and what its offset is made of. */
interface Emitted {
  readonly name: string
  readonly op: keyof typeof TYPES
  readonly lsn: bigint
  /** End of the last transaction, or place of the last message outside of one. */
  readonly commit: bigint | undefined
  readonly transaction: string
  /** Which change of its transaction. */
  readonly ordinal: number
}

const TYPES = { c: 'INSERT', u: 'UPDATE', d: 'DELETE', t: 'TRUNCATE', m: 'MESSAGE' } as const

function emitted(event: ChangeEvent): Emitted {
  const { op, id, table, after, before, message, transaction, ordinal } = event
  const row = (after ?? before)?.['id'] as number | undefined
  const [commit, lsn] = JSON.parse(String(event.source['sequence'])) as [string | null, string]
  return {
    name: `${op} ${id} ${table.name} ${message === undefined ? (row ?? '') : `message ${message.content.toString()}`}`,
    op: op as Emitted['op'], lsn: BigInt(lsn), commit: commit === null ? undefined : BigInt(commit), transaction: transaction.id, ordinal,
  }
}

/** What PostgresOffsetContext stores with the record at that place. A key update is an UPDATE of which two records are made. */
function offsetOf(all: readonly Emitted[], index: number): StoredOffset {
  const { op, lsn, commit, transaction, ordinal } = all[index]!
  const isLast = (each: Emitted, at: number): boolean => (each.op === 'm' ? each.commit === each.lsn : each.op !== 't' || all[at + 1]?.lsn !== each.lsn)
  const done = all.slice(0, index + 1).findLast((each, at) => each.transaction === transaction && isLast(each, at))?.lsn ?? commit
  const type = all.some((each, at) => at !== index && each.transaction === transaction && each.ordinal === ordinal) ? 'UPDATE' : TYPES[op]
  const fields = [`"lsn":${lsn}`, `"messageType":"${type}"`, ...(done === undefined ? [] : [`"lsn_proc":${done}`]), ...(commit === undefined ? [] : [`"lsn_commit":${commit}`]), '"txId":1', '"ts_usec":1']
  return decodeValue(Buffer.from(`{${fields.join()}}`), { engine: 'one', place: 'test' })!
}

/** Where it goes on behind that record: with the change again where it is several records, or one of several in a record of the WAL. */
function expectedFrom(all: readonly Emitted[], index: number): number {
  const at = all[index]!
  const same = (each: Emitted | undefined): boolean => each?.lsn === at.lsn && each.transaction === at.transaction && (each.op === 'm') === (at.op === 'm')
  // of a TRUNCATE that is cut off, the offset does not say where in the transaction it stands
  if (at.op === 't' && same(all[index + 1])) return all.findIndex((each) => each.transaction === at.transaction)
  let first = index
  while (same(all[first - 1])) first--
  return at.op === 'd' || first < index || same(all[index + 1]) ? first : index + 1
}

const withPostgres = await requirePostgres(...MAJORS)
withPostgres('an offset of Debezium’s', () => {
  eachSideBySide(describe, MAJORS)('on PostgreSQL %i', (major) => {
    let server: PostgresServer
    const folder = offsetFolder()
    const all: Emitted[] = []

    beforeAll(async () => {
      server = await startPostgres({ major })
      await server.createDatabase(DB)
      await server.script(DB, SETUP)
      for (const slot of ['whole', 'one']) await server.query(`select pg_create_logical_replication_slot('${slot}', 'pgoutput')`, DB)
      await server.script(DB, WORK)
      await using run = start('whole', (events) => void all.push(...events.map(emitted)))
      await run.until(() => all.at(-1)?.name.endsWith('the end') ?? false, 'the last change')
      await run.stop()
    })
    afterAll(async () => {
      await server[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    })

    function start(slot: string, handle: RunOptions['handle'], initial?: StoredOffset): EngineRun {
      return runEngine({
        port: server.port, database: DB, name: slot, offsets: folder.file(`${major}-${slot}`), ...(handle === undefined ? {} : { handle }),
        source: { publication: { name: 'p', create: 'disabled' }, snapshot: { mode: 'no_data' }, messages: true, excludeTables: ['public.unseen'] },
        engine: { limits: { maxBatchEvents: 200 }, ...(initial === undefined ? {} : { offsets: memoryOffsets(initial) }) },
      })
    }

    /** What comes first after a start with that offset; the batch is refused, so that the slot stays where it is. */
    async function next(offset: StoredOffset): Promise<readonly Emitted[]> {
      const got: Emitted[] = []
      await using run = start('one', (events) => {
        got.push(...events.map(emitted))
        throw new Error('refused')
      }, offset)
      const failure = await run.failure()
      if (failure.code !== 'TR_SINK_FAILED') throw failure
      return got
    }

    it('is gone on from at every record', { timeout: 120_000 }, async () => {
      expect(all).toHaveLength(39)
      for (const index of all.keys()) {
        const from = expectedFrom(all, index)
        if (from === all.length) continue
        const got = await next(offsetOf(all, index))
        const names = got.map(({ name }) => name)
        expect(names, `after ${all[index]!.name}`).toEqual(all.slice(from, from + names.length).map(({ name }) => name))
      }
    })

    it('is bound to what it was gone on from', async () => {
      const offset = offsetOf(all, all.length - 1)
      expect(offset.identity).toEqual({})
      await using run = start('one', undefined, offset)
      await run.until(() => run.offsets.length > 0, 'a stored offset')
      await run.stop()
      expect(run.offsets[0]).toMatchObject({ identity: { slot: 'one', database: DB, timeline: 1, system: expect.any(String), publication: { name: 'p' } }, position: offset.position })
      expect(run.seen).toEqual([])
    })

    it('from before what the slot has confirmed, from beyond the server, or with another slot, is refused', async () => {
      const refused = async (value: string, slot = 'one'): Promise<string> => {
        await using run = start(slot, undefined, { ...decodeValue(Buffer.from(value), { engine: slot, place: 'test' })! })
        return (await run.failure()).code
      }
      const early = all[0]!.lsn
      expect(await refused(`{"lsn":${early},"lsn_proc":${early},"lsn_commit":${early},"messageType":"INSERT"}`)).toBe('TR_PG_SLOT_ADVANCED')
      const far = parseLsn('FF/0')!
      expect(await refused(`{"lsn":${far},"lsn_proc":${far},"lsn_commit":${far},"messageType":"COMMIT"}`)).toBe('TR_PG_OFFSET_AHEAD')
      expect(await refused(`{"lsn":${early},"lsn_commit":${early},"lsn_proc":${early},"messageType":"COMMIT"}`, 'missing')).toBe('TR_PG_SLOT_MISSING')
    })

    it('whose change the next transaction does not have stops before anything is delivered', async () => {
      const at = await server.value<string>('select pg_current_wal_lsn()::text', DB)
      const lsn = parseLsn(at)!
      await using run = start('one', undefined, decodeValue(Buffer.from(`{"lsn":${lsn - 8n},"lsn_proc":${lsn - 8n},"lsn_commit":${lsn},"messageType":"UPDATE"}`), { engine: 'one', place: 'test' }))
      await run.streaming()
      await server.query("insert into rows values (900, 'x')", DB)
      expect(await run.failure()).toMatchObject({ code: 'TR_PG_RESUME_MISMATCH', kind: 'fatal' })
      expect(run.seen).toEqual([])
    })
  })
})
