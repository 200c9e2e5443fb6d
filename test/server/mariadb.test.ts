import { expect, it } from 'vitest'
import { MARIADB_VERSIONS, startMariadb } from './mariadb.ts'
import { isAlive } from './process.ts'
import { requireMariadb } from './require.ts'

for (const version of MARIADB_VERSIONS) {
  const withMariadb = await requireMariadb(version)
  withMariadb(`a MariaDB ${version} of a test`, () => {
    it('logs rows, keeps what is committed when it is killed, and has the program that prints its log', async () => {
      await using server = await startMariadb({ version, metadata: 'FULL' })
      expect(await server.value('select version()')).toMatch(new RegExp(`^${version.replace('.', '\\.')}\\.\\d+-MariaDB`))
      expect(await server.query('select @@binlog_format f, @@binlog_row_image i, @@binlog_row_metadata m')).toEqual([{ f: 'ROW', i: 'FULL', m: 'FULL' }])
      await server.createDatabase('kept')
      await server.script("create table t (id int primary key, word varchar(10)); insert into t values (1, 'tailrace')", 'kept')
      const before = await server.value<string>('select @@gtid_binlog_pos')
      expect(before).toMatch(/^0-1-\d+$/)
      const { pid } = server
      await server.kill9()
      expect(pid !== undefined && isAlive(pid)).toBe(false)
      await server.start()
      expect(await server.query('select * from t', 'kept')).toEqual([{ id: 1, word: 'tailrace' }])
      expect(await server.value('select @@gtid_binlog_pos')).toBe(before)
      expect(await server.mysqlbinlog('-vv', '--base64-output=decode-rows', 'binlog.000001')).toMatch(/INSERT INTO `kept`\.`t`[^]*@2='tailrace'/)
      await server.restart({ 'net-write-timeout': '7' })
      expect(await server.value('select @@global.net_write_timeout')).toBe(7)
    })

    it('says what the server said when it does not start', async () => {
      await expect(startMariadb({ version, settings: { 'binlog-row-image': 'sometimes' } })).rejects.toThrow(/did not start: .*sometimes/s)
    })
  })
}
