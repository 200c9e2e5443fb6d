import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { runCommand, startCommand } from '../server/command.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { requireMariadb, requireMysql } from '../server/require.ts'
import { eachSideBySide } from '../server/side-by-side.ts'
import { startServer, type ServerKind } from './mysql-run.ts'

const withMysql = await requireMysql()
await requireMariadb('11.8')

const DB = 'shop'
const CANARY = 'cAnArY-4711'
const KINDS: readonly ServerKind[] = ['MySQL', 'MariaDB 11.8']

eachSideBySide(withMysql, KINDS)('the command against %s', (kind) => {
  let server: MysqlServer

  beforeAll(async () => {
    server = await startServer(kind)
    await server.script("create user looker@'%' identified by 'right'; grant select, replication slave, replication client on *.* to looker@'%'")
  }, 180_000)
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    await server.script(`drop database if exists ${DB}; drop database if exists other; create database ${DB}; create database other; create table other.thing (id int primary key); use ${DB}; create table orders (id int primary key, total numeric(10,2)); insert into orders values (1, 1.50), (2, 2.50); create table note (text text)`)
  })

  function url(path: string, scheme = kind === 'MySQL' ? 'mysql' : 'mariadb'): string {
    return `${server.url('looker', 'right').replace(/^mysql/, scheme)}${path}`
  }

  /** Without the time. */
  function lines(stdout: string): string[] {
    return stdout.split('\n').slice(0, -1).map((line) => line.replace(/^\S+ +/, ''))
  }

  const dumping = (count: number): Promise<void> => server.until(`select count(*) = ${count} from information_schema.processlist where command like 'Binlog Dump%'`)

  describe('tail', () => {
    it('shows the rows and the changes of the database that the URL names, with an account that only reads, and leaves nothing behind', async () => {
      await using command = startCommand(['tail', url(`/${DB}`)])
      await command.until('stdout', (text) => text.split('\n').length === 3)
      await dumping(1)
      await server.script("insert into other.thing values (7); update orders set total = 9.99 where id = 1; insert into note values ('a'); delete from orders where id = 2", DB)
      await command.until('stdout', (text) => text.includes('delete'))
      command.kill('SIGINT')
      const { code, stdout, stderr } = await command.ended
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(lines(stdout)).toEqual(['row       shop.orders  id=1 total="1.50"', 'row       shop.orders  id=2 total="2.50"', 'update    shop.orders  id=1  total: "1.50" → "9.99"', 'insert    shop.note  text="a"', 'delete    shop.orders  id=2 total="2.50"'])
      await dumping(0)
      expect(await server.query(kind === 'MySQL' ? 'show replicas' : 'show slave hosts')).toEqual([])
    })

    it('from now: changes only, of the tables asked for, in every database; the URL from the environment, under the other name of the scheme', async () => {
      await using watching = startCommand(['tail', '-', '--from-now', '--table', '*.o*', '--table', 'other.thing'], { DATABASE_URL: url('', 'mysql') })
      await dumping(1)
      await server.script("insert into note values ('no'); insert into orders values (8, 8); insert into other.thing values (7)", DB)
      await watching.until('stdout', (text) => text.split('\n').length === 3)
      watching.kill('SIGTERM')
      const { code, stdout } = await watching.ended
      expect({ code, lines: lines(stdout) }).toEqual({ code: 0, lines: ['insert    shop.orders  id=8 total="8.00"', 'insert    other.thing  id=7'] })
    })

    it('several watch at once, and a reader that has enough ends one without an error', async () => {
      await using one = startCommand(['tail', url(`/${DB}`)])
      await using two = startCommand(['tail', url(`/${DB}`), '--from-now'])
      await one.until('stdout', (text) => text.includes('id=2'))
      await dumping(2)
      one.hangUp()
      await server.query('insert into orders values (3, 3)', DB)
      expect(await one.ended).toMatchObject({ code: 0 })
      await two.until('stdout', (text) => text.includes('id=3'))
      two.kill('SIGTERM')
      expect(await two.ended).toMatchObject({ code: 0 })
    })

    it('says what stands in the way: a wrong password, which is never shown, a database that is not there, an account that may not', async () => {
      const refused = await runCommand('tail', url(`/${DB}`).replace('right', CANARY))
      expect({ code: refused.code, stdout: refused.stdout, coded: refused.stderr.includes('TR_MYSQL_AUTH'), shown: refused.stderr.includes(CANARY) }).toEqual({ code: 3, stdout: '', coded: true, shown: false })
      expect(await runCommand('tail', url('/nowhere'))).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('There is no database nowhere') })
      await server.script("create user nobody@'%' identified by 'right'; grant select on shop.* to nobody@'%'")
      const lacking = await runCommand('tail', url(`/${DB}`).replace('looker', 'nobody'))
      expect(lacking).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining("GRANT REPLICATION SLAVE ON *.* TO 'nobody'@'%'") })
    })
  })
})
