import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { fileSchemaHistory } from '../../src/schema-history/file/file-history.ts'
import type { MysqlOptions } from '../../src/source/mysql/options.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { requireMariadb, requireMysql } from '../server/require.ts'
import { eachSideBySide } from '../server/side-by-side.ts'
import { brief, offsetFolder, type EngineRun } from './engine-run.ts'
import { runMysql, SERVER_KINDS, startServer } from './mysql-run.ts'

const withMysql = await requireMysql()
await requireMariadb('10.11', '11.8')

eachSideBySide(withMysql, SERVER_KINDS)('statements in the place of rows, %s', (kind) => {
  let server: MysqlServer
  const folder = offsetFolder()
  let made = 0

  beforeAll(async () => {
    server = await startServer(kind)
    writeFileSync(path.join(server.dataDir, 'rows.txt'), '10\n11\n')
  }, 180_000)
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  async function database(): Promise<string> {
    const name = `f${++made}`
    await server.script(`create database ${name}; use ${name}; create table t (id int primary key)`)
    return name
  }

  function run(name: string, source: Partial<MysqlOptions> = {}): EngineRun {
    return runMysql({ kind, port: server.port, database: name, name, offsets: folder.file(name), source: { history: fileSchemaHistory(folder.file(`${name}.history`)), ...source } })
  }

  const inStatements = (sql: string): string => `set session binlog_format = 'STATEMENT'; ${sql}; set session binlog_format = 'ROW'`
  const load = (): string => `load data infile '${path.join(server.dataDir, 'rows.txt')}' into table t`

  it.each([
    ['INSERT', () => 'insert into t values (2)'],
    ['INSERT with a variable', () => 'set @id = 3; insert into t values (@id)'],
    ['INSERT of several rows within a transaction', () => 'begin; insert into t values (2), (3); commit'],
    ['UPDATE', () => 'update t set id = 5'],
    ['DELETE', () => 'delete from t'],
    ['LOAD DATA', load],
  ])('%s stops the engine behind what came before it', async (_, sql) => {
    const name = await database()
    await using engine = run(name)
    await engine.streaming()
    await server.script(`insert into t values (1); ${inStatements(sql())}; insert into t values (4)`, name)
    expect(await engine.failure()).toMatchObject({ code: 'TR_MYSQL_STATEMENT_FORMAT', kind: 'fatal', where: { database: name } })
    // it is not passed over by another start, and nothing behind it is delivered
    await using again = run(name)
    expect(await again.failure()).toMatchObject({ code: 'TR_MYSQL_STATEMENT_FORMAT' })
    expect(brief([...engine.seen, ...again.seen]).filter((change) => change !== 'c1')).toEqual([])
  })

  it('where a warning is asked for, each statement is one, and what comes behind it is delivered', async () => {
    const name = await database()
    await using engine = run(name, { statementFormat: 'warn' })
    await engine.streaming()
    await server.script(`insert into t values (1); ${inStatements(`insert into t values (2); ${load()}; begin; update t set id = 20 where id = 2; insert into t values (21); commit`)}; insert into t values (4)`, name)
    await engine.delivered(2)
    expect(brief(engine.seen)).toEqual(['c1', 'c4'])
    expect(engine.warnings.map(({ code }) => code)).toEqual(Array(4).fill('TR_MYSQL_STATEMENT_FORMAT'))
    await engine.stop()
  })

  it('LOAD DATA that fails has changed nothing', async () => {
    const name = await database()
    const file = path.join(server.dataDir, 'twice.txt')
    writeFileSync(file, '1\n1\n')
    await using engine = run(name)
    await engine.streaming()
    await expect(server.script(inStatements(`load data infile '${file}' into table t`), name)).rejects.toThrow(/Duplicate/)
    await server.script('insert into t values (4)', name)
    await engine.delivered(1)
    expect(brief(engine.seen)).toEqual(['c4'])
    await engine.stop()
    rmSync(file)
  })

  it('of another database it is of no interest', async () => {
    const [name, other] = [await database(), await database()]
    await using engine = run(name)
    await engine.streaming()
    await server.script(inStatements(`insert into t values (2); ${load()}`), other)
    await server.script('insert into t values (4)', name)
    await engine.delivered(1)
    expect(brief(engine.seen)).toEqual(['c4'])
    await engine.stop()
  })
})
