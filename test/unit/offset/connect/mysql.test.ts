import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { isTailraceError } from '../../../../src/error/tailrace-error.ts'
import { readFields, writeFields, type ConnectFields } from '../../../../src/offset/connect/connect-json.ts'
import { mariadbFields, mysqlFields } from '../../../../src/offset/connect/mysql.ts'
import { decodeKey } from '../../../../src/offset/connect/offset-key.ts'
import { decodeValue, encodeValue } from '../../../../src/offset/connect/offset-value.ts'
import type { StoredOffset } from '../../../../src/offset/offset-store.ts'
import { GtidSet } from '../../../../src/source/mysql/gtid/gtid-set.ts'
import { MariadbGtidList } from '../../../../src/source/mysql/gtid/mariadb-gtid-list.ts'
import { MysqlPosition } from '../../../../src/source/mysql/position.ts'
import { seedOf } from '../seed.ts'

const NOW = 1_795_207_719_880_519n
const UUID = '97979797-0000-11ee-8000-000000033097'

interface Written {
  readonly source: 'mysql' | 'mariadb'
  readonly scenario: string
  readonly key: string
  readonly value: string
}

/** Every offset that Debezium (3.6.1 for MySQL 9.7, 3.5.0 for MariaDB 11.8) left behind in the scenarios. */
const WRITTEN = readFileSync(path.join(import.meta.dirname, 'debezium-mysql.ndjson'), 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line) as Written)

/** The position, or the code of the error. */
function position(value: string, source = 'mysql'): unknown {
  try {
    const offset = decodeValue(Buffer.from(value), { engine: 'lab', place: 'offsets.dat', source })
    expect(offset).toMatchObject({ engine: 'lab', source, identity: {} })
    return offset?.position
  } catch (error) {
    if (isTailraceError(error)) return error.code
    throw error
  }
}

/** What Debezium goes on from, and what it shows of it; sets have no order, and `7-7` is 7. */
function meaning({ row, event, gtids, ...others }: ConnectFields, source: 'mysql' | 'mariadb'): Record<string, unknown> {
  // before the first row there is nothing to pass over, whatever was counted
  const nothing = (row ?? 0n) === 0n && Number(event ?? 0n) <= 2
  const done = typeof gtids === 'string' ? (source === 'mysql' ? GtidSet : MariadbGtidList).parse(gtids).toString() : undefined
  return Object.fromEntries(Object.entries({ ...others, gtids: done, ...(nothing ? {} : { row, event }) }).filter(([name, value]) => value !== undefined && !name.startsWith('transaction_')))
}

describe('what Debezium wrote', () => {
  test.each(WRITTEN)('$source/$scenario: read and written again, it means the same', ({ source, key, value }) => {
    expect(decodeKey(Buffer.from(key))).toMatchObject({ engine: 'engine' })
    const fields = readFields(value)!
    if ('incremental_snapshot_correlation_id' in fields) return expect(position(value, source)).toBe('TR_OFFSET_UNFINISHED')
    const form = source === 'mysql' ? mysqlFields : mariadbFields
    const read = form.read(fields)
    expect(meaning(form.write(read), source)).toEqual(meaning(fields, source))
    // and once more through an offset of ours
    const offset: StoredOffset = { engine: 'lab', source, identity: {}, position: read }
    expect(meaning(Object.fromEntries(Object.entries(readFields(encodeValue(offset, NOW).toString())!).filter(([name]) => name !== 'tailrace')), source)).toEqual(meaning(fields, source))
    expect(decodeValue(encodeValue(offset, NOW), { engine: 'lab', place: 'p' })).toEqual({ ...offset, position: JSON.parse(JSON.stringify(read)) as unknown })
  })

  test('there are all kinds of them', () => {
    expect(WRITTEN.length).toBeGreaterThan(200)
    for (const member of ['gtids', 'row', 'event', 'server_id', 'snapshot', 'transaction_id', 'incremental_snapshot_collections']) expect(WRITTEN.some(({ value }) => value.includes(`"${member}"`)), member).toBe(true)
  })

  const meant: Record<string, [value: string, position: unknown]> = {
    'the rows of a transaction that are done are counted from its BEGIN': [
      `{"ts_sec":1795209067,"file":"binlog.000001","pos":1376,"gtids":"${UUID}:1-5","row":1,"server_id":1,"event":4}`,
      { phase: 'stream', file: 'binlog.000001', pos: 1376, gtids: `${UUID}:1-5`, transaction: { event: 4, row: 1, begin: 1376 }, serverId: 1, seconds: 1795209067 },
    ],
    'the end of a transaction: all of its rows are done': [
      `{"transaction_id":"${UUID}:7","transaction_data_collection_order_r.a":1,"ts_sec":1795209127,"file":"binlog.000001","pos":2081,"gtids":"${UUID}:1-6","server_id":1,"event":3}`,
      { phase: 'stream', file: 'binlog.000001', pos: 2081, gtids: `${UUID}:1-6`, transaction: { event: 3, row: 0, begin: 2081 }, serverId: 1, seconds: 1795209127 },
    ],
    'without GTIDs': ['{"ts_sec":7,"file":"binlog.000001","pos":1642,"row":2,"server_id":1,"event":2}', { phase: 'stream', file: 'binlog.000001', pos: 1642, transaction: { event: 2, row: 2, begin: 1642 }, serverId: 1, seconds: 7 }],
    'a finished snapshot goes on from where it was taken': [`{"ts_sec":7,"file":"binlog.000001","pos":3252,"gtids":"${UUID}:1-13"}`, { phase: 'stream', file: 'binlog.000001', pos: 3252, gtids: `${UUID}:1-13`, seconds: 7 }],
    'a snapshot under way starts over': [`{"ts_sec":7,"file":"binlog.000001","pos":3252,"gtids":"${UUID}:1-13","snapshot":"INITIAL"}`, { phase: 'snapshot', file: 'binlog.000001', pos: 3252, gtids: `${UUID}:1-13`, seconds: 7 }],
    'of version 2': ['{"file":"b.1","pos":4,"snapshot":true}', { phase: 'snapshot', file: 'b.1', pos: 4 }],
    'one that says that it is completed': ['{"file":"b.1","pos":4,"snapshot":"INITIAL","snapshot_completed":true}', { phase: 'stream', file: 'b.1', pos: 4 }],
    'a statement that changes tables is read again': [`{"ts_sec":7,"file":"binlog.000001","pos":1142,"gtids":"${UUID}:1-5","server_id":1,"event":1}`, { phase: 'stream', file: 'binlog.000001', pos: 1142, gtids: `${UUID}:1-5`, serverId: 1, seconds: 7 }],
    'no transaction yet': ['{"file":"binlog.000001","pos":157,"gtids":""}', { phase: 'stream', file: 'binlog.000001', pos: 157, gtids: '' }],
    'tags': [`{"file":"b.1","pos":4,"gtids":"${UUID}:1-2:red:7"}`, { phase: 'stream', file: 'b.1', pos: 4, gtids: `${UUID}:1-2:red:7` }],
    'a blocking snapshot only Debezium can finish': ['{"file":"b.1","pos":4,"snapshot":"BLOCKING","snapshot_completed":false}', 'TR_OFFSET_UNFINISHED'],
    'the offset of a PostgreSQL connector': ['{"lsn":889588632,"txId":5}', 'TR_OFFSET_CORRUPT'],
  }
  for (const [name, [value, expected]] of Object.entries(meant)) test(name, () => expect(position(value)).toEqual(expected))

  test('of MariaDB, its domains', () => {
    expect(position('{"file":"b.1","pos":4,"gtids":"0-55-5,7-1-2"}', 'mariadb')).toEqual({ phase: 'stream', file: 'b.1', pos: 4, gtids: '0-55-5,7-1-2' })
    expect(position('{"file":"b.1","pos":4,"gtids":"0-55-5"}', 'mysql')).toBe('TR_OFFSET_CORRUPT')
    expect(position(`{"file":"b.1","pos":4,"gtids":"${UUID}:1"}`, 'mariadb')).toBe('TR_OFFSET_CORRUPT')
  })

  test('what it cannot have written is an error', () => {
    for (const value of ['{}', '{"file":1,"pos":4}', '{"file":"b.1"}', '{"file":"b.1","pos":"4"}', '{"file":"b.1","pos":-4}', '{"file":"b.1","pos":4.5}', '{"file":"b.1","pos":9007199254740993}', '{"file":"b.1","pos":4,"event":"1"}', '{"file":"b.1","pos":4,"row":true}', '{"file":"b.1","pos":4,"gtids":5}', '{"file":"b.1","pos":4,"gtids":"x"}', '{"file":"b.1","pos":4,"snapshot":"SOME"}']) {
      expect(position(value), value).toBe('TR_OFFSET_CORRUPT')
    }
  })
})

describe('our own offsets', () => {
  const natural = fc.maxSafeNat()
  const anywhere = fc.record({
    file: fc.constantFrom('binlog.000001', 'mysql-bin.1000000'), pos: natural, gtids: fc.option(fc.constantFrom('', `${UUID}:1-5`, `${UUID}:1-5:7:red:1`), { nil: undefined }), phase: fc.constantFrom('snapshot' as const, 'stream' as const),
    part: fc.option(fc.record({ rows: natural, event: fc.integer({ min: 2 }), row: fc.integer({ min: 1 }), begin: natural, gtid: fc.option(fc.constant(`${UUID}:6`), { nil: undefined }) }), { nil: undefined }), serverId: fc.nat(), seconds: fc.nat(),
  }).map(({ phase, file, pos, gtids, part, serverId, seconds }) => new MysqlPosition(phase, { file, pos }, gtids === undefined ? undefined : GtidSet.parse(gtids), { part: phase === 'snapshot' ? undefined : part, serverId, seconds }))

  test('come back as they were, and Debezium’s fields beside them say the same place', () => {
    fc.assert(fc.property(anywhere, (at) => {
      const offset: StoredOffset = { engine: 'orders', source: 'mysql', identity: { kind: 'mysql', server: UUID }, position: JSON.parse(JSON.stringify(at.toJSON())) as StoredOffset['position'] }
      const bytes = encodeValue(offset, NOW)
      expect(decodeValue(bytes, { engine: 'orders', place: 'p' })).toEqual(offset)
      const theirs = decodeValue(Buffer.from(writeFields(Object.fromEntries(Object.entries(readFields(bytes.toString())!).filter(([name]) => name !== 'tailrace')))), { engine: 'orders', place: 'p', source: 'mysql' })!
      const derived = MysqlPosition.fromJSON(theirs.position, (text) => GtidSet.parse(text))
      expect(derived).toMatchObject({ phase: at.phase, file: at.file, pos: at.part?.begin ?? at.pos })
      expect(derived.gtids?.toString()).toBe(at.gtids?.toString())
      expect([derived.part?.event, derived.part?.row]).toEqual([at.part?.event, at.part?.row])
    }), { seed: seedOf('mysql values'), numRuns: 500 })
  })

  const offset: StoredOffset = { engine: 'orders', source: 'mysql', identity: {}, position: { phase: 'stream', file: 'binlog.000001', pos: 1297, gtids: `${UUID}:1-5`, transaction: { rows: 4, event: 4, row: 1, begin: 1376, gtid: `${UUID}:6` }, serverId: 1, seconds: 1795209067 } }

  test('the place of a transaction in progress is its BEGIN', () => {
    expect(encodeValue(offset, NOW).toString()).toMatch(`{"ts_sec":1795209067,"file":"binlog.000001","pos":1376,"gtids":"${UUID}:1-5","row":1,"server_id":1,"event":4,"tailrace":`)
    expect(encodeValue({ ...offset, position: { phase: 'snapshot', file: 'b.1', pos: 4 } }, NOW).toString()).toMatch('{"file":"b.1","pos":4,"snapshot":"INITIAL","ts_sec":1795207719,"tailrace":')
  })

  test('where Debezium has gone on from them, its fields count', () => {
    const edited = encodeValue(offset, NOW).toString().replace('"row":1', '"row":2')
    expect(decodeValue(Buffer.from(edited), { engine: 'orders', place: 'p' })).toMatchObject({ source: 'mysql', identity: {}, position: { pos: 1376, transaction: { event: 4, row: 2, begin: 1376 } } })
    // the time alone decides nothing
    expect(decodeValue(Buffer.from(edited.replace('"row":2', '"row":1').replace('"ts_sec":1795209067', '"ts_sec":1')), { engine: 'orders', place: 'p' })).toEqual(offset)
  })

  test('while an XA transaction is prepared Debezium gets none: it would not read the rows again', () => {
    const prepared = { ...offset, position: { ...offset.position, xa: [{ xid: "X'61',X'',1", file: 'binlog.000001', pos: 900 }] } }
    expect(Object.keys(JSON.parse(encodeValue(prepared, NOW).toString()) as object)).toEqual(['tailrace'])
    expect(decodeValue(encodeValue(prepared, NOW), { engine: 'orders', place: 'p' })).toEqual(prepared)
  })
})
