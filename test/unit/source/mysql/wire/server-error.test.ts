import { expect, test } from 'vitest'
import { TailraceError } from '../../../../../src/error/tailrace-error.ts'
import { CONNECTING, isConnectionLost, isDenied, readErrorPacket, toDumpError, toServerError } from '../../../../../src/source/mysql/wire/server-error.ts'

const PLACE = { file: 'binlog.000007', pos: 1234 }

// texts as the servers sent them, or as their sources have them
test.each([
  ['TR_MYSQL_SERVER_ID', "A replica with the same server_uuid/server_id as this replica has connected to the source; the first event '' at 4, the last event read from './binlog.000001' at 1563, the last byte read from './binlog.000001' at 1563."],
  ['TR_MYSQL_SERVER_ID', 'A slave with the same server_uuid/server_id as this slave has connected to the master'],
  ['TR_MYSQL_SERVER_ID', "A slave with the same server_id as this slave has connected to the master; the first event '.' at 4"],
  ['TR_MYSQL_BINLOG_PURGED', 'Could not find first log file name in binary log index file'],
  ['TR_MYSQL_BINLOG_PURGED', "Cannot replicate because the source purged required binary logs. Replicate the missing transactions from elsewhere, or provision a new replica from backup. Consider increasing the source's binary log expiration period. The GTID set sent by the replica is '', and the missing transactions are 'b7fa6a21-ea9a-11f1-a2d5-02fc00000001:1-4'"],
  ['TR_MYSQL_BINLOG_PURGED', 'The slave is connecting using CHANGE MASTER TO MASTER_AUTO_POSITION = 1, but the master has purged binary logs containing GTIDs that the slave requires.'],
  ['TR_MYSQL_BINLOG_PURGED', 'Could not find GTID state requested by slave in any binlog files. Probably the slave state is too old and required binlog files have been purged.'],
  ['TR_MYSQL_GTID_DIVERGED', "Replica has more GTIDs than the source has, using the source's SERVER_UUID. This may indicate that the end of the binary log was truncated"],
  ['TR_MYSQL_GTID_DIVERGED', "Error: connecting slave requested to start from GTID 0-1-900, which is not in the master's binlog"],
  ['TR_MYSQL_BINLOG_RESET', 'Client requested source to start replication from position > file size'],
  ['TR_MYSQL_BINLOG_RESET', "Client requested master to start replication from impossible position; the first event 'binlog.000001' at 99999999"],
  ['TR_MYSQL_BINLOG_RESET', "bogus data in log event; the first event 'binlog.000001' at 200"],
  ['TR_MYSQL_SETTING', "Replica can not handle replication events with the checksum that source is configured to log; the first event '' at 4"],
  ['TR_MYSQL_SETTING', 'Slave can not handle replication events with the checksum that master is configured to log'],
  ['TR_MYSQL_SETTING', 'The replication sender thread cannot start in AUTO_POSITION mode: this server has GTID_MODE = OFF instead of ON.'],
  ['TR_MYSQL_BINLOG_RESET', "log event entry exceeded max_allowed_packet; Increase max_allowed_packet on source; the first event 'binlog.000002' at 1249, the last event read from './binlog.000002' at 127"],
  ['TR_MYSQL_BINLOG_RESET', "binlog truncated in the middle of event; consider out of disk space on master; the first event 'binlog.000002' at 1775"],
  ['TR_MYSQL_SETTING', 'Binary log is not open'],
  ['TR_MYSQL_QUERY', 'something that nobody has thought of'],
] as const)('%s: %s', (code, message) => {
  const error = toDumpError({ errno: 1236, sqlState: 'HY000', message }, PLACE)
  expect(error.code).toBe(code)
  expect(error.where).toEqual({ errno: 1236, ...PLACE })
  expect(error.message).toContain(message.slice(0, 20))
  expect(error.message).not.toContain('the first event')
})

test('MariaDB has a number of its own for two with the same id', () => {
  for (const message of ['A slave with the same server_id is already connected', 'A slave with the same server_uuid/server_id as this slave has connected to the master']) {
    expect(toDumpError({ errno: 4052, sqlState: 'HY000', message }, PLACE)).toMatchObject({ code: 'TR_MYSQL_SERVER_ID', where: { errno: 4052, ...PLACE } })
  }
})

test('a dump that is killed is a lost connection, and so is a server that shuts down; the missing privilege is one', () => {
  expect(toDumpError({ errno: 1317, sqlState: '70100', message: 'Query execution was interrupted' }, PLACE).code).toBe('TR_MYSQL_DISCONNECTED')
  expect(toDumpError({ errno: 1053, sqlState: '08S01', message: 'Server shutdown in progress' }, PLACE).code).toBe('TR_MYSQL_DISCONNECTED')
  expect(toDumpError({ errno: 1227, sqlState: '42000', message: 'Access denied; you need (at least one of) the REPLICATION SLAVE privilege(s)' }, PLACE)).toMatchObject({ code: 'TR_MYSQL_PRIVILEGE', where: PLACE })
})

test('an error packet with and without its SQLSTATE, and one that is cut off', () => {
  const text = Buffer.from('..\xff\x10\x04#08004Too many connections', 'latin1')
  expect(readErrorPacket(text, 2, text.length)).toEqual({ errno: 1040, sqlState: '08004', message: 'Too many connections' })
  const early = Buffer.from('\xff\x6a\x04Host is not allowed', 'latin1')
  expect(readErrorPacket(early, 0, early.length)).toEqual({ errno: 1130, sqlState: '', message: 'Host is not allowed' })
  expect(readErrorPacket(Buffer.from([0xff]), 0, 1).errno).toBe(0)
})

test('what may hold a value of a row is not repeated', () => {
  const error = toServerError({ errno: 1292, sqlState: '22007', message: "Incorrect datetime value: 'secret'" }, 'asking')
  expect(JSON.stringify(error)).not.toContain('secret')
  expect(error.cause).toBeUndefined()
  expect(error.where).toEqual({ errno: 1292, sqlState: '22007' })
})

test('a network that is cut while TLS is being agreed on is no matter of TLS', () => {
  const cut = ['read ECONNRESET', 'Client network socket disconnected before secure TLS connection was established', 'write EPIPE']
  for (const message of cut) expect(toServerError({ code: 'HANDSHAKE_SSL_ERROR', message }, CONNECTING).code).toBe('TR_MYSQL_CONNECT')
  for (const message of ['self-signed certificate in certificate chain', "Hostname/IP does not match certificate's altnames: Host: localhost."]) {
    expect(toServerError({ code: 'HANDSHAKE_SSL_ERROR', message }, CONNECTING).code).toBe('TR_MYSQL_TLS')
  }
  expect(toServerError({ code: 'HANDSHAKE_NO_SSL_SUPPORT', message: 'Server does not support secure connection' }, CONNECTING).code).toBe('TR_MYSQL_TLS')
})

test('errors of ours stay as they are, and both questions can be asked of any error', () => {
  const error = new TailraceError('TR_MYSQL_PROTOCOL')
  expect(toServerError(error, 'asking')).toBe(error)
  expect(isDenied({ errno: 1227, message: 'Access denied' })).toBe(true)
  expect(isDenied(toServerError({ errno: 1044, message: 'Access denied' }, 'x'))).toBe(true)
  expect(isDenied({ errno: 1205, message: 'Lock wait timeout exceeded' })).toBe(false)
  expect(isConnectionLost({ code: 'ECONNRESET', errno: -104, message: 'read ECONNRESET' })).toBe(true)
  expect(isConnectionLost({ errno: 1053, message: 'Server shutdown in progress' })).toBe(true)
  expect(isConnectionLost({ errno: 1064, message: 'You have an error in your SQL syntax' })).toBe(false)
})
