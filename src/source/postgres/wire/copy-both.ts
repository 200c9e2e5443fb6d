/*
  Streaming replication sub-protocol, inside CopyData
  (https://www.postgresql.org/docs/current/protocol-replication.html):

  XLogData                   'w' int64 start, int64 end of WAL, int64 clock, bytes
  Primary keepalive          'k' int64 end of WAL, int64 clock, byte reply requested
  Standby status update      'r' int64 written, int64 flushed, int64 applied, int64 clock, byte reply requested

  Clocks are microseconds since 2000-01-01 UTC.
*/

export const XLOG_DATA = 0x77 // w
export const KEEPALIVE = 0x6b // k
/** Offset of the output plugin's bytes behind XLogData's own header. */
export const XLOG_DATA_HEADER = 25

/** Microseconds between 1970-01-01 and 2000-01-01. */
export const POSTGRES_EPOCH_MICROS = 946_684_800_000_000n

/** A keepalive of the server. */
export interface Keepalive {
  readonly walEnd: bigint
  readonly replyRequested: boolean
}

export function readKeepalive(bytes: Buffer, start: number, end: number): Keepalive | undefined {
  if (end - start !== 18) return undefined
  return { walEnd: bytes.readBigUInt64BE(start + 1), replyRequested: bytes[start + 17] === 1 }
}

/** A CopyData message with a standby status update. Only `flushed` lets the server forget WAL. */
export function standbyStatus(written: bigint, flushed: bigint, nowMicros: bigint, requestReply: boolean): Buffer {
  const message = Buffer.allocUnsafe(39)
  message[0] = 0x64 // CopyData
  message.writeInt32BE(38, 1)
  message[5] = 0x72
  message.writeBigUInt64BE(written, 6)
  message.writeBigUInt64BE(flushed, 14)
  message.writeBigUInt64BE(flushed, 22)
  message.writeBigInt64BE(nowMicros - POSTGRES_EPOCH_MICROS, 30)
  message[38] = requestReply ? 1 : 0
  return message
}

/** A simple Query message. */
export function queryMessage(sql: string): Buffer {
  const text = Buffer.from(sql, 'utf8')
  const message = Buffer.allocUnsafe(text.length + 6)
  message[0] = 0x51
  message.writeInt32BE(text.length + 5, 1)
  text.copy(message, 5)
  message[message.length - 1] = 0
  return message
}
