import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChangeEvent } from '../../src/event/change-event.ts'
import { debeziumJson, type TailraceError } from '../../src/index.ts'
import { decodeValue } from '../../src/offset/connect/offset-value.ts'
import { memoryOffsets, memorySink } from '../../src/testing/index.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { eachSideBySide } from '../server/side-by-side.ts'
import { offsetFolder, runEngine, type EngineRun } from './engine-run.ts'

/*
  Transactions are told of as they begin and end, and their events are numbered, whatever of them was delivered by an earlier run: every
  run goes on counting where the one before stopped, and no beginning or end comes twice.
*/

const MAJORS = [14, 18] as const
const DB = 'told'

const SETUP = `
create table rows (id int primary key, v text);
create table keyed (id int primary key);
create table unseen (id int primary key);
create table child (id int primary key, v text); alter table child replica identity full;
insert into keyed values (1), (2);
create publication p for all tables;`

/** Each begins otherwise: with a row, a change that is not captured, a key update, a message, one that is skipped; and some have nothing. */
const STREAM = `
insert into rows values (1, 'alone');
begin; insert into unseen values (1); insert into rows values (2, 'x'), (3, 'y'); insert into child values (1, 'a'); update rows set v = 'z'; delete from child; commit;
insert into unseen values (2);
begin; update keyed set id = 11 where id = 1; insert into rows values (4, 'k'); commit;
begin; select pg_logical_emit_message(true, 'm', 'one'); select pg_logical_emit_message(true, 'm', 'two'); commit;
select pg_logical_emit_message(false, 'm', 'outside');
begin; truncate child; update keyed set id = 12 where id = 2; commit;
create table later (id int primary key);
begin; insert into rows values (99, 'never'); rollback;
insert into later values (1)`

const SOURCE = { publication: { name: 'p', create: 'disabled' }, snapshot: { mode: 'no_data' }, messages: true, excludeTables: ['public.unseen'], skippedOperations: ['t'] } as const

/** What of it is to be told; the LSNs of ids are looked at apart. */
const TOLD = [
  'begin', 'c rows 1/1', 'end rows: 1',
  'begin', 'c rows 1/1', 'c rows 2/2', 'c child 3/1', 'u rows 4/3', 'u rows 5/4', 'u rows 6/5', 'd child 7/2', 'end rows: 5, child: 2',
  'begin', 'end ',
  'begin', 'd keyed 1/1', 'c keyed 2/2', 'c rows 3/1', 'end keyed: 2, rows: 1',
  'begin', 'm  1/1', 'm  2/2', 'end : 2',
  'm  -',
  'begin', 'd keyed 1/1', 'c keyed 2/2', 'end keyed: 2',
  'begin', 'c later 1/1', 'end later: 1',
]

const withPostgres = await requirePostgres(...MAJORS)
withPostgres('transactions are told of', () => {
  eachSideBySide(describe, MAJORS)('on PostgreSQL %i', (major) => {
    let server: PostgresServer
    const folder = offsetFolder()
    let whole: readonly string[]
    let wholeEvents: readonly ChangeEvent[]

    beforeAll(async () => {
      server = await startPostgres({ major })
      await server.createDatabase(DB)
      await server.query(SETUP, DB)
      for (const slot of ['whole', 'single', 'random', 'refused', 'plain', 'records', 'record', 'later', 'debezium']) await server.query(`select pg_create_logical_replication_slot('${slot}', 'pgoutput')`, DB)
      await server.script(DB, STREAM)
      const seen: string[] = []
      const told: ChangeEvent[] = []
      await using run = start('whole', (events) => {
        told.push(...events)
        seen.push(...events.map(nameOf))
      })
      await run.until(() => seen.length >= TOLD.length, 'the last end')
      await run.stop()
      whole = seen
      wholeEvents = told
    })
    afterAll(async () => {
      await server[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    })

    function start(slot: string, handle: (events: readonly ChangeEvent[]) => void, engine: Parameters<typeof runEngine>[0]['engine'] = {}, transactionMetadata = true): EngineRun {
      return runEngine({ port: server.port, database: DB, name: slot, offsets: folder.file(`${major}-${slot}`), engine, source: { ...SOURCE, transactionMetadata }, handle })
    }

    /** Runs until all is delivered, each run so many. */
    async function inParts(slot: string, sizes: readonly number[], engine: Parameters<typeof runEngine>[0]['engine'], all: readonly string[], seen: () => readonly string[], handle: (events: readonly ChangeEvent[]) => void): Promise<void> {
      for (let runs = 0; seen().length < all.length; runs++) {
        const before = seen().length
        const count = Math.min(sizes[runs % sizes.length]!, all.length - before)
        await using run = start(slot, handle, { ...engine, stopAfter: count })
        expect(await run.ended).toBeUndefined()
        expect(seen(), `run ${runs}`).toEqual(all.slice(0, before + count))
      }
    }

    it('counts what filters leave; a beginning comes with the first change, and a transaction without changes has none', () => {
      expect(whole.map((name) => name.replace(/ id \S+$/, '').replace(/public\./g, ''))).toEqual(TOLD)
      expect(new Set(whole.map(idOf)).size).toBe(whole.length)
    })

    it('names a transaction by its xid and the place of what is told: the first change’s, each event’s, the commit’s end', async () => {
      const events: ChangeEvent[] = []
      await using run = start('later', (batch) => void events.push(...batch))
      await run.until(() => events.length >= TOLD.length, 'the last end')
      const lsn = (event: ChangeEvent): bigint => (BigInt(event.high) << 32n) | BigInt(event.low)
      for (const event of events.filter(({ order, marker }) => (order ?? marker) !== undefined)) expect((event.order ?? event.marker)!.id).toBe(`${event.transaction.id}:${lsn(event)}`)
      for (const [index, { op, transaction }] of events.entries()) {
        if (op === 'b' && events[index + 1]!.ordinal === events[index]!.ordinal) expect(lsn(events[index]!)).toBe(lsn(events[index + 1]!))
        if (op === 'e') expect(lsn(events[index]!)).toBeGreaterThan((transaction as unknown as { commitLsn: bigint }).commitLsn)
      }
    })

    it('stopped after every single event and resumed: the same, once', { timeout: 120_000 }, async () => {
      const seen: string[] = []
      await inParts('single', [1], {}, whole, () => seen, (events) => void seen.push(...events.map(nameOf)))
    })

    it('stopped after any number of events, small batches: the same, once', { timeout: 120_000 }, async () => {
      const seen: string[] = []
      await inParts('random', [2, 3, 5, 1, 7], { limits: { maxBatchEvents: 2 } }, whole, () => seen, (events) => void seen.push(...events.map(nameOf)))
    })

    it('refused by the handler at every batch and run again: what was not taken comes again, and nothing else', { timeout: 120_000 }, async () => {
      const seen: string[] = []
      while (seen.length < whole.length) {
        let batches = 0
        let failure: TailraceError | undefined
        await using run = start('refused', (events) => {
          if (++batches === 2 && seen.length + events.length < whole.length) throw new Error('refused')
          seen.push(...events.map(nameOf))
        }, { limits: { maxBatchEvents: 3 } })
        void run.ended.then((error) => (failure = error))
        await run.until(() => failure !== undefined || seen.length >= whole.length, 'a refusal or the end').catch(() => {})
      }
      expect(seen).toEqual(whole)
    })

    it('as records: stopped after every single one, each comes once, a delete’s tombstone too', { timeout: 120_000 }, async () => {
      const all: string[] = []
      const seen: string[] = []
      const engine = (into: string[]) => {
        const sink = memorySink({ accepts: 'records' })
        const write = sink.write.bind(sink)
        sink.write = async (batch, signal) => {
          const records = batch.records!
          for (let index = records.first; index < records.end; index++) into.push(`${records.destination[index]!} ${records.bytes.toString('utf8', records.keyStart[index], records.keyEnd[index])} ${records.valueStart[index]! < 0 ? 'tombstone' : records.bytes.toString('utf8', records.valueStart[index], records.valueEnd[index]).replace(/"ts_(ms|us|ns)":\d+/g, '')}`)
          return write(batch, signal)
        }
        return { sink, format: debeziumJson({ logicalName: 'x', runId: 'r', schemasEnable: { key: false, value: false, header: false } }) }
      }
      await using run = start('records', () => {}, engine(all))
      await run.until(() => all.length >= TOLD.length + 3, 'the last end')
      await run.stop()
      expect(all.filter((record) => record.startsWith('x.transaction'))).toHaveLength(14)
      expect(all.filter((record) => record.includes('"transaction":{"id":"'))).toHaveLength(TOLD.filter((name) => /\d\/\d/.test(name)).length)
      while (seen.length < all.length) {
        const before = seen.length
        await using one = start('record', () => {}, { ...engine(seen), stopAfter: 1 })
        expect(await one.ended).toBeUndefined()
        expect(seen).toEqual(all.slice(0, before + 1))
      }
    })

    it('an offset of Debezium’s inside of a transaction is gone on from: what it had told counts, and is not told again', async () => {
      // a place in the log is the same for every slot
      const events = wholeEvents
      const at = events.findIndex((event) => nameOf(event).startsWith('u rows 5/4'))
      const before = events.findLast(({ op }, index) => op === 'e' && index < at)!
      const lsn = (event: ChangeEvent): bigint => (BigInt(event.high) << 32n) | BigInt(event.low)
      const offset = decodeValue(Buffer.from(`{"lsn":${lsn(events[at]!)},"lsn_proc":${lsn(events[at]!)},"lsn_commit":${lsn(before)},"messageType":"UPDATE"}`), { engine: 'debezium', place: 'test' })!
      const seen: string[] = []
      await using next = start('debezium', (batch) => void seen.push(...batch.map(nameOf)), { offsets: memoryOffsets(offset) })
      await next.until(() => seen.length >= whole.length - at - 1, 'the last end')
      expect(seen).toEqual(whole.slice(at + 1))
    })

    it('nobody is told who did not ask', async () => {
      const seen: ChangeEvent[] = []
      await using run = start('plain', (events) => void seen.push(...events), {}, false)
      await run.until(() => seen.length >= TOLD.filter((name) => !/^(begin|end)/.test(name)).length, 'the last change')
      expect(seen.map(({ op, order, detail }) => op === 'm' || (order === undefined && detail === undefined))).toEqual(seen.map(() => true))
      expect(seen.map(idOf)).toEqual(whole.filter((name) => !/^(begin|end)/.test(name)).map(idOf))
    })
  })
})

function nameOf(event: ChangeEvent): string {
  const { op, id, table, order, marker } = event
  const what = marker === undefined ? `${op} ${table.name} ${order === undefined ? '-' : `${order.total}/${order.inTable}`}` : op === 'b' ? 'begin' : `end ${marker.counts!.map((count) => `${count.table}: ${count.events}`).join(', ')}`
  return `${what} id ${id}`
}

function idOf(event: string | ChangeEvent): string {
  return typeof event === 'string' ? event.split(' id ')[1]! : event.id
}
