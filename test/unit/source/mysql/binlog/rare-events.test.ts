import { describe, expect, it } from 'vitest'
import { EventHeader } from '../../../../../src/source/mysql/binlog/event-header.ts'
import { EVENT, eventName } from '../../../../../src/source/mysql/binlog/event-type.ts'
import { readExecuteLoadQuery } from '../../../../../src/source/mysql/binlog/execute-load-query.ts'
import { readGtid } from '../../../../../src/source/mysql/binlog/gtid.ts'
import { readHeartbeat } from '../../../../../src/source/mysql/binlog/heartbeat.ts'
import { readIncident } from '../../../../../src/source/mysql/binlog/incident.ts'
import { readMariadbGtid } from '../../../../../src/source/mysql/binlog/mariadb-gtid.ts'
import { readQuery } from '../../../../../src/source/mysql/binlog/query.ts'
import { readRotate } from '../../../../../src/source/mysql/binlog/rotate.ts'
import { readRows } from '../../../../../src/source/mysql/binlog/rows.ts'
import { readStartEncryption } from '../../../../../src/source/mysql/binlog/start-encryption.ts'

/*
  Events that a server writes only in circumstances that a test does not have: made after their grammars.
*/

const bytes = (...parts: readonly (Buffer | string | number | readonly number[])[]): Buffer => Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))))
const uint = (value: number | bigint, size: number): Buffer => {
  const buffer = Buffer.alloc(8)
  buffer.writeBigUInt64LE(BigInt(value))
  return buffer.subarray(0, size)
}
const malformed: unknown = expect.objectContaining({ code: 'TR_MYSQL_PROTOCOL', kind: 'fatal' })
const header = (type: number, nextPosition: number): EventHeader => Object.assign(new EventHeader(), { type, serverId: 1, nextPosition })

describe('events of rare circumstances', () => {
  it('an incident', () => {
    const event = bytes(uint(1, 2), 11, 'LOST_EVENTS')
    expect(readIncident(event, 0, event.length)).toEqual({ incident: 1, message: 'LOST_EVENTS' })
    expect(() => readIncident(event, 0, event.length - 1)).toThrow(malformed)
  })

  it('the beginning of an encrypted file', () => {
    const event = bytes(1, uint(7, 4), Buffer.alloc(12, 9))
    expect(readStartEncryption(event, 0, event.length)).toEqual({ scheme: 1, keyVersion: 7 })
    expect(() => readStartEncryption(event, 0, event.length - 1)).toThrow(malformed)
  })

  it('heartbeats beyond four gigabytes', () => {
    const mariadb = bytes(uint(5_000_000_000, 8), 'binlog.000007')
    expect(readHeartbeat(mariadb, 0, mariadb.length, header(EVENT.heartbeat, 0))).toEqual({ file: 'binlog.000007', pos: 5_000_000_000 })
    const mysql = bytes(9, 2, [1, 2], 1, 13, 'binlog.000007', 2, 9, 254, uint(5_000_000_000, 8), 0)
    expect(readHeartbeat(mysql, 0, mysql.length, header(EVENT.heartbeatV2, 0))).toEqual({ file: 'binlog.000007', pos: 5_000_000_000 })
    expect(() => readHeartbeat(bytes(1, 1, 'x', 0), 0, 4, header(EVENT.heartbeatV2, 0))).toThrow(malformed)
  })

  it('a rotation to a place that is no number', () => {
    const event = bytes(Buffer.alloc(8, 0xff), 'binlog.000002')
    expect(() => readRotate(event, 0, event.length)).toThrow(malformed)
  })

  it('the GTID of a transaction that came from another server, with its own time and version; those of older servers; anonymous ones', () => {
    const uuid = Buffer.from('0123456789abcdef0123456789abcdef', 'hex')
    const head = (number: number | bigint): Buffer => bytes(0, uuid, uint(number, 8))
    const whole = bytes(head(5), 2, Buffer.alloc(16), uint((1n << 55n) | 2_000_000_000_000_001n, 7), uint(2_000_000_000_000_000n, 7), 252, uint(300, 2), uint(0x80000000 + 90704, 4), uint(80400, 4), uint(9, 8))
    expect(readGtid(whole, 0, whole.length, EVENT.gtid)).toMatchObject({
      gtid: { group: '01234567-89ab-cdef-0123-456789abcdef', server: 0, number: 5n, text: '01234567-89ab-cdef-0123-456789abcdef:5' },
      originalMicros: 2_000_000_000_000_000n, immediateMicros: 2_000_000_000_000_001n, transactionLength: 300,
    })
    expect(readGtid(head(5), 0, 25, EVENT.gtid)).toMatchObject({ originalMicros: 0n, transactionLength: 0 })
    expect(readGtid(head(0), 0, 25, EVENT.anonymousGtid).gtid).toBeUndefined()
    expect(readGtid(head(2n ** 63n - 2n), 0, 25, EVENT.gtid).gtid!.number).toBe(2n ** 63n - 2n)
    for (const number of [0n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n]) expect(() => readGtid(head(number), 0, 25, EVENT.gtid)).toThrow(malformed)
    expect(() => readGtid(bytes(head(5), 1), 0, 26, EVENT.gtid)).toThrow(malformed)
  })

  it('a MariaDB GTID of a group commit, and one with fields of a newer server', () => {
    const group = bytes(uint(9, 8), uint(3, 4), 2, uint(77, 8))
    expect(readMariadbGtid(group, 0, group.length, 42)).toMatchObject({ gtid: { text: '3-42-9', group: '3', server: 42 }, flags: 2, standalone: false })
    const newer = bytes(uint(9, 8), uint(3, 4), 0, 0x20, [1, 2, 3, 4, 5])
    expect(readMariadbGtid(newer, 0, newer.length, 42).gtid.text).toBe('3-42-9')
    const engines = bytes(uint(9, 8), uint(3, 4), 0, 0x01, 2, [0, 0, 0, 0])
    expect(readMariadbGtid(engines, 0, engines.length, 42).alter).toBeUndefined()
    expect(() => readMariadbGtid(bytes(uint(9, 8), uint(3, 4), 0, [0, 1, 0, 0, 0, 0]), 0, 19, 42)).toThrow(malformed)
  })

  it('every status variable of a statement, in any order; what is behind an unknown one is passed over', () => {
    const variables = bytes(
      131, 2, [1, 0, 2, 0, 3, 0, 4, 0], 0, Buffer.alloc(4), 1, uint(0x100004, 8), 2, 3, 'std', 0, 3, Buffer.alloc(4), 4, uint(45, 2), uint(46, 2), uint(255, 2), 5, 3, 'UTC', 6, 3, 'std', 7, Buffer.alloc(2), 8, uint(8, 2),
      9, Buffer.alloc(8), 10, Buffer.alloc(4), 11, 4, 'root', 9, 'localhost', 12, 2, 'one\0two\0', 12, 254, 13, Buffer.alloc(3), 16, 1, 17, uint(99, 8), 18, uint(255, 2), 19, 0, 20, 0, 21, 0, 128, Buffer.alloc(3), 129, uint(5, 8),
      130, 2, 130, 4, uint(7, 8), 222, [1, 2, 3],
    )
    const event = bytes(uint(11, 4), uint(1, 4), 2, uint(0, 2), uint(variables.length, 2), variables, 'db\0', 'create table t (a int)')
    expect(readQuery(event, 0, event.length)).toEqual({
      thread: 11, seconds: 1, error: 0, database: 'db', sqlMode: 0x100004n, ansiQuotes: true, noBackslashEscapes: true, clientCollation: 45, serverCollation: 255, databaseCollation: 8, ddlXid: 99n, sql: 'create table t (a int)',
    })
    const without = bytes(uint(11, 4), uint(1, 4), 0, uint(0, 2), uint(0, 2), 0, 'BEGIN')
    expect(readQuery(without, 0, without.length)).toMatchObject({ database: '', sqlMode: undefined, ansiQuotes: false, serverCollation: undefined, sql: 'BEGIN' })
    expect(() => readQuery(bytes(event.subarray(0, 13), variables, 'db', 'x'), 0, 13 + variables.length + 3)).toThrow(malformed)
  })

  it('LOAD DATA in statement format: a statement, with the number of what it has read', () => {
    const event = bytes(uint(11, 4), uint(1, 4), 2, uint(0, 2), uint(9, 2), uint(1, 4), uint(17, 4), uint(30, 4), 0, 1, uint(0x100004n, 8), 'db', 0, 'load data infile ...')
    expect(readExecuteLoadQuery(event, 0, event.length)).toMatchObject({ thread: 11, database: 'db', sqlMode: 0x100004n, ansiQuotes: true, sql: 'load data infile ...' })
    for (let end = 0; end < 38; end++) expect(() => readExecuteLoadQuery(event, 0, end)).toThrow(malformed)
  })

  it('rows with extra data: NDB’s, and of two partitions', () => {
    const event = bytes(uint(7, 6), uint(1, 2), uint(12, 2), 0, 4, 0, [1, 2], 1, [5, 0, 6, 0], 3, 0b111, 0b101)
    expect(readRows(event, 0, event.length, EVENT.updateRows)).toMatchObject({ tableId: 7, statementEnd: true, before: { count: 3, all: true }, after: { count: 2, all: false }, start: event.length })
    expect(() => readRows(bytes(uint(7, 6), uint(1, 2), uint(1, 2)), 0, 10, EVENT.writeRows)).toThrow(malformed)
  })

  it('a header that claims another size, and the names of types', () => {
    const event = bytes(Buffer.alloc(9), uint(20, 4), Buffer.alloc(6))
    expect(() => new EventHeader().read(event, 0, 19)).toThrow('it claims 20 bytes, and has 19')
    expect([eventName(EVENT.taggedGtid), eventName(99)]).toEqual(['42, taggedGtid', '99'])
  })
})
