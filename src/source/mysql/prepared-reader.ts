import { pause } from '../../async/abort.ts'
import type { SourceContext } from '../source.ts'
import { isTailraceError, TailraceError } from '../../error/tailrace-error.ts'
import { BatchBuilder } from './batch.ts'
import { BinlogDecoder } from './binlog-decoder.ts'
import type { ResolvedConnection } from './connection.ts'
import { MysqlPosition, type OpenXa } from './position.ts'
import type { Reading, ReplicationOptions } from './replication.ts'
import { BinlogSocket } from './wire/binlog-socket.ts'
import { connect, type MysqlClient } from './wire/connect.ts'
import { expectEvent, isEndOfLog } from './wire/dump-packet.ts'
import { dumpCommand, NOBODY, NON_BLOCKING } from './wire/dump.ts'

/** Without a byte from the server. */
const PATIENCE_MS = 30_000
const ATTEMPTS = 3
const ATTEMPT_PAUSE_MS = 200

/**
 * Reads the rows of an XA transaction again that was prepared before the stored offset. Its tables cannot have been altered since: it
 * still holds their metadata locks. A connection that is lost meanwhile is made again. Errors: TR_MYSQL_BINLOG_PURGED,
 * TR_MYSQL_RESUME_MISMATCH, TR_MYSQL_XA_TOO_LARGE, TR_MYSQL_DISCONNECTED.
 */
export async function readPrepared(open: OpenXa, connection: ResolvedConnection, options: ReplicationOptions, reading: Reading, context: SourceContext, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const client = await connect(connection, signal)
      try {
        for (const setting of options.settings) await client.query(setting)
        const found = await new Promise<boolean>((resolve, reject) => read(client, open, options, reading, context, signal, resolve, reject))
        if (found) return
      } finally {
        await client.close()
      }
      // a server that shuts down says the same as one that is at the end of its log
      if (attempt === ATTEMPTS) throw mismatch(open)
    } catch (error) {
      if (attempt === ATTEMPTS || signal.aborted || !isTailraceError(error) || error.kind !== 'transient') throw error
    }
    reading.xa.take(open.xid)
    await pause(ATTEMPT_PAUSE_MS, context.clock, signal)
  }
}

/** `done(false)`: the log was at its end before. */
function read(client: MysqlClient, open: OpenXa, options: ReplicationOptions, reading: Reading, context: SourceContext, signal: AbortSignal, done: (found: boolean) => void, fail: (error: TailraceError) => void): void {
  const from = new MysqlPosition('stream', open, undefined)
  // what is told there was told long ago, or is not what was prepared
  const batch = new BatchBuilder(from, 1, Infinity)
  const decoder = new BinlogDecoder({ ...options, sameFile: false, store: undefined, tableOf: () => undefined, onStatementRows: () => {} }, reading.model, reading.tables, batch, from, reading.xa)
  let cancel = (): void => {}
  const aborted = (): void => settle(() => fail(new TailraceError('TR_MYSQL_DISCONNECTED', { message: 'The stream was closed' })))
  const settle = (end: () => void): void => {
    cancel()
    signal.removeEventListener('abort', aborted)
    end()
  }
  const take = (bytes: Buffer, start: number, end: number): boolean => {
    if (isEndOfLog(bytes, start, end)) {
      settle(() => done(false))
      return false
    }
    expectEvent(bytes, start, end, from)
    const began = decoder.inTransaction
    const goesOn = decoder.decode(bytes, start + 1, end)
    if (goesOn && (!began || decoder.inTransaction)) return true
    const found = batch.empty && reading.xa.places.some(({ xid }) => xid === open.xid)
    settle(found ? () => done(true) : () => fail(mismatch(open)))
    return false
  }
  const socket = new BinlogSocket(client, { clock: context.clock, maxPacketBytes: options.maxEventBytes + 1, take, onRead: () => {}, onFailure: (error) => settle(() => fail(error)) })
  const arm = (): void => {
    cancel = context.clock.after(PATIENCE_MS, () => {
      if (socket.takeReadCount() > 0) return arm()
      settle(() => fail(new TailraceError('TR_MYSQL_DISCONNECTED', { message: `Nothing was heard from the server for ${PATIENCE_MS} ms` })))
    })
  }
  arm()
  signal.addEventListener('abort', aborted, { once: true })
  socket.send(dumpCommand({ by: 'place', ...open }, NOBODY, NON_BLOCKING))
}

function mismatch({ file, pos }: OpenXa): TailraceError {
  return new TailraceError('TR_MYSQL_RESUME_MISMATCH', { message: `The XA transaction that was prepared at ${file}:${pos} is not there`, where: { file, pos } })
}
