import { afterAll, beforeAll, expect, it } from 'vitest'
import type { EngineOptions } from '../../src/index.ts'
import { fileSchemaHistory } from '../../src/schema-history/file/file-history.ts'
import type { MysqlOptions } from '../../src/source/mysql/options.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { requireMariadb, requireMysql } from '../server/require.ts'
import { eachSideBySide } from '../server/side-by-side.ts'
import { brief, offsetFolder, type EngineRun } from './engine-run.ts'
import { runMysql, SERVER_KINDS, startServer } from './mysql-run.ts'

const withMysql = await requireMysql()
await requireMariadb('10.11', '11.8')

const FOREIGN = '11111111-1111-1111-1111-111111111111'

eachSideBySide(withMysql, SERVER_KINDS)('rows by who wrote them, %s', (kind) => {
  let server: MysqlServer
  const folder = offsetFolder()
  const isMysql = kind === 'MySQL'
  let made = 0
  let numbered = 0

  beforeAll(async () => {
    server = await startServer(kind)
  }, 180_000)
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  /** As another server's replica writes it. */
  function foreign(statement: string): string {
    return isMysql ? `set gtid_next = '${FOREIGN}:${++numbered}'; ${statement}; set gtid_next = 'automatic'` : `set server_id = 55; ${statement}; set server_id = 1`
  }

  async function database(sql: string): Promise<string> {
    const name = `s${++made}`
    await server.script(`create database ${name} character set utf8mb4; use ${name}; ${sql}`)
    return name
  }

  function run(name: string, source: Partial<MysqlOptions>, engine: Partial<EngineOptions> = {}): EngineRun {
    return runMysql({ kind, port: server.port, database: name, name, offsets: folder.file(name), engine, source: { history: fileSchemaHistory(folder.file(`${name}.history`)), ...source } })
  }

  const LEFT_OUT: NonNullable<MysqlOptions['gtidSources']> = { excludes: isMysql ? ['11111111-*'] : [/\d+-55/] }

  it('those of a source that is left out are not delivered; what it did to the schema is known, and its GTIDs are in the position', async () => {
    const name = await database('create table t (id int primary key)')
    {
      await using engine = run(name, { gtidSources: LEFT_OUT })
      await engine.streaming()
      await server.script(`insert into t values (1); ${foreign('insert into t values (2)')}; ${foreign("alter table t add v varchar(5) default 'x'")}; insert into t values (3, 'y')`, name)
      await engine.delivered(2)
      expect(brief(engine.seen)).toEqual(['c1', 'c3'])
      expect(engine.seen[1]!.after).toEqual({ id: 3, v: 'y' })
      await server.script(foreign("insert into t values (4, 'z')"), name)
      const done = await server.value<string>(isMysql ? 'select @@global.gtid_executed' : 'select @@global.gtid_binlog_pos')
      await engine.until(() => engine.offsets.at(-1)?.position['gtids'] === done.replaceAll('\n', ''), `the position ${done}`)
      await engine.stop()
    }
    await server.script("insert into t values (5, 'w')", name)
    await using engine = run(name, { gtidSources: LEFT_OUT })
    await engine.delivered(1)
    expect(brief(engine.seen)).toEqual(['c5'])
    await engine.stop()
  })

  it('with a list of those that are wanted, all others are left out', async () => {
    const name = await database('create table t (id int primary key)')
    const own = isMysql ? await server.value<string>('select @@server_uuid') : '*-1'
    await using engine = run(name, { gtidSources: { includes: [own] } })
    await engine.streaming()
    await server.script(`${foreign('insert into t values (1)')}; insert into t values (2); ${foreign('update t set id = 3 where id = 2')}; insert into t values (4)`, name)
    await engine.delivered(2)
    expect(brief(engine.seen)).toEqual(['c2', 'c4'])
    await engine.stop()
  })

  it('those of compressed transactions and rows too', async () => {
    const name = await database('create table t (id int primary key, v text)')
    await using engine = run(name, { gtidSources: LEFT_OUT })
    await engine.streaming()
    const rows = (id: number): string => `insert into t values (${id}, repeat('a', 5000)), (${id + 1}, repeat('b', 5000))`
    const compressed = isMysql ? 'set session binlog_transaction_compression = ON' : 'set global log_bin_compress = ON'
    await server.script(`${compressed}; ${foreign(rows(1))}; ${rows(3)}${isMysql ? '' : '; set global log_bin_compress = OFF'}`, name)
    await engine.delivered(2)
    expect(brief(engine.seen)).toEqual(['c3', 'c4'])
    await engine.stop()
  })

  it('the rest of a transaction that was delivered in part when its source is left out', async () => {
    const name = await database('create table t (id int primary key)')
    {
      await using engine = run(name, {}, { limits: { maxBatchEvents: 1 }, stopAfter: 2 })
      await engine.streaming()
      await server.script(`${foreign('insert into t values (1), (2), (3)')}; insert into t values (4)`, name)
      await engine.ended
      expect(brief(engine.seen)).toEqual(['c1', 'c2'])
    }
    await using engine = run(name, { gtidSources: LEFT_OUT })
    await engine.delivered(1)
    expect(brief(engine.seen)).toEqual(['c4'])
    await engine.stop()
  })

  it('either those that are wanted are listed, or those that are not', () => {
    expect(() => run('both', { gtidSources: { includes: ['a'], excludes: ['b'] } })).toThrow(/gtidSources has either includes or excludes/)
  })

  it('a transaction without rows that are wanted begins and ends all the same where transactions are told', async () => {
    const name = await database('create table t (id int primary key)')
    await using engine = run(name, { gtidSources: LEFT_OUT, transactionMetadata: true })
    await engine.streaming()
    await server.script(`${foreign('insert into t values (1)')}; insert into t values (2)`, name)
    await engine.delivered(5)
    expect(engine.seen.map(({ op }) => op).join('')).toBe('bebce')
    await engine.stop()
  })

  it('an XA transaction belongs to who commits it', async () => {
    const name = await database('create table t (id int primary key)')
    await using engine = run(name, { gtidSources: LEFT_OUT })
    await engine.streaming()
    await server.leave("xa start 'a'; insert into t values (1); xa end 'a'; xa prepare 'a'", name)
    await server.leave("xa start 'b'; insert into t values (2); xa end 'b'; xa prepare 'b'", name)
    await server.script(`${foreign("xa commit 'a'")}; xa commit 'b'; insert into t values (3)`, name)
    await engine.delivered(2)
    expect(brief(engine.seen)).toEqual(['c2', 'c3'])
    await engine.stop()
  })

  it('of a statement in the place of rows nothing is wanted where its source is left out', async () => {
    const name = await database('create table t (id int primary key)')
    await using engine = run(name, { gtidSources: LEFT_OUT })
    await engine.streaming()
    await server.script(`set session binlog_format = 'STATEMENT'; ${foreign('insert into t values (1)')}; set session binlog_format = 'ROW'; insert into t values (2)`, name)
    await engine.delivered(1)
    expect(brief(engine.seen)).toEqual(['c2'])
    await engine.stop()
  })
})
