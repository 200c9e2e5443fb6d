import { getDefaultHighWaterMark, setDefaultHighWaterMark, type Duplex } from 'node:stream'
import { expect, it, onTestFinished } from 'vitest'
import { ResolvedConnection } from '../../src/source/postgres/connection.ts'
import { connect } from '../../src/source/postgres/wire/connect.ts'
import { queryMessage, XLOG_DATA } from '../../src/source/postgres/wire/copy-both.ts'
import { MessageSocket } from '../../src/source/postgres/wire/message-socket.ts'
import { READ_AHEAD } from '../../src/source/read-coalescing.ts'
import { systemClock, type Clock } from '../../src/time/clock.ts'
import { startPostgres } from '../server/postgres.ts'
import { requirePostgres, requireTls } from '../server/require.ts'

const ROWS = 20_000
const COPY_DATA = 0x64
const INSERT = 0x49
const XLOG_HEADER = 25

const withPostgres = await requirePostgres(17)
const withTls = await requireTls()
withPostgres('a stream over TLS', () => {
  withTls('with certificates', () => {
    // a walsender sends each row as a TLS record of its own: waiting after every few of them made it a hundredth as fast
    it('does not wait for more after every few records', async () => {
      await using server = await startPostgres({ major: 17, tls: true })
      await server.script('postgres', "create table t (id int); create publication p for all tables; select pg_create_logical_replication_slot('s', 'pgoutput')")
      await server.query(`insert into t select generate_series(1, ${ROWS})`)
      for (const sslmode of ['disable', 'require'] as const) {
        const to = new ResolvedConnection({ host: server.host, port: server.port, user: 'postgres', database: 'postgres', sslmode }, undefined)
        const client = await connect(to, 'replication', new AbortController().signal)
        let waits = 0
        const clock: Clock = { ...systemClock, after: (ms, callback) => (waits++, systemClock.after(ms, callback)) }
        let rows = 0
        await new Promise<void>((resolve, reject) => {
          const take = (type: number, bytes: Buffer, start: number): boolean => {
            if (type === COPY_DATA && bytes[start] === XLOG_DATA && bytes[start + XLOG_HEADER] === INSERT && ++rows === ROWS) resolve()
            return true
          }
          const socket = new MessageSocket(client, { clock, maxMessageBytes: 1_000_000, take, onRead: () => {}, onFailure: reject })
          socket.send(queryMessage(`START_REPLICATION SLOT s LOGICAL 0/0 (proto_version '1', publication_names 'p')`))
        })
        expect(waits, sslmode).toBeLessThan(ROWS / 20)
        await client.end().catch(() => undefined)
        await server.query('select pg_terminate_backend(active_pid) from pg_replication_slots where active')
        await server.until('select bool_and(not active) from pg_replication_slots')
      }
    })

    // Node 22 quadrupled its default, and a pause of reading began with hundreds of small reads
    it('reads no further ahead than it says, whatever the default of Node', async () => {
      await using server = await startPostgres({ major: 17, tls: true })
      const before = getDefaultHighWaterMark(false)
      onTestFinished(() => setDefaultHighWaterMark(false, before))
      setDefaultHighWaterMark(false, READ_AHEAD * 8)
      for (const sslmode of ['disable', 'require'] as const) {
        const client = await connect(new ResolvedConnection({ host: server.host, port: server.port, user: 'postgres', database: 'postgres', sslmode }, undefined), 'query', new AbortController().signal)
        const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection
        expect(stream.readableHighWaterMark, sslmode).toBe(READ_AHEAD)
        await client.end()
      }
    })
  })
})
