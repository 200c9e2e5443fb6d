import { afterAll, beforeAll, expect, it } from 'vitest'
import { isTailraceError, type TailraceError } from '../../src/error/tailrace-error.ts'
import { EventHeader } from '../../src/source/mysql/binlog/event-header.ts'
import { eventName } from '../../src/source/mysql/binlog/event-type.ts'
import type { DumpFrom } from '../../src/source/mysql/flavor.ts'
import { GtidSet } from '../../src/source/mysql/gtid/gtid-set.ts'
import { MariadbGtidList } from '../../src/source/mysql/gtid/mariadb-gtid-list.ts'
import type { MysqlConnection } from '../../src/source/mysql/options.ts'
import { BinlogSocket } from '../../src/source/mysql/wire/binlog-socket.ts'
import type { MysqlClient } from '../../src/source/mysql/wire/connect.ts'
import { dumpCommand, registerCommand, SEND_ANNOTATIONS } from '../../src/source/mysql/wire/dump.ts'
import { expectEvent } from '../../src/source/mysql/wire/dump-packet.ts'
import { systemClock } from '../../src/time/clock.ts'
import { everyMysql } from '../server/every-mysql.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { startMysql } from '../server/mysql.ts'
import { requireMysql } from '../server/require.ts'
import { startTcpProxy } from '../server/tcp-proxy.ts'
import { sideBySide } from '../server/side-by-side.ts'
import { loggedIn } from './mysql-connection.ts'

const MIB = 1024 * 1024
const FULL = 0xffffff
const START = { by: 'place', file: 'binlog.000001', pos: 4 } as const

interface DumpOptions {
  readonly serverId?: number
  readonly settings?: readonly string[]
  readonly user?: MysqlConnection
  readonly maxPacketBytes?: number
  readonly flags?: number
}

/** A dump that is read to see what comes. */
class Dump implements AsyncDisposable {
  readonly types: string[] = []
  /** The payloads' lengths. */
  readonly lengths: number[] = []
  readonly socket: BinlogSocket
  failure: TailraceError | undefined
  /** Reading stops behind so many packets. */
  hold = Infinity
  #client: MysqlClient
  #changed: (() => void)[] = []

  private constructor(client: MysqlClient, maxPacketBytes: number) {
    this.#client = client
    const place = { file: START.file, pos: START.pos }
    this.socket = new BinlogSocket(client, {
      clock: systemClock,
      maxPacketBytes,
      take: (bytes, start, end) => {
        expectEvent(bytes, start, end, place)
        this.types.push(eventName(new EventHeader().read(bytes, start + 1, end).type))
        this.lengths.push(end - start)
        return this.types.length < this.hold
      },
      onRead: () => this.#tell(),
      onFailure: (error) => {
        this.failure = error
        this.#tell()
      },
    })
  }

  static async start(at: { host: string; port: number }, from: DumpFrom, { serverId = 4711, settings = [], user = {}, maxPacketBytes = 1024 * MIB, flags = 0 }: DumpOptions = {}): Promise<Dump> {
    const client = await loggedIn(at, user)
    for (const setting of ["SET @source_binlog_checksum = 'CRC32', @master_binlog_checksum = 'CRC32', @mariadb_slave_capability = 4", ...settings]) await client.query(setting)
    const dump = new Dump(client, maxPacketBytes)
    dump.socket.send(dumpCommand(from, serverId, flags))
    return dump
  }

  /** Waits for a state of it. */
  async until(done: (dump: this) => boolean, what: string): Promise<void> {
    for (const end = performance.now() + 60_000; !done(this); ) {
      if (performance.now() > end) throw new Error(`not within 60 s: ${what}; ${this.types.length} events, ${String(this.failure)}`)
      await Promise.race([new Promise<void>((resolve) => this.#changed.push(resolve)), new Promise((resolve) => setTimeout(resolve, 50))])
    }
  }

  async ended(): Promise<TailraceError> {
    await this.until(({ failure }) => failure !== undefined, 'its end')
    expect(isTailraceError(this.failure)).toBe(true)
    return this.failure!
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close()
  }

  #tell(): void {
    for (const resolve of this.#changed.splice(0)) resolve()
  }
}

/** Each row that was inserted is an event of this name. */
const INSERT = /writeRows/

function inserts(dump: Dump): number {
  return dump.types.filter((type) => INSERT.test(type)).length
}

for (const { name, kind, suite, start } of await everyMysql()) {
  sideBySide(suite, `the log of ${name}, packet by packet`, () => {
    let server: MysqlServer
    beforeAll(async () => {
      server = await start({ settings: { 'max-allowed-packet': '128M' } })
      await server.createDatabase('b')
      await server.script('create table t (id int primary key auto_increment, bytes longblob)', 'b')
    })
    afterAll(async () => {
      await server[Symbol.asyncDispose]()
    })

    async function end(): Promise<{ file: string; pos: number }> {
      const [row] = await server.query<{ File: string; Position: number }>(kind === 'mysql' ? 'show binary log status' : 'show master status')
      return { file: row!.File, pos: row!.Position }
    }

    it('every event that the server has in its file, in its order, and what is written while it is read', async () => {
      await server.script('insert into t (bytes) values (1); insert into t (bytes) values (2)', 'b')
      const places = (await server.query<{ Pos: number }>("show binlog events in 'binlog.000001'")).map(({ Pos }) => Pos)
      // not where each says that it ends: MariaDB writes 0 there in the midst of a transaction
      const ends = [...places.slice(1), (await end()).pos]
      // MariaDB keeps the statements to itself, unless it is asked for them
      await using dump = await Dump.start(server, START, { flags: kind === 'mariadb' ? SEND_ANNOTATIONS : 0 })
      // one is made up before the first: where the file begins
      await dump.until(({ types }) => types.length === places.length + 1, 'the events of the file')
      expect(dump.lengths.slice(1)).toEqual(places.map((at, index) => ends[index]! - at + 1))
      const before = inserts(dump)
      for (let id = 0; id < 50; id++) await server.query('insert into t (bytes) values (3)', 'b')
      await dump.until((one) => inserts(one) === before + 50, 'what is written now')
    })

    it('is shown among the server’s replicas while it reads', async () => {
      const at = await end()
      const client = await loggedIn(server)
      await client.query("SET @source_binlog_checksum = 'CRC32', @master_binlog_checksum = 'CRC32'")
      await client.command(registerCommand(4242, 'tailrace'))
      const socket = new BinlogSocket(client, { clock: systemClock, maxPacketBytes: MIB, take: () => true, onRead: () => {}, onFailure: () => {} })
      socket.send(dumpCommand({ by: 'place', ...at }, 4242))
      const shown = kind === 'mysql' ? 'show replicas' : 'show slave hosts'
      expect((await server.query<Record<string, unknown>>(shown)).map((row) => [row['Server_Id'] ?? row['Server_id'], row['Host']])).toEqual([[4242, 'tailrace']])
      await client.close()
    })

    it('a heartbeat comes while nothing is written, and counts as a sign of life', async () => {
      await using dump = await Dump.start(server, { by: 'place', ...(await end()) }, { settings: ['SET @source_heartbeat_period = 100000000, @master_heartbeat_period = 100000000'] })
      await dump.until((one) => one.types.filter((type) => /heartbeat/i.test(type)).length >= 3, 'three heartbeats')
      expect(dump.socket.takeReadCount()).toBeGreaterThanOrEqual(3)
      expect(dump.socket.takeReadCount()).toBe(0)
    })

    it('events of 16 MiB and more, around every seam of the packets', { timeout: 120_000 }, async () => {
      const at = await end()
      await using dump = await Dump.start(server, { by: 'place', ...at }, { settings: ['SET SESSION net_write_timeout = 600'] })
      const inserted = async (length: number): Promise<number> => {
        const before = inserts(dump)
        await server.query(`insert into t (bytes) values (repeat('x', ${length}))`, 'b')
        await dump.until((one) => inserts(one) === before + 1, `a row of ${length} bytes`)
        return dump.lengths[dump.types.findLastIndex((type) => INSERT.test(type))]!
      }
      const around = (await inserted(1000)) - 1000
      for (const payload of [FULL - 1, FULL, FULL + 1, 2 * FULL - 1, 2 * FULL, 40 * MIB]) expect(await inserted(payload - around)).toBe(payload)
      expect(dump.failure).toBeUndefined()
    })

    it('an event above the limit is an error of its own', async () => {
      const at = await end()
      await server.query("insert into t (bytes) values (repeat('x', 100000))", 'b')
      await using dump = await Dump.start(server, { by: 'place', ...at }, { maxPacketBytes: 65_536 })
      expect(await dump.ended()).toMatchObject({ code: 'TR_MYSQL_EVENT_TOO_LARGE', where: { limit: 65_536 } })
    })

    it('a reader that holds gets no more, holds little, and goes on where it stopped', async () => {
      const at = await end()
      await using dump = await Dump.start(server, { by: 'place', ...at }, { settings: ['SET SESSION net_write_timeout = 60'] })
      await dump.until(({ types }) => types.length > 1, 'its beginning')
      dump.hold = dump.types.length + 1
      for (let count = 0; count < 40; count++) await server.query("insert into t (bytes) values (repeat('x', 1048576))", 'b')
      await dump.until(({ socket }) => socket.paused, 'its pause')
      const held = dump.types.length
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      expect(dump.types.length).toBe(held)
      expect(dump.socket.buffered).toBeLessThan(2 * MIB)
      dump.hold = Infinity
      dump.socket.release()
      await dump.until((one) => inserts(one) === 40, 'all rows')
      expect(dump.failure).toBeUndefined()
    })

    it('the server waits for a reader that holds as long as the session says, and no longer', async () => {
      const at = await end()
      await using dump = await Dump.start(server, { by: 'place', ...at }, { settings: ['SET SESSION net_write_timeout = 1'] })
      await dump.until(({ types }) => types.length > 1, 'its beginning')
      dump.hold = dump.types.length + 1
      for (let count = 0; count < 40; count++) await server.query("insert into t (bytes) values (repeat('x', 1048576))", 'b')
      await server.until("select count(*) = 0 from information_schema.processlist where command like 'Binlog Dump%'")
      dump.hold = Infinity
      dump.socket.release()
      expect((await dump.ended()).code).toBe('TR_MYSQL_DISCONNECTED')
    })

    it('a connection that is cut or closed, a dump that is killed, and a server that shuts down or is killed', async () => {
      for (const sslMode of ['disabled', 'preferred'] as const) {
        for (const how of ['cut', 'fin'] as const) {
          await using proxy = await startTcpProxy(server.port)
          await using dump = await Dump.start(proxy, { by: 'place', ...(await end()) }, { user: { sslMode } })
          await dump.until(({ types }) => types.length > 1, 'its beginning')
          proxy[how]()
          expect((await dump.ended()).code).toBe('TR_MYSQL_DISCONNECTED')
        }
      }
      for (const what of ['kill', 'kill query'] as const) {
        await using dump = await Dump.start(server, { by: 'place', ...(await end()) })
        await dump.until(({ types }) => types.length > 1, 'its beginning')
        const id = await server.value<number>("select id from information_schema.processlist where command like 'Binlog Dump%' order by id desc limit 1")
        await server.query(`${what} ${id}`)
        expect((await dump.ended()).code, what).toBe('TR_MYSQL_DISCONNECTED')
      }
      for (const stop of ['stop', 'kill9'] as const) {
        await using dump = await Dump.start(server, { by: 'place', ...(await end()) })
        await dump.until(({ types }) => types.length > 1, 'its beginning')
        await server[stop]()
        expect((await dump.ended()).code, stop).toBe('TR_MYSQL_DISCONNECTED')
        await server.start()
      }
    })

    it('what a server says where it does not send its log', async () => {
      const codeOf = async (from: DumpFrom, options: DumpOptions = {}): Promise<string> => {
        await using dump = await Dump.start(server, from, options)
        return (await dump.ended()).code
      }
      expect(await codeOf({ by: 'place', file: 'binlog.009999', pos: 4 })).toBe('TR_MYSQL_BINLOG_PURGED')
      const { file, pos } = await end()
      expect(await codeOf({ by: 'place', file, pos: pos + 1_000_000 })).toBe('TR_MYSQL_BINLOG_RESET')
      await server.query("insert into t (bytes) values (repeat('x', 1000))", 'b')
      // not where an event begins: what stands there is read as its header
      expect(await codeOf({ by: 'place', file, pos: (await end()).pos - 500 })).toBe('TR_MYSQL_BINLOG_RESET')
      await server.query("create user low@'%' identified by 'p'")
      expect(await codeOf({ by: 'place', file, pos }, { user: { user: 'low', password: 'p' } })).toBe('TR_MYSQL_PRIVILEGE')
      // MariaDB leaves the checksums out then
      if (kind === 'mysql') expect(await codeOf({ by: 'place', file, pos }, { settings: ['SET @source_binlog_checksum = NULL, @master_binlog_checksum = NULL'] })).toBe('TR_MYSQL_SETTING')
    })

    it('the second of two with the same id ends the first', async () => {
      await using first = await Dump.start(server, { by: 'place', ...(await end()) }, { serverId: 99 })
      await first.until(({ types }) => types.length > 1, 'its beginning')
      await using second = await Dump.start(server, { by: 'place', ...(await end()) }, { serverId: 99 })
      expect((await first.ended()).code).toBe('TR_MYSQL_SERVER_ID')
      await second.until(({ types }) => types.length > 1, 'its beginning')
      expect(second.failure).toBeUndefined()
    })

    if (kind === 'mariadb') {
      it('by GTIDs: what is behind them and nothing else; unknown ones and purged ones are errors', async () => {
        const state = MariadbGtidList.parse(await server.value<string>('select @@gtid_binlog_pos'))
        const settings = (gtids: string): string[] => [`SET @slave_connect_state = '${gtids}', @slave_gtid_strict_mode = 0`]
        await server.script("insert into t (bytes) values (1); insert into t (bytes) values (2); flush binary logs", 'b')
        await using dump = await Dump.start(server, { by: 'connect-state', gtids: state }, { settings: settings(state.toString()) })
        await dump.until((one) => inserts(one) === 2, 'both rows')
        const ahead = state.toString().replace(/\d+$/, '999999')
        await using unknown = await Dump.start(server, { by: 'connect-state', gtids: MariadbGtidList.parse(ahead) }, { settings: settings(ahead) })
        expect((await unknown.ended()).code).toBe('TR_MYSQL_GTID_DIVERGED')
        await dump[Symbol.asyncDispose]()
        await server.until("select count(*) = 0 from information_schema.processlist where command like 'Binlog Dump%'")
        await server.query(`purge binary logs to '${(await end()).file}'`)
        await using purged = await Dump.start(server, { by: 'connect-state', gtids: MariadbGtidList.parse('0-1-1') }, { settings: settings('0-1-1') })
        expect((await purged.ended()).code).toBe('TR_MYSQL_BINLOG_PURGED')
      })
    }
  })
}

const withMysql = await requireMysql()
withMysql('the log of a MySQL by GTIDs', () => {
  it('what is not in the set, tags included, and nothing else', async () => {
    await using server = await startMysql()
    await server.createDatabase('g')
    await server.script("create table t (id int primary key); insert into t values (1); set gtid_next = 'automatic:blue'; insert into t values (2); insert into t values (3); set gtid_next = 'automatic:red'; insert into t values (4)", 'g')
    const done = GtidSet.parse(await server.value<string>('select @@gtid_executed'))
    expect(done.toString()).toMatch(/:blue:1-2:red:1$/)
    await server.script("insert into t values (5); set gtid_next = 'automatic:blue'; insert into t values (6)", 'g')
    await using behind = await Dump.start(server, { by: 'gtid-set', gtids: done })
    await behind.until((one) => inserts(one) >= 2, 'two rows')
    expect(inserts(behind)).toBe(2)
    // a hole, and a tag that is left out
    const holes = done.subtract(GtidSet.parse(`${await server.value<string>('select @@server_uuid')}:blue:1:red:1`))
    await using some = await Dump.start(server, { by: 'gtid-set', gtids: holes })
    await some.until((one) => inserts(one) >= 4, 'four rows')
    expect(inserts(some)).toBe(4)
    await using all = await Dump.start(server, { by: 'gtid-set', gtids: GtidSet.EMPTY })
    await all.until((one) => inserts(one) >= 6, 'six rows')
    expect(inserts(all)).toBe(6)
  })

  it('a set that is ahead of the server, one that needs what was purged, and a server without GTIDs', async () => {
    await using server = await startMysql()
    const uuid = await server.value<string>('select @@server_uuid')
    const codeOf = async (set: string): Promise<string> => {
      await using dump = await Dump.start(server, { by: 'gtid-set', gtids: GtidSet.parse(set) })
      return (await dump.ended()).code
    }
    await server.createDatabase('g')
    await server.script('create table t (id int primary key); insert into t values (1); flush binary logs; insert into t values (2)', 'g')
    expect(await codeOf(`${uuid}:1-1000`)).toBe('TR_MYSQL_GTID_DIVERGED')
    await server.query("purge binary logs to 'binlog.000002'")
    expect(await codeOf(`${uuid}:1`)).toBe('TR_MYSQL_BINLOG_PURGED')
    expect(await codeOf('')).toBe('TR_MYSQL_BINLOG_PURGED')
    await server.restart({ 'gtid-mode': 'OFF', 'enforce-gtid-consistency': 'OFF' })
    expect(await codeOf(`${uuid}:1-3`)).toBe('TR_MYSQL_SETTING')
  })
})
