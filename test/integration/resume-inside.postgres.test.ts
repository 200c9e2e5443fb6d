import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChangeEvent } from '../../src/event/change-event.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { offsetFolder, runEngine, type EngineRun } from './engine-run.ts'

/*
  One transaction of every kind of change, more than 300 events, resumed at every single one of them: what several runs
  deliver together is what one run delivers, with the same ids, in the same order, nothing twice and nothing left out.
*/

const MAJORS = [14, 18] as const
const DB = 'resume'

const SETUP = `
create table rows (id int primary key, v text);
create table keyed (id int primary key, v text);
create table whole (id int primary key, v text); alter table whole replica identity full;
create table parent (id int primary key); create table child (id int primary key, parent_id int references parent);
insert into rows select g, 'before' from generate_series(1001, 1040) g;
insert into keyed select g, 'before' from generate_series(1, 40) g;
insert into whole select g, 'before' from generate_series(1, 30) g;
insert into parent values (1); insert into child values (1, 1);
create publication p for all tables;`

/** Rows that share an LSN (COPY), changes that are two events (key updates), several tables in one message (TRUNCATE). */
function transaction(file: string): string {
  return `
begin;
copy rows from '${file}' csv;
update rows set v = 'after' where id > 1000;
select pg_logical_emit_message(true, 'm', 'inside');
update keyed set id = id + 100;
update whole set v = 'after' where id <= 15;
update whole set id = id + 100 where id > 20;
select pg_logical_emit_message(true, 'm', '');
delete from keyed where id > 120;
delete from whole where id < 5;
truncate parent, child;
insert into parent values (7);
insert into child select g, 7 from generate_series(1, 20) g;
update child set parent_id = null;
truncate child;
savepoint s; insert into rows values (5000, 'never'); rollback to s;
insert into rows values (2000, 'last');
commit`
}

/** Another one behind it, and before it one that is done with: their borders must hold as well. */
const BEFORE = "insert into rows values (3000, 'the transaction before')"
const AFTER = "insert into rows values (3001, 'the transaction after')"

const withPostgres = await requirePostgres(...MAJORS)
withPostgres('a transaction that is delivered in parts', () => {
  // side by side: each has a slot of its own
  describe.concurrent.each(MAJORS)('on PostgreSQL %i', (major) => {
    let server: PostgresServer
    const folder = offsetFolder()
    let whole: readonly string[]

    beforeAll(async () => {
      server = await startPostgres({ major })
      await server.createDatabase(DB)
      await server.query(SETUP, DB)
      const file = path.join(server.dataDir, 'rows.csv')
      await server.query(`copy (select g, 'copied' from generate_series(1, 80) g) to '${file}' csv`, DB)
      for (const slot of ['whole', 'single', 'random', 'cut']) await server.query(`select pg_create_logical_replication_slot('${slot}', 'pgoutput')`, DB)
      await server.script(DB, [BEFORE, transaction(file), AFTER].join(';\n'))
      const seen: string[] = []
      await using run = start('whole', seen)
      await run.until(() => seen.at(-1)?.endsWith('3001') ?? false, 'the last change')
      await run.stop()
      whole = seen
    })
    afterAll(async () => {
      await server[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    })

    function start(slot: string, seen: string[], engine: Parameters<typeof runEngine>[0]['engine'] = {}): EngineRun {
      return runEngine({
        port: server.port, database: DB, name: slot, offsets: folder.file(`${major}-${slot}`), engine,
        source: { publication: { name: 'p', create: 'disabled' }, snapshot: { mode: 'no_data' }, messages: true }, handle: (events) => void seen.push(...events.map(nameOf)),
      })
    }

    /** Runs until all is delivered, each run so many events. */
    async function inParts(slot: string, next: () => number): Promise<{ seen: string[]; runs: number }> {
      const seen: string[] = []
      let runs = 0
      for (; seen.length < whole.length; runs++) {
        const before = seen.length
        const count = Math.min(next(), whole.length - before)
        await using run = start(slot, seen, { stopAfter: count })
        const error = await run.ended
        if (error !== undefined) throw error
        expect(seen.slice(before), `run ${runs}, after ${before} events`).toEqual(whole.slice(before, before + count))
      }
      return { seen, runs }
    }

    it('has more than 300 events of every kind, each with an id of its own', () => {
      expect(whole.length).toBeGreaterThan(300)
      expect(new Set(whole).size).toBe(whole.length)
      expect(new Set(whole.map((name) => name.slice(0, 1)))).toEqual(new Set(['c', 'u', 'd', 't', 'm']))
    })

    // some 300 starts: once is enough
    it.runIf(major === 18)('stopped after every single event and resumed: every change comes once, with the id of an uninterrupted run', { timeout: 300_000 }, async () => {
      const { seen, runs } = await inParts('single', () => 1)
      expect(runs).toBe(whole.length)
      expect(seen).toEqual(whole)
    })

    it('stopped after any number of events, small batches, several times', { timeout: 300_000 }, async () => {
      const sizes = [1, 2, 3, 7, 40, 100]
      let turn = 0
      const { seen } = await inParts('random', () => sizes[turn++ % sizes.length]!)
      expect(seen).toEqual(whole)
    })

    it('aborted by its handler at every batch: what was not taken comes again, and the rest follows', { timeout: 300_000 }, async () => {
      const taken: string[] = []
      for (let attempt = 0; taken.length < whole.length; attempt++) {
        expect(attempt).toBeLessThan(whole.length)
        let batches = 0
        await using run = runEngine({
          port: server.port, database: DB, name: 'cut', offsets: folder.file(`${major}-cut`), engine: { limits: { maxBatchEvents: 9 }, ...(taken.length + 9 > whole.length ? { stopWhenIdleMs: 200 } : {}) },
          source: { publication: { name: 'p', create: 'disabled' }, snapshot: { mode: 'no_data' }, messages: true },
          handle: (events) => {
            // the second batch of each run is refused
            if (++batches === 2 && taken.length + events.length < whole.length) throw new Error('refused')
            taken.push(...events.map(nameOf))
          },
        })
        await run.until(() => taken.length >= whole.length, 'the end').catch((error: unknown) => expect(error).toMatchObject({ code: 'TR_SINK_FAILED' }))
      }
      expect(taken).toEqual(whole)
    })
  })
})

function nameOf(event: ChangeEvent): string {
  const { op, id, table, after, before, message } = event
  const row = (after ?? before)?.['id'] as number | undefined
  return `${op} ${id} ${table.name} ${message === undefined ? (row ?? '') : `message ${message.content.toString()}`}`
}
