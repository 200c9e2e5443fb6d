import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startMysql, type MysqlServer } from './mysql.ts'
import { isAlive } from './process.ts'
import { requireMysql } from './require.ts'

const withMysql = await requireMysql()
withMysql('a MySQL of a test', () => {
  let server: MysqlServer
  beforeAll(async () => {
    server = await startMysql({ uuid: '97979797-0000-11ee-8000-000000000001', settings: { 'binlog-row-metadata': 'FULL' } })
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  it('is a MySQL with row events, whole images, GTIDs and the uuid that was asked for', async () => {
    expect(await server.value('select version()')).toMatch(/^9\.\d+\.\d+/)
    expect(await server.query('select @@binlog_format f, @@binlog_row_image i, @@gtid_mode g, @@server_uuid u, @@binlog_row_metadata m')).toEqual([
      { f: 'ROW', i: 'FULL', g: 'ON', u: '97979797-0000-11ee-8000-000000000001', m: 'FULL' },
    ])
  })

  it('keeps what is committed, and its log, when it is killed', async () => {
    await server.createDatabase('kept')
    await server.script('create table t (id int primary key); insert into t values (1); insert into t values (2)', 'kept')
    const before = await server.value<string>('select @@gtid_executed')
    const { pid, port } = server
    await server.kill9()
    expect(pid !== undefined && isAlive(pid)).toBe(false)
    await expect(server.query('select 1')).rejects.toThrow('ECONNREFUSED')
    await server.start()
    expect(server.port).toBe(port)
    expect(await server.query('select id from t order by id', 'kept')).toEqual([{ id: 1 }, { id: 2 }])
    expect(await server.value('select @@gtid_executed')).toBe(before)
  })

  it('has the program that prints its log', async () => {
    await server.createDatabase('printed')
    await server.script("create table t (id int primary key, word varchar(10)); insert into t values (1, 'tailrace')", 'printed')
    const file = await server.value<string>('show binary log status')
    expect(await server.mysqlbinlog('-vv', '--base64-output=decode-rows', file)).toMatch(/INSERT INTO `printed`\.`t`[^]*@2='tailrace'/)
  })

  it('starts again with other settings', async () => {
    await server.restart({ 'net-write-timeout': '7' })
    expect(await server.value('select @@global.net_write_timeout')).toBe(7)
  })

  it('says what the server said when it does not start', async () => {
    await expect(startMysql({ settings: { 'binlog-row-image': 'sometimes' } })).rejects.toThrow(/did not start: .*sometimes/s)
  })

  it('is another server each time', async () => {
    await using other = await startMysql({ gtid: false })
    expect(await other.value('select @@server_uuid')).not.toBe(await server.value('select @@server_uuid'))
    expect(await other.value('select @@gtid_mode')).toBe('OFF')
  })

  it('does not outlive the process that started it, even when that is killed', async () => {
    const orphan = await startMysql()
    const dir = path.dirname(orphan.dataDir)
    const { pid } = orphan
    const parent = spawn(process.execPath, ['-e', PARENT, fileURLToPath(new URL('watchdog.mjs', import.meta.url)), dir], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(parent.stdout, 'data')
    expect(await orphan.value('select 1')).toBe(1)
    parent.kill('SIGKILL')
    while (isAlive(pid!) || existsSync(dir)) await new Promise((resolve) => setTimeout(resolve, 10))
    await orphan[Symbol.asyncDispose]()
  })
})

// What watch() does, in a process that can be killed: a watchdog at the other end of its pipe.
const PARENT = `
  const [, watchdog, dir] = process.argv
  const child = require('node:child_process').spawn(process.execPath, [watchdog], { stdio: ['pipe', 'ignore', 'inherit'], detached: true })
  child.stdin.write('+' + dir + '\\n', () => console.log('watched'))
  setInterval(() => undefined, 1000)
`
