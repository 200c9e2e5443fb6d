import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { encodeValue } from '../../src/offset/connect/offset-value.ts'
import { writeJavaMap } from '../../src/offset/debezium/java-map.ts'
import { parseLsn, PgPosition } from '../../src/source/postgres/position.ts'
import { Random } from '../chaos/random.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requireDebezium, requirePostgres } from '../server/require.ts'
import { seedOf } from '../unit/offset/seed.ts'
import { BUSY_TABLES, BusyWriters } from './busy-writers.ts'
import { checkRelay, committed, type Leg, type Step } from './relay.ts'
import { byCommand, byDebezium, isRepeated, postgresConfiguration } from './take-over-run.ts'

/*
  Debezium's own engine and the command take turns: one configuration, one slot, one offset file. What they delivered together is
  compared with what the server itself says was committed.
*/

const MAJORS = [14, 18] as const
const DB = 'relay'
const END = 'the end'

async function prepared(server: PostgresServer, tables: string): Promise<void> {
  await server.createDatabase(DB)
  await server.script(DB, `${tables} create publication relay for all tables; select pg_create_logical_replication_slot('truth', 'test_decoding')`)
}

async function markEnd(server: PostgresServer): Promise<void> {
  await server.query(`select pg_logical_emit_message(true, 'busy', '${END}')`, DB)
}

function told(major: number, legs: readonly Leg[], truth: readonly Step[]): string {
  const relay = checkRelay(legs, truth)
  expect(relay.at(-1)?.to).toBe(truth.length)
  return `PostgreSQL ${major}: ${truth.length} events; ${relay.map(({ name, from, to, again }) => `${name} ${from}–${to}${again > 0 ? ` (${again} again)` : ''}`).join(', ')}`
}

const withPostgres = await requirePostgres(...MAJORS)
const withDebezium = await requireDebezium()
withPostgres('Debezium and the command take turns', () => {
  withDebezium('with one configuration', () => {
    describe.each(MAJORS)('on PostgreSQL %i', (major) => {
      it('under load, stopped, killed and cut off after any record, they deliver every change in order', { timeout: 300_000, retry: 2 }, async () => {
        const seed = seedOf('take-over')
        const random = new Random(seed)
        await using server = await startPostgres({ major })
        await prepared(server, `${BUSY_TABLES} select pg_create_logical_replication_slot('relay', 'pgoutput');`)
        await using configuration = await postgresConfiguration(server, DB, { 'snapshot.mode': 'no_data' })
        const legs: Leg[] = []
        await using writers = new BusyWriters(server.url(DB), seed, { pauseMs: 8 })
        const some = (): number => random.between(20, 400)
        legs.push(await byDebezium(configuration, { stop: some() }))
        legs.push(await byCommand(configuration, { stop: some() }))
        legs.push(await byDebezium(configuration, { kill: 600 + some() }))
        legs.push(await byCommand(configuration, { kill: some() }))
        legs.push(await byDebezium(configuration, { after: some() }))
        legs.push(await byCommand(configuration, { after: some() }))
        legs.push(await byDebezium(configuration, { after: some() }))
        await writers.stop()
        await markEnd(server)
        const truth = await committed(server, DB, 'truth')
        legs.push(await byCommand(configuration, { after: Math.max(1, (truth.length - checkRelay(legs, truth).at(-1)!.to) >> 1) }))
        legs.push(await byDebezium(configuration, { stop: `m ${END}` }))
        console.log(told(major, legs, truth))
      })

      it('cut off in the middle of large transactions, they go on at the next change', { timeout: 300_000 }, async () => {
        const seed = seedOf('large transactions')
        const random = new Random(seed)
        await using server = await startPostgres({ major })
        await prepared(server, `${BUSY_TABLES} select pg_create_logical_replication_slot('relay', 'pgoutput');`)
        await using configuration = await postgresConfiguration(server, DB, { 'snapshot.mode': 'no_data' })
        // the second begins first and commits last: its changes stand before the end of the first
        await server.withClient(DB, async (late) => {
          await late.query('begin; insert into whole select g, g from generate_series(1, 4000) g')
          await server.query('insert into item select g, g from generate_series(1, 8000) g', DB)
          await late.query('update whole set v = v + 10000; commit')
        })
        await markEnd(server)
        const truth = await committed(server, DB, 'truth')
        const legs: Leg[] = []
        const part = (): number => random.between(700, 2500)
        for (const turn of [byDebezium, byCommand, byDebezium, byCommand, byDebezium, byCommand]) legs.push(await turn(configuration, { after: part() }))
        legs.push(await byDebezium(configuration, { stop: `m ${END}` }))
        console.log(told(major, legs, truth))
        // each change is a record of its own, and comes twice only where the command was cut off before it could know that
        expect(checkRelay(legs, truth).map(({ again }) => again)).toEqual(legs.map((_, at) => (at > 0 && isRepeated(legs[at - 1]!) ? 1 : 0)))
      })
    })

    it('the form that is written for Debezium is the one with which it leaves nothing out', { timeout: 120_000 }, async () => {
      await using server = await startPostgres({ major: 18 })
      await prepared(server, BUSY_TABLES)
      // the first begins first and commits last, and its second change stands where the other ends
      await server.withClient(DB, async (first) => {
        await first.query('begin; insert into item values (1, 1)')
        await server.query('insert into item values (2, 2)', DB)
        await first.query('insert into item values (3, 3)')
        await first.query('commit')
      })
      await markEnd(server)
      const lines = await server.query<{ lsn: string; data: string }>("select lsn::text, data from pg_logical_slot_peek_changes('truth', null, null)", DB)
      const end = lines[lines.findIndex(({ data }) => data.startsWith('COMMIT'))]!.lsn
      expect(lines.find(({ data }) => data.includes('id[bigint]:3 '))?.lsn).toBe(end)
      const lsn = parseLsn(end)!
      const delivered = async (slot: string, value: Buffer | string): Promise<readonly string[]> => {
        await server.query(`select pg_copy_logical_replication_slot('truth', '${slot}', false, 'pgoutput')`, DB)
        await using configuration = await postgresConfiguration(server, DB, { 'slot.name': slot, 'snapshot.mode': 'no_data' })
        await writeFile(configuration.offsets, writeJavaMap([[Buffer.from('["orders",{"server":"shop"}]'), Buffer.from(value)]]))
        return (await byDebezium(configuration, { stop: `m ${END}` })).delivered
      }
      // as Debezium itself may store it with a heartbeat: it takes the second change for what it looks for, and goes on behind it
      expect(await delivered('theirs', `{"lsn":${lsn},"lsn_proc":${lsn},"lsn_commit":${lsn},"messageType":"COMMIT","ts_usec":1}`)).toEqual([`m ${END}`])
      const ours = encodeValue({ engine: 'orders', source: 'postgresql', identity: {}, position: new PgPosition('stream', lsn).toJSON() }, 1n)
      expect(await delivered('ours', ours)).toEqual(['c item 1 v1', 'c item 3 v3', `m ${END}`])
    })

    it('cut off within a snapshot, the other takes it anew; after it, the other goes on with the log', { timeout: 300_000 }, async () => {
      await using server = await startPostgres({ major: 18 })
      await prepared(server, `${BUSY_TABLES} insert into item select g, g from generate_series(1, 3000) g;`)
      await using configuration = await postgresConfiguration(server, DB, { 'snapshot.mode': 'initial' })
      const snapshot = Array.from({ length: 3000 }, (_, index) => `r item ${index + 1} v${index + 1}`)
      const cut = await byDebezium(configuration, { after: 1000 })
      expect(cut.delivered).toEqual(snapshot.slice(0, 1000))
      expect(await configuration.stored()).toMatchObject({ snapshot: 'INITIAL' })
      expect((await byCommand(configuration, { after: 1200 })).delivered).toEqual(snapshot.slice(0, 1200))
      expect(await configuration.stored()).toMatchObject({ snapshot: 'INITIAL', tailrace: expect.any(String) })
      // the whole of it, and what was committed while it was nobody's turn
      await server.query('insert into pile values (1)', DB)
      const whole = await byDebezium(configuration, { after: 3001 })
      expect([...whole.delivered].sort()).toEqual([...snapshot, 'r pile 1 v'].sort())
      await server.query('insert into pile values (2)', DB)
      expect((await byCommand(configuration, { stop: 1 })).delivered).toEqual(['c pile 2 v'])
      await server.query('insert into pile values (3)', DB)
      expect((await byDebezium(configuration, { after: 1 })).delivered).toEqual(['c pile 3 v'])
      await server.query('insert into pile values (4)', DB)
      expect((await byCommand(configuration, { stop: 1 })).delivered).toEqual(['c pile 4 v'])
    })

    it('after a snapshot of the command’s, Debezium goes on with the log', { timeout: 300_000 }, async () => {
      await using server = await startPostgres({ major: 18 })
      await prepared(server, `${BUSY_TABLES} insert into pile values (1), (2);`)
      await using configuration = await postgresConfiguration(server, DB, { 'snapshot.mode': 'initial' })
      const snapshot = await byCommand(configuration, { stop: 2 })
      expect(snapshot.delivered).toEqual(['r pile 1 v', 'r pile 2 v'])
      await server.query('insert into pile values (3)', DB)
      expect((await byDebezium(configuration, { after: 1 })).delivered).toEqual(['c pile 3 v'])
    })
  })
})
