import { expect, test } from 'vitest'
import type { Gtid } from '../../src/source/mysql/gtid/gtid-position.ts'
import { GtidSet } from '../../src/source/mysql/gtid/gtid-set.ts'
import { MariadbGtidList } from '../../src/source/mysql/gtid/mariadb-gtid-list.ts'
import { campaign, type Random } from '../fuzz/campaign.ts'
import { startMariadb } from '../server/mariadb.ts'
import { startMysql } from '../server/mysql.ts'
import { requireMariadb, requireMysql } from '../server/require.ts'
import { anySet } from '../unit/source/mysql/gtid/gtid-model.ts'

const withMysql = await requireMysql()
const withMariadb = await requireMariadb('10.11', '11.8')

withMysql('sets of GTIDs and MySQL', () => {
  test('GTID_SUBSET and GTID_SUBTRACT say the same, and print the same', { timeout: 120_000 }, async () => {
    await using server = await startMysql()
    await server.withClient(undefined, async (client) => {
      await campaign('GTID functions', 400, async (random) => {
        const [one, other] = [anySet(random).text, anySet(random).text]
        const [rows] = await client.query(
          "select gtid_subset(?, ?) subset, gtid_subtract(?, ?) difference, gtid_subtract(?, '') printed, gtid_subtract(?, '') joined, gtid_subset(?, ?) reverse",
          [one, other, one, other, one, `${one},${other}`, other, one],
        )
        const { subset, reverse, ...texts } = (rows as { subset: number; reverse: number; difference: string; printed: string; joined: string }[])[0]!
        const [left, right] = [GtidSet.parse(one), GtidSet.parse(other)]
        expect([left.isSubsetOf(right), right.isSubsetOf(left), left.equals(right)]).toEqual([subset === 1, reverse === 1, subset === 1 && reverse === 1])
        expect({ difference: left.subtract(right).toString(), printed: left.toString(), joined: left.union(right).toString() }).toEqual({
          difference: onOneLine(texts.difference), printed: onOneLine(texts.printed), joined: onOneLine(texts.joined),
        })
      })
    })
  })

  test('commits one by one, with and without tags, make what the server says is executed', { timeout: 120_000 }, async () => {
    await using server = await startMysql()
    await server.createDatabase('g')
    const executed = async (): Promise<string> => onOneLine(await server.value<string>('select @@global.gtid_executed'))
    const uuid = await server.value<string>('select @@server_uuid')
    await server.query('create table t (id int auto_increment primary key)', 'g')
    let set = GtidSet.parse(await executed())
    const taken = new Map<string, bigint>([[uuid, set.cardinality]])
    await server.withClient('g', async (client) => {
      for (const tag of ['', '', ':b', ':a', ':b', '', ':zz', ':a']) {
        await client.query(`set gtid_next = 'automatic${tag}'`)
        await client.query('insert into t values ()')
        await client.query("set gtid_next = 'automatic'")
        const group = uuid + tag
        const number = (taken.get(group) ?? 0n) + 1n
        taken.set(group, number)
        set = set.with({ group, server: 0, number, text: `${group}:${number}` })
        expect(set.toString()).toBe(await executed())
      }
      // one that another server gave out, and far behind the others
      await client.query(`set gtid_next = '${uuid}:1000'`)
      await client.query('insert into t values ()')
      await client.query("set gtid_next = 'automatic'")
    })
    set = set.with({ group: uuid, server: 0, number: 1000n, text: `${uuid}:1000` })
    expect(set.toString()).toBe(await executed())
  })
})

withMariadb('lists of GTIDs and MariaDB', () => {
  test.each(['10.11', '11.8'] as const)('MariaDB %s waits for what is not a subset', { timeout: 120_000 }, async (version) => {
    await using server = await startMariadb({ version })
    await server.withClient(undefined, async (client) => {
      const ask = async (sql: string): Promise<unknown> => Object.values(((await client.query(sql))[0] as Record<string, unknown>[])[0]!)[0]
      const seen = { reached: 0, waited: 0 }
      await campaign('MASTER_GTID_WAIT', 60, async (random) => {
        const [position, wanted] = [anyList(random), anyList(random)]
        await client.query(`set global gtid_slave_pos = '${position.toString()}'`)
        const stored = MariadbGtidList.parse(String(await ask('select @@global.gtid_slave_pos')))
        expect(stored.toString()).toBe(position.toString())
        expect(stored.equals(position)).toBe(true)
        const reached = Number(await ask(`select master_gtid_wait('${wanted.toString()}', 0)`)) === 0
        expect(wanted.isSubsetOf(position), `${wanted.toString()} in ${position.toString()}`).toBe(reached)
        seen[reached ? 'reached' : 'waited']++
      })
      expect(Math.min(seen.reached, seen.waited)).toBeGreaterThan(5)
    })
  })

  test.each(['10.11', '11.8'] as const)('commits of several domains and servers make the position of MariaDB %s', { timeout: 120_000 }, async (version) => {
    await using server = await startMariadb({ version })
    await server.createDatabase('g')
    await server.query('create table t (id int auto_increment primary key)', 'g')
    await server.withClient('g', async (client) => {
      const ask = async (sql: string): Promise<string> => String(Object.values(((await client.query(sql))[0] as Record<string, unknown>[])[0]!)[0])
      let list = MariadbGtidList.parse(await ask('select @@global.gtid_binlog_pos'))
      for (const [domain, writer] of [[0, 1], [7, 1], [7, 2], [0, 3], [3, 1], [7, 1], [0, 1]] as const) {
        await client.query(`set gtid_domain_id = ${domain}, server_id = ${writer}`)
        await client.query('insert into t values ()')
        const text = await ask('select @@last_gtid')
        const gtid = { group: String(domain), server: writer, number: BigInt(text.slice(text.lastIndexOf('-') + 1)), text }
        expect(list.contains(gtid)).toBe(false)
        list = list.with(gtid)
        expect(list.contains(gtid)).toBe(true)
        expect(MariadbGtidList.parse(await ask('select @@global.gtid_binlog_pos')).toString()).toBe(list.toString())
      }
      // one entry a server: the latest is the position
      expect(MariadbGtidList.parse(await ask('select @@global.gtid_binlog_state')).toString()).toBe(list.toString())
    })
  })
})

function anyList(random: Random): MariadbGtidList {
  let list = MariadbGtidList.EMPTY
  for (let left = random.below(4); left > 0; left--) {
    const [domain, server, number] = [random.below(3) + 100, random.below(3) + 1, BigInt(random.below(5) + 1)]
    const gtid: Gtid = { group: String(domain), server, number, text: `${domain}-${server}-${number}` }
    list = list.with(gtid)
  }
  return list
}

function onOneLine(text: string): string {
  return text.replaceAll('\n', '')
}
