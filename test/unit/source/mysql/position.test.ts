import { expect, it } from 'vitest'
import { mysqlFields } from '../../../../src/offset/connect/mysql.ts'
import { GtidSet } from '../../../../src/source/mysql/gtid/gtid-set.ts'
import { MysqlPosition, type PartOfTransaction } from '../../../../src/source/mysql/position.ts'

const UUID = '97979797-0000-11ee-8000-000000033097'
const GTIDS = `${UUID}:1-5`
/** Of the transaction 6: its GTID event stands at 1297, its BEGIN at 1376. */
const part: PartOfTransaction = { rows: 3, event: 2, row: 3, begin: 1376, gtid: `${UUID}:6` }

function ours(more: Partial<PartOfTransaction> = {}, file = 'binlog.000003', pos = 1297): MysqlPosition {
  return new MysqlPosition('stream', { file, pos }, GtidSet.parse(GTIDS), { part: { ...part, ...more } })
}

function debeziums(fields: Readonly<Record<string, bigint>>): MysqlPosition {
  return MysqlPosition.fromJSON(mysqlFields.read({ file: 'binlog.000003', pos: 1376n, gtids: GTIDS, server_id: 1n, ...fields }), (text) => GtidSet.parse(text))
}

it('Debezium’s offset, which names the BEGIN, stands before what is delivered behind it, whose position names the GTID event', () => {
  const from = debeziums({ event: 2n, row: 2n })
  expect([ours().compare(from), ours({ rows: 2, row: 2 }).compare(from), ours({ rows: 1, row: 1 }).compare(from), from.compare(ours())].map(Math.sign)).toEqual([1, 0, -1, -1])
  // nothing of the transaction was delivered
  expect(Math.sign(ours().compare(debeziums({ event: 1n })))).toBe(1)
  expect(Math.sign(new MysqlPosition('stream', { file: 'binlog.000003', pos: 2000 }, GtidSet.parse(`${UUID}:1-6`)).compare(from))).toBe(1)
})

it('within one transaction the rows count, wherever it is read', () => {
  const elsewhere = (rows: number): MysqlPosition => ours({ rows, row: rows, begin: 500 }, 'binlog.000001', 400)
  expect([elsewhere(4).compare(ours()), elsewhere(3).compare(ours()), elsewhere(2).compare(ours()), elsewhere(4).compare(debeziums({ event: 2n, row: 3n }))].map(Math.sign)).toEqual([1, 0, -1, 1])
})

it('transactions without a GTID have an order by place, though all have the same GTIDs before them', () => {
  const anonymous = (begin: number): MysqlPosition => ours({ gtid: undefined, begin }, 'binlog.000003', begin - 79)
  expect(Math.sign(anonymous(5000).compare(anonymous(1376)))).toBe(1)
})
