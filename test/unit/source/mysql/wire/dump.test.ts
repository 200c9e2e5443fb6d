import { expect, test } from 'vitest'
import { readPreviousGtids } from '../../../../../src/source/mysql/binlog/previous-gtids.ts'
import { MariadbGtidList } from '../../../../../src/source/mysql/gtid/mariadb-gtid-list.ts'
import { GtidSet } from '../../../../../src/source/mysql/gtid/gtid-set.ts'
import { withValues } from '../../../../../src/source/mysql/wire/client.ts'
import { dumpCommand, encodeGtids, registerCommand } from '../../../../../src/source/mysql/wire/dump.ts'
import { campaign } from '../../../../fuzz/campaign.ts'
import { anySet } from '../gtid/gtid-model.ts'

const UUID = '3e11fa47-71ca-11e1-9e33-c80aa9429562'

test('COM_BINLOG_DUMP by place, and with no file for a MariaDB that looks for it itself', () => {
  expect(dumpCommand({ by: 'place', file: 'binlog.000001', pos: 4 }, 77).toString('hex')).toBe(`1204000000${'0000'}4d000000${Buffer.from('binlog.000001').toString('hex')}`)
  expect(dumpCommand({ by: 'connect-state', gtids: MariadbGtidList.parse('0-1-2') }, 4_294_967_295, 2).toString('hex')).toBe('12040000000200ffffffff')
  expect(dumpCommand({ by: 'place', file: 'a', pos: 0xffffffff }, 1).readUInt32LE(1)).toBe(0xffffffff)
})

test('a place beyond 4 GiB cannot be asked for', () => {
  expect(() => dumpCommand({ by: 'place', file: 'binlog.000001', pos: 2 ** 32 }, 77)).toThrow(expect.objectContaining({ code: 'TR_MYSQL_SETTING' }))
})

test('COM_BINLOG_DUMP_GTID carries the set', () => {
  const payload = dumpCommand({ by: 'gtid-set', gtids: GtidSet.parse(`${UUID}:1-3:5`) }, 77)
  const set = `0100000000000000${UUID.replaceAll('-', '')}0200000000000000${'0100000000000000'}${'0400000000000000'}${'0500000000000000'}${'0600000000000000'}`
  expect(payload.toString('hex')).toBe(`1e00004d000000${'00000000'}${'0400000000000000'}40000000${set}`)
})

test('sets are written as a server writes them into its own log, with tags and without', async () => {
  expect(encodeGtids('').toString('hex')).toBe('0000000000000000')
  await campaign('encoded GTID sets', 500, (random) => {
    const text = GtidSet.parse(anySet(random).text).toString()
    const bytes = encodeGtids(text)
    expect(readPreviousGtids(bytes, 0, bytes.length)).toBe(text)
  })
})

test('COM_REGISTER_SLAVE', () => {
  expect(registerCommand(77, 'tailrace').toString('hex')).toBe(`154d000000${'08'}${Buffer.from('tailrace').toString('hex')}${'00'.repeat(12)}`)
})

test('values become literals that no sql_mode reads otherwise', () => {
  expect(withValues('select ?, ?', ["it's", 7])).toBe("select 'it''s', 7")
  expect(withValues('select ?', ['a\\'])).toBe("select _utf8mb4 X'615c'")
  expect(withValues('select 1', [])).toBe('select 1')
  expect(() => withValues('select ?', ['a', 'b'])).toThrow(expect.objectContaining({ code: 'TR_ENGINE_INVARIANT' }))
})
