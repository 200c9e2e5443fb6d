import { afterAll, beforeAll, expect, it } from 'vitest'
import type { MysqlRowImage } from '../../src/source/mysql/row-image.ts'
import type { MysqlClient } from '../../src/source/mysql/wire/connect.ts'
import { RowStream, type RowStreamOptions } from '../../src/source/mysql/wire/row-stream.ts'
import { readLength } from '../../src/source/mysql/wire/text-result.ts'
import { systemClock } from '../../src/time/clock.ts'
import { everyMysql } from '../server/every-mysql.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { startTcpProxy } from '../server/tcp-proxy.ts'
import { sideBySide } from '../server/side-by-side.ts'
import { loggedIn } from './mysql-connection.ts'

const MIB = 1024 * 1024
const FULL = 0xffffff

for (const { name, suite, start } of await everyMysql()) {
  sideBySide(suite, `rows of ${name}, read as they lie`, () => {
    let server: MysqlServer
    beforeAll(async () => {
      server = await start({ settings: { 'max-allowed-packet': '128M' } })
      await server.createDatabase('r')
      await server.script('create table t (id int primary key, word varchar(100), bytes varbinary(100))', 'r')
      await server.script("insert into t with recursive n as (select 1 as id union all select id + 1 from n where id < 1000) select id, if(id % 7 = 0, null, concat('word ', id)), unhex(hex(id)) from n", 'r')
      // 64 MiB that compress well
      await server.script("create table wide (id int primary key, filler longtext); insert into wide with recursive n as (select 1 as id union all select id + 1 from n where id < 64) select id, repeat('x', 1048576) from n", 'r')
    })
    afterAll(async () => {
      await server[Symbol.asyncDispose]()
    })

    it('every row once and in order, in chunks of the size that was asked for', async () => {
      await using client = await loggedIn(server)
      const expected = (await server.query<{ id: number; word: string | null }>('select id, word from t order by id', 'r')).map(({ id, word }) => [String(id), word])
      for (const limits of [{ maxRows: 1 }, { maxRows: 7 }, { maxRows: 10_000 }, { maxBytes: 1 }, { maxBytes: 100 }]) {
        const stream = streamOf(client, limits)
        const chunks: number[] = []
        const rows: (string | null)[][] = []
        for await (const chunk of stream.read('select id, word from r.t order by id', 2)) {
          chunks.push(chunk.rows.length)
          for (const image of chunk.rows) rows.push(textsOf(image))
        }
        expect(rows).toEqual(expected)
        expect(Math.max(...chunks)).toBeLessThanOrEqual(limits.maxRows ?? 1000)
        expect(stream.bufferedBytes).toBe(0)
      }
    })

    it('one result after the other on one connection, other statements in between, and none that overtakes the rows', async () => {
      await using client = await loggedIn(server)
      const stream = streamOf(client, { maxRows: 10 })
      const order: string[] = []
      for (let round = 0; round < 3; round++) {
        order.length = 0
        let asked: Promise<unknown> | undefined
        for await (const chunk of stream.read('select id from r.t', 1)) {
          asked ??= client.query('select 1 as one').then((rows) => order.push(JSON.stringify(rows)))
          order.push(String(chunk.rows.length))
        }
        order.push('end of rows')
        await asked
        expect(order.slice(-2)).toEqual(['end of rows', '[{"one":"1"}]'])
        const [row] = await client.query('show create table r.t')
        expect(row?.['Create Table']).toContain('CREATE TABLE `t`')
        expect(await countRows(stream, 'select id from r.t where id < 0', 1)).toBe(0)
      }
    })

    it('texts and packets of every length around the limits of the protocol', async () => {
      await using client = await loggedIn(server)
      const stream = streamOf(client)
      // length of a packet of one text: up to 4 bytes of its own length before it
      const lengths = [0, 250, 251, 252, 65_535, 65_536, FULL - 5, FULL - 4, FULL - 3, FULL - 1, FULL, FULL + 1, 2 * FULL - 9, 2 * FULL - 8, 40 * MIB]
      for (const length of lengths) {
        const rows: string[] = []
        for await (const chunk of stream.read(`select repeat('é', 0), concat(repeat('x', ${length}), ''), 'end'`, 3)) for (const image of chunk.rows) rows.push(...(textsOf(image) as string[]))
        expect(rows.map((text) => text.length), `${length}`).toEqual([0, length, 3])
        expect(rows[1] === 'x'.repeat(length)).toBe(true)
        expect(await client.query('select 1 as one')).toEqual([{ one: '1' }])
      }
      // the first column's own length is what a packet begins with
      for (const length of [250, 251, 65_536, FULL - 4, FULL, FULL + 1, 40 * MIB]) {
        expect(await countRows(stream, `select repeat('x', ${length}) union all select 'y'`, 1)).toBe(2)
      }
    })

    it('statements of 16 MiB and more', async () => {
      await using client = await loggedIn(server)
      const [empty] = await client.query("select length('') as n")
      expect(empty).toEqual({ n: '0' })
      // 0x03 and the statement around it are the payload as well
      const around = 1 + "select length('') as n".length
      for (const length of [FULL - around - 1, FULL - around, FULL - around + 1, 16 * MIB, 40 * MIB]) {
        expect(await client.query(`select length('${'x'.repeat(length)}') as n`)).toEqual([{ n: String(length) }])
      }
    })

    it('a table that was altered since the snapshot: the error comes in the midst of the answer, and the connection lives', async () => {
      await server.script('create table altered (id int primary key); insert into altered values (1)', 'r')
      await using client = await loggedIn(server)
      await client.query('START TRANSACTION WITH CONSISTENT SNAPSHOT')
      await server.query('alter table altered add column more int default 5, algorithm = copy', 'r')
      const stream = streamOf(client)
      await expect(countRows(stream, 'select * from r.altered', 2)).rejects.toMatchObject({ code: 'TR_MYSQL_SNAPSHOT', where: { errno: 1412 } })
      expect(await countRows(stream, 'select id from r.t', 1)).toBe(1000)
      expect(await client.query('select 1 as one')).toEqual([{ one: '1' }])
    })

    it('an error behind rows that were already delivered, and a statement that is none', async () => {
      await using client = await loggedIn(server)
      const stream = streamOf(client, { maxRows: 1 })
      let rows = 0
      const reading = (async () => {
        for await (const chunk of stream.read('select id, if(id = 900, (select 1 union select 2), 0) from r.t order by id', 2)) rows += chunk.rows.length
      })()
      await expect(reading).rejects.toMatchObject({ code: 'TR_MYSQL_QUERY', where: { errno: 1242 } })
      expect(rows).toBe(899)
      await expect(countRows(stream, 'select nothing from nowhere', 1)).rejects.toMatchObject({ code: 'TR_MYSQL_QUERY', where: { errno: 1046 } })
      expect(await countRows(stream, 'select id from r.t', 1)).toBe(1000)
    })

    it('rows with another number of columns than was asked for are refused', async () => {
      await using client = await loggedIn(server)
      await expect(countRows(streamOf(client), 'select id, word from r.t', 3)).rejects.toMatchObject({ code: 'TR_MYSQL_PROTOCOL' })
      await using other = await loggedIn(server)
      await expect(countRows(streamOf(other), 'select id, word from r.t', 1)).rejects.toMatchObject({ code: 'TR_MYSQL_PROTOCOL' })
    })

    it('a reader that pauses holds one chunk, and all rows come when it goes on', async () => {
      await using client = await loggedIn(server)
      await client.query('SET SESSION net_write_timeout = 60')
      const stream = streamOf(client, { maxRows: 2 })
      let rows = 0
      for await (const chunk of stream.read('select id, filler from r.wide', 2)) {
        rows += chunk.rows.length
        if (rows === 4) {
          await new Promise((resolve) => setTimeout(resolve, 2_500))
          // two rows of 1 MiB, and what one read brought on top
          expect(stream.bufferedBytes).toBeLessThan(4 * MIB)
        }
      }
      expect(rows).toBe(64)
    })

    it('a server waits for a reader as long as its session says, and no longer', async () => {
      await using client = await loggedIn(server)
      await client.query('SET SESSION net_write_timeout = 1')
      const stream = streamOf(client, { maxRows: 1 })
      const reading = (async () => {
        let rows = 0
        for await (const chunk of stream.read('select id, filler from r.wide', 2)) {
          rows += chunk.rows.length
          if (rows === 1) await server.until('select count(*) = 0 from information_schema.processlist where info like "select id, filler%"', undefined)
        }
        return rows
      })()
      await expect(reading).rejects.toMatchObject({ code: 'TR_MYSQL_DISCONNECTED' })
    })

    it('a connection that is cut, closed, or killed in the midst of the rows', async () => {
      for (const how of ['cut', 'fin', 'kill'] as const) {
        for (const sslMode of ['disabled', 'preferred'] as const) {
          await using proxy = await startTcpProxy(server.port)
          await using client = await loggedIn(proxy, { sslMode })
          const [me] = await client.query('select connection_id() as id')
          const stream = streamOf(client, { maxRows: 1 })
          const reading = (async () => {
            let rows = 0
            for await (const chunk of stream.read('select id, filler from r.wide', 2)) {
              rows += chunk.rows.length
              if (rows !== 3) continue
              if (how === 'kill') await server.query(`kill ${String(me?.['id'])}`)
              else proxy[how]()
            }
            return rows
          })()
          await expect(reading, `${how} ${sslMode}`).rejects.toMatchObject({ code: 'TR_MYSQL_DISCONNECTED' })
          await expect(client.query('select 1')).rejects.toMatchObject({ code: 'TR_MYSQL_DISCONNECTED' })
        }
      }
    })

    it('a reader that goes away in the midst of the rows ends the server’s session', async () => {
      const client = await loggedIn(server)
      const [me] = await client.query('select connection_id() as id')
      const stream = streamOf(client, { maxRows: 1 })
      for await (const chunk of stream.read('select id, filler from r.wide', 2)) if (chunk.rows.length > 0) break
      let ended = 0
      client.onEnd(() => ended++)
      await stream.close()
      await stream.close()
      expect(ended).toBe(1)
      await server.until(`select count(*) = 0 from information_schema.processlist where id = ${String(me?.['id'])}`)
    })

    it('an idle connection that the server ends is known to have ended, with its reason', async () => {
      await using client = await loggedIn(server)
      const ended = new Promise<void>((resolve) => client.onEnd(resolve))
      await client.query('SET SESSION wait_timeout = 1')
      await ended
      await expect(client.query('select 1')).rejects.toMatchObject({ code: 'TR_MYSQL_DISCONNECTED' })
      await expect(countRows(streamOf(client), 'select 1', 1)).rejects.toMatchObject({ code: 'TR_MYSQL_DISCONNECTED' })
    })
  })
}

function streamOf(client: MysqlClient, limits: Partial<RowStreamOptions> = {}): RowStream {
  return new RowStream(client, { clock: systemClock, maxMessageBytes: 1024 * MIB, maxRows: 1000, maxBytes: 8 * MIB, ...limits })
}

async function countRows(stream: RowStream, sql: string, columns: number): Promise<number> {
  let rows = 0
  for await (const chunk of stream.read(sql, columns)) rows += chunk.rows.length
  return rows
}

function textsOf({ bytes, start, present }: MysqlRowImage): (string | null)[] {
  let at = start
  return Array.from({ length: present.count }, () => {
    const [length, from] = readLength(bytes, at, bytes.length)
    at = from + Math.max(0, length)
    return length < 0 ? null : bytes.toString('utf8', from, at)
  })
}
