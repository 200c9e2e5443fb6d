import { pause } from '../../async/abort.ts'
import type { SourceContext } from '../source.ts'
import { isTailraceError, TailraceError } from '../../error/tailrace-error.ts'
import { BatchBuilder } from '../batch-builder.ts'
import { MysqlBatch } from './batch.ts'
import { BinlogDecoder } from './binlog-decoder.ts'
import type { ResolvedConnection } from './connection.ts'
import { readDump } from './finite-dump.ts'
import { MysqlPosition, type OpenXa } from './position.ts'
import type { Reading, ReplicationOptions } from './replication.ts'
import { connect, type MysqlClient } from './wire/connect.ts'
import { expectEvent, isEndOfLog } from './wire/dump-packet.ts'

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
        if (await read(client, open, options, reading, context, signal)) return
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

/** False: the log was at its end before. */
async function read(client: MysqlClient, open: OpenXa, options: ReplicationOptions, reading: Reading, context: SourceContext, signal: AbortSignal): Promise<boolean> {
  const from = new MysqlPosition('stream', open, undefined)
  // what is told there was told long ago, or is not what was prepared
  const batch = new BatchBuilder(MysqlBatch, from, 1, Infinity)
  const decoder = new BinlogDecoder({ ...options, sameFile: false, store: undefined, tableOf: () => undefined, onStatementRows: () => {} }, reading.model, reading.tables, batch, from, reading.xa)
  let found = false
  await readDump(client, open, options.maxEventBytes + 1, context, signal, (bytes, start, end) => {
    if (isEndOfLog(bytes, start, end)) return false
    expectEvent(bytes, start, end, from)
    const began = decoder.inTransaction
    const goesOn = decoder.decode(bytes, start + 1, end)
    if (goesOn && (!began || decoder.inTransaction)) return true
    if (!batch.empty || !reading.xa.places.some(({ xid }) => xid === open.xid)) throw mismatch(open)
    found = true
    return false
  })
  return found
}

function mismatch({ file, pos }: OpenXa): TailraceError {
  return new TailraceError('TR_MYSQL_RESUME_MISMATCH', { message: `The XA transaction that was prepared at ${file}:${pos} is not there`, where: { file, pos } })
}
