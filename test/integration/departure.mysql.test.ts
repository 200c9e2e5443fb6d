import { afterAll, beforeAll, expect, it } from 'vitest'
import type { MysqlClient } from '../../src/source/mysql/wire/connect.ts'
import { everyMysql } from '../server/every-mysql.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { startTcpProxy } from '../server/tcp-proxy.ts'
import { sideBySide } from '../server/side-by-side.ts'
import { offsetFolder, type EngineRun } from './engine-run.ts'
import { loggedIn } from './mysql-connection.ts'
import { runMysql, type ServerKind } from './mysql-run.ts'

const GONE = "select count(*) = 0 from information_schema.processlist where command like 'Binlog Dump%'"
const DUMP = "select id from information_schema.processlist where command like 'Binlog Dump%'"
/** So long that the server does not see by itself that its reader is gone. */
const HEARTBEAT_MS = 60_000

for (const { name, suite, start } of await everyMysql()) {
  sideBySide(suite, `an engine that leaves, ${name}`, () => {
    let server: MysqlServer
    const folder = offsetFolder()
    let made = 0

    beforeAll(async () => {
      server = await start()
      await server.script(`create database db; use db; create table t (id int primary key);
        create user plain@'%' identified by 'plain'; grant select on db.* to plain@'%'; grant replication slave, replication client on *.* to plain@'%'`)
    })
    afterAll(async () => {
      await server?.[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    })

    async function streaming(connection: { port: number; user?: string; password?: string }): Promise<EngineRun> {
      const engine = runMysql({
        kind: name as ServerKind, port: connection.port, database: 'db', name: 'leaving', offsets: folder.file(`leaving${++made}`),
        source: {
          connection: { host: '127.0.0.1', user: 'root', sslMode: 'disabled', ...connection }, heartbeat: { intervalMs: HEARTBEAT_MS },
          snapshot: { mode: 'no_data', locking: 'none' },
        },
      })
      await engine.streaming()
      await server.until("select count(*) = 1 from information_schema.processlist where command like 'Binlog Dump%'")
      return engine
    }

    it('its dump ends at the server at once, not with the second heartbeat', async () => {
      const engine = await streaming({ port: server.port })
      await engine.stop()
      await server.until(GONE, undefined, { timeoutMs: 2_000 })
    })

    it('so it does for an account with no privilege but those of a replica', async () => {
      const engine = await streaming({ port: server.port, user: 'plain', password: 'plain' })
      await engine.stop()
      await server.until(GONE, undefined, { timeoutMs: 2_000 })
    })

    it('where the same address leads to another server by then, the connection that has the number there is left alone', async () => {
      await using other = await start()
      await using proxy = await startTcpProxy(server.port)
      const engine = await streaming({ port: proxy.port })
      const number = await server.value<number>(DUMP)
      await using bystander = await numbered(other, number)
      proxy.retarget(other.port)
      const [control] = proxy.connections
      proxy.cut((connection) => connection === control)
      await control!.closed
      // the other end is in this process too, and has read it by then
      await proxied(proxy.port)
      await engine.stop()
      expect((await bystander.query('SELECT CONNECTION_ID() AS me'))[0]).toEqual({ me: String(number) })
      await server.query(`kill ${number}`)
      await server.until(GONE, undefined, { timeoutMs: 2_000 })
    })

    it('across a network that swallows everything it leaves all the same, without an error', async () => {
      await using proxy = await startTcpProxy(server.port)
      const engine = await streaming({ port: proxy.port })
      proxy.blackhole(true)
      const begun = performance.now()
      await engine.stop()
      expect(performance.now() - begun).toBeLessThan(5_000)
      await server.query(`kill ${await server.value<number>(DUMP)}`)
      await server.until(GONE, undefined, { timeoutMs: 2_000 })
    })
  })
}

/** Resolves once a connection was made there and came to its end. */
async function proxied(port: number): Promise<void> {
  await using client = await loggedIn({ host: '127.0.0.1', port }, { sslMode: 'disabled' })
  await client.query('SELECT 1')
}

/** A connection of that number. */
async function numbered(server: MysqlServer, number: number): Promise<MysqlClient & AsyncDisposable> {
  for (;;) {
    const client = await loggedIn(server, { sslMode: 'disabled' })
    if (client.threadId === number) return client
    await client.close()
    if (client.threadId > number) throw new Error(`the server has given the number ${number} already`)
  }
}
