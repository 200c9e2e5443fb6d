import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { fileSchemaHistory } from '../../src/schema-history/file/file-history.ts'
import { decodeOffset, encodeOffset } from '../../src/offset/file/offset-file.ts'
import type { StoredOffset } from '../../src/index.ts'
import type { MysqlServer, MysqlSettings } from '../server/mysql-server.ts'
import { requireMariadb, requireMysql } from '../server/require.ts'
import { startTcpProxy } from '../server/tcp-proxy.ts'
import { eachSideBySide } from '../server/side-by-side.ts'
import { brief, doubled, numbered, offsetFolder, type EngineRun } from './engine-run.ts'
import { runMysql, SERVER_KINDS, startServer, type MysqlRunOptions } from './mysql-run.ts'

const withMysql = await requireMysql()
await requireMariadb('10.11', '11.8')

const DB = 'shop'
const TIMEOUT = 120_000

eachSideBySide(withMysql, SERVER_KINDS)('%s, and another server that takes over', (kind) => {
  const folder = offsetFolder()
  const isMysql = kind === 'MySQL'
  let made = 0
  let name: string
  let servers: MysqlServer[]

  beforeEach(() => {
    name = `failover-${kind.replace(' ', '-')}-${++made}`
    servers = []
    return async () => void (await Promise.all(servers.map((server) => server[Symbol.asyncDispose]())))
  })
  afterAll(() => folder[Symbol.dispose]())

  async function start(id: number, settings: MysqlSettings = {}): Promise<MysqlServer> {
    const more = isMysql ? {} : { 'log-slave-updates': 'ON' }
    const server = await startServer(kind, { 'server-id': String(id), ...more, ...settings })
    servers.push(server)
    return server
  }

  /** Makes a server follow another from its beginning. */
  async function follow(replica: MysqlServer, source: MysqlServer): Promise<void> {
    await replica.script(isMysql
      ? `change replication source to source_host = '127.0.0.1', source_port = ${source.port}, source_user = 'root', source_password = '', source_auto_position = 1, source_connect_retry = 1, get_source_public_key = 1; start replica`
      : `set global gtid_slave_pos = ''; change master to master_host = '127.0.0.1', master_port = ${source.port}, master_user = 'root', master_password = '', master_use_gtid = slave_pos, master_connect_retry = 1, master_ssl_verify_server_cert = 0; start slave`)
  }

  /** Two servers, the second of which has all that the first has. */
  async function pair(settings: MysqlSettings = {}): Promise<{ readonly a: MysqlServer; readonly b: MysqlServer }> {
    // other files, and other places in them
    const [a, b] = await Promise.all([start(1, settings), start(2, { ...settings, 'log-bin': 'second' })])
    await b.script('flush binary logs')
    // what a new server logs of itself is nobody else's
    await b.script(isMysql ? 'reset binary logs and gtids' : 'reset master')
    await follow(b, a)
    await a.script(`create database ${DB}; use ${DB}; create table t (id int primary key, v int)`)
    await level(a, b)
    return { a, b }
  }

  /** Until the second has committed all that the first has. */
  async function level(a: MysqlServer, b: MysqlServer): Promise<void> {
    const done = await a.value<string>(isMysql ? 'select @@gtid_executed' : 'select @@gtid_binlog_pos')
    await b.until(isMysql ? `select wait_for_executed_gtid_set('${done.replaceAll('\n', '')}', 20) = 0` : `select master_gtid_wait('${done}', 20) = 0`)
  }

  async function promote(b: MysqlServer): Promise<void> {
    await b.script(isMysql ? 'stop replica; reset replica all' : 'stop slave; reset slave all')
  }

  function run(port: number, options: Partial<MysqlRunOptions> = {}): EngineRun {
    return runMysql({ kind, port, database: DB, name, offsets: folder.file(name), ...options, source: { history: fileSchemaHistory(folder.file(`${name}.history`)), heartbeat: { intervalMs: 300 }, ...options.source } })
  }

  const insert = async (server: MysqlServer, first: number, last: number): Promise<void> => await server.script(numbered('', first, last).map((id) => `insert into t values (${id}, 1)`).join('; '), DB)

  it('behind the same address: every change once, in order, while the first is killed and the second goes on', async () => {
    const { a, b } = await pair()
    await using proxy = await startTcpProxy(a.port)
    await using engine = run(proxy.port)
    await engine.streaming()
    await insert(a, 1, 20)
    await a.script('alter table t add column w int default 5 first', DB)
    await insertWith(a, 21, 30)
    await engine.delivered(25)
    await level(a, b)
    await a.kill9()
    proxy.retarget(b.port)
    await promote(b)
    await insertWith(b, 31, 40)
    await b.script('alter table t drop column v; flush binary logs; update t set w = 6 where id = 40', DB)
    await engine.delivered(41)
    await engine.stop()
    expect(brief(engine.seen)).toEqual([...numbered('c', 1, 40), 'u40'])
    expect(engine.seen.at(-1)).toMatchObject({ before: { w: 5, id: 40 }, after: { w: 6, id: 40 } })
    expect(engine.seen[25]?.after).toEqual({ w: 5, id: 26, v: 1 })
    expect(doubled(engine.seen)).toEqual([])
  }, TIMEOUT)

  const insertWith = async (server: MysqlServer, first: number, last: number): Promise<void> => await server.script(numbered('', first, last).map((id) => `insert into t (id, v) values (${id}, 1)`).join('; '), DB)

  it('at another address, from the stored offset: also in the middle of a transaction, and what had not been delivered of the first', async () => {
    const { a, b } = await pair()
    {
      await using engine = run(a.port, { engine: { limits: { maxBatchEvents: 7 }, stopTimeoutMs: 500 }, handle: async (events, signal) => { if (events.some(({ after }) => after?.['id'] === 30)) await once(signal, 'abort') } })
      await engine.streaming()
      await insert(a, 1, 5)
      await a.script(`insert into t values ${numbered('', 6, 50).map((id) => `(${id}, 1)`).join()}`, DB)
      await engine.until(() => engine.seen.length >= 20, 'a part of the transaction')
      await engine.until(() => JSON.stringify(engine.offsets.at(-1)?.position ?? {}).includes('"transaction"'), 'an offset inside of it')
      await insert(a, 51, 52)
      await level(a, b)
      await a.kill9()
      const seen = engine.seen.length
      expect(brief(engine.seen)).toEqual(numbered('c', 1, seen))
    }
    const stored = JSON.parse(readFileSync(folder.file(name), 'utf8')) as { position: { transaction: { rows: number } } }
    const done = 5 + stored.position.transaction.rows
    await promote(b)
    await insert(b, 53, 54)
    await using engine = run(b.port)
    await engine.delivered(54 - done)
    await engine.stop()
    expect(brief(engine.seen)).toEqual(numbered('c', done + 1, 54))
  }, TIMEOUT)

  it('and back again, when the first follows the second', async () => {
    const { a, b } = await pair()
    await using proxy = await startTcpProxy(a.port)
    await using engine = run(proxy.port)
    await engine.streaming()
    await insert(a, 1, 5)
    await engine.delivered(5)
    await level(a, b)
    await promote(b)
    proxy.retarget(b.port)
    proxy.cut()
    await insert(b, 6, 10)
    await engine.delivered(10)
    await a.script(isMysql
      ? `change replication source to source_host = '127.0.0.1', source_port = ${b.port}, source_user = 'root', source_password = '', source_auto_position = 1, get_source_public_key = 1; start replica`
      : `set global gtid_slave_pos = '${await a.value<string>('select @@gtid_binlog_pos')}'; change master to master_host = '127.0.0.1', master_port = ${b.port}, master_user = 'root', master_password = '', master_use_gtid = slave_pos, master_ssl_verify_server_cert = 0; start slave`)
    await level(b, a)
    await promote(a)
    proxy.retarget(a.port)
    proxy.cut()
    await insert(a, 11, 15)
    await engine.delivered(15)
    await engine.stop()
    expect(brief(engine.seen)).toEqual(numbered('c', 1, 15))
  }, TIMEOUT)

  it('at the second, where nothing comes at first: restarts there deliver nothing again', async () => {
    const { a, b } = await pair()
    {
      await using engine = run(a.port)
      await engine.streaming()
      await insert(a, 1, 10)
      await engine.delivered(10)
      await engine.settled()
      await engine.stop()
    }
    await level(a, b)
    await promote(b)
    for (const round of [1, 2]) {
      await using engine = run(b.port)
      await engine.streaming()
      // of another database: it moves, and there is nothing to tell
      await b.script(`create database if not exists other; create table if not exists other.x (id int); insert into other.x values (${round})`)
      if (round === 2) await insert(b, 11, 12)
      await engine.until(() => engine.offsets.length > 0 || engine.seen.length > 0, 'something stored')
      await engine.until(() => round === 1 || brief(engine.seen).includes('c12'), 'the last one')
      await engine.stop()
      expect(brief(engine.seen)).toEqual(round === 1 ? [] : ['c11', 'c12'])
    }
  }, TIMEOUT)

  /** What is stored first at a server that has nothing to tell. */
  async function firstStored(server: MysqlServer): Promise<StoredOffset | undefined> {
    await using engine = run(server.port)
    await engine.streaming()
    await server.script('create database if not exists nothing')
    await engine.until(() => engine.offsets.length > 0, 'something stored')
    await engine.stop()
    return engine.offsets[0]
  }

  it('at the second, which is left at once: what is stored there is right there', async () => {
    const { a, b } = await pair()
    {
      await using engine = run(a.port)
      await engine.streaming()
      await insert(a, 1, 10)
      await engine.delivered(10)
      await engine.settled()
      await engine.stop()
    }
    await level(a, b)
    await promote(b)
    const first = await firstStored(b)
    if (first !== undefined) writeFileSync(folder.file(name), encodeOffset(first))
    await insert(b, 11, 12)
    {
      // its sink takes nothing; what is stored is how far the log was read without one
      await using engine = run(b.port, { handle: async (_, signal) => { await once(signal, 'abort'); throw new Error('not taken') }, engine: { stopTimeoutMs: 500 } })
      await engine.streaming()
      await engine.until(() => engine.engine.stats().positions.sent !== engine.engine.stats().positions.durable, 'changes at the sink')
    }
    await using engine = run(b.port)
    await engine.until(() => brief(engine.seen).includes('c12'), 'the last one')
    await engine.stop()
    expect(brief(engine.seen)).toEqual(['c11', 'c12'])
  }, TIMEOUT)

  describe('is refused', () => {
    /** Delivers up to 10 from the first, of which the second is given the first five. */
    async function halfway(): Promise<{ readonly a: MysqlServer; readonly b: MysqlServer }> {
      const { a, b } = await pair()
      await using engine = run(a.port)
      await engine.streaming()
      await insert(a, 1, 5)
      await level(a, b)
      await b.script(isMysql ? 'stop replica' : 'stop slave')
      await insert(a, 6, 10)
      await engine.delivered(10)
      await engine.settled()
      await engine.stop()
      return { a, b }
    }

    it('when it has not got what was delivered, also after it has gone on by itself', async () => {
      const { a, b } = await halfway()
      await a.kill9()
      await promote(b)
      const offset = readFileSync(folder.file(name))
      for (const [first, last] of [[20, 22], [23, 40]] as const) {
        await insert(b, first, last)
        await using engine = run(b.port)
        const error = await engine.failure()
        expect(error).toMatchObject({ code: 'TR_MYSQL_GTID_DIVERGED', remedy: expect.stringContaining('new snapshot') })
        expect(engine.seen).toEqual([])
      }
      expect(readFileSync(folder.file(name))).toEqual(offset)
    }, TIMEOUT)

    it('when it has it, and has purged what comes next', async () => {
      const { a, b } = await halfway()
      await b.script(isMysql ? 'start replica' : 'start slave')
      await insert(a, 11, 12)
      await level(a, b)
      await promote(b)
      await b.script('flush binary logs; flush binary logs')
      const last = (await b.query<{ Log_name: string }>('show binary logs')).at(-1)!.Log_name
      // a file that the storage engine may still need after a crash is left, with a warning
      for (let files = 0; files !== 1; files = (await b.query('show binary logs')).length) await b.script(`purge binary logs to '${last}'`)
      await using engine = run(b.port)
      expect(await engine.failure()).toMatchObject({ code: 'TR_MYSQL_BINLOG_PURGED', remedy: expect.stringContaining('snapshot.mode when_needed') })
      expect(engine.seen).toEqual([])
    }, TIMEOUT)

    it.runIf(!isMysql)('when it has a domain that the offset does not know', async () => {
      const { a, b } = await halfway()
      await b.script('start slave')
      await level(a, b)
      await promote(b)
      await b.script('set session gtid_domain_id = 7; insert into t values (99, 1)', DB)
      await using engine = run(b.port)
      expect(await engine.failure()).toMatchObject({ code: 'TR_MYSQL_GTID_DIVERGED', message: expect.stringContaining('7') })
    }, TIMEOUT)

    it('by an offset without GTIDs', async () => {
      const { a, b } = isMysql ? await independent() : await halfway()
      if (isMysql) {
        await using engine = run(a.port)
        await engine.streaming()
        await insert(a, 1, 3)
        await engine.delivered(3)
        await engine.settled()
        await engine.stop()
      } else {
        const stored = decodeOffset(readFileSync(folder.file(name)), name, folder.file(name))
        const position = Object.entries(stored.position).filter(([member]) => member !== 'gtids')
        writeFileSync(folder.file(name), encodeOffset({ ...stored, position: Object.fromEntries(position) }))
      }
      await using engine = run(b.port)
      expect(await engine.failure()).toMatchObject({ code: 'TR_MYSQL_SERVER_CHANGED', remedy: expect.stringContaining('both need GTIDs') })
      expect(engine.seen).toEqual([])
    }, TIMEOUT)

    /** Without GTIDs, with the same files and the same table. */
    async function independent(): Promise<{ readonly a: MysqlServer; readonly b: MysqlServer }> {
      const plain = { 'gtid-mode': 'OFF', 'enforce-gtid-consistency': 'OFF' }
      const [a, b] = await Promise.all([start(1, plain), start(2, plain)])
      for (const server of [a, b]) await server.script(`create database ${DB}; use ${DB}; create table t (id int primary key, v int)`)
      await insert(b, 1, 30)
      return { a, b }
    }
  })
})
