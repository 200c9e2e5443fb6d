import { expect, it } from 'vitest'
import { readTableMap } from '../../../../../src/source/mysql/binlog/table-map.ts'

// MySQL 9.7: create table sg(a int, y year, b int, bi bit(3), c int, ts timestamp null, d int unsigned, e enum('a'), s set('a'), f int, dt date, g int)
const CAPTURED = Buffer.from('86000000000001000a76616c7565735f6c616200027367000c030d0310031103fefe030a0307030000f701f801ff0f010148', 'hex')

it('a YEAR has a bit among the signs, so that those of the columns behind it are theirs', () => {
  const { columns } = readTableMap(CAPTURED, 0, CAPTURED.length)
  expect(columns.map(({ unsigned }) => unsigned)).toEqual([false, undefined, false, undefined, false, undefined, true, undefined, undefined, false, undefined, false])
})
