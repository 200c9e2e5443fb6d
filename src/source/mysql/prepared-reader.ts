import type { SourceContext } from '../source.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import { BatchBuilder } from './batch.ts'
import { BinlogDecoder } from './binlog-decoder.ts'
import type { ResolvedConnection } from './connection.ts'
import { MysqlPosition, type OpenXa } from './position.ts'
import type { Reading, ReplicationOptions } from './replication.ts'
import { BinlogSocket } from './wire/binlog-socket.ts'
import { connect } from './wire/connect.ts'
import { expectEvent } from './wire/dump-packet.ts'
import { dumpCommand } from './wire/dump.ts'

/** Of a server that has nothing to send where a prepared transaction should be. */
const PATIENCE_MS = 30_000

/**
 * Reads the rows of an XA transaction again that was prepared before the stored offset. Its tables cannot have been altered since: it
 * still holds their metadata locks. Errors: TR_MYSQL_BINLOG_PURGED, TR_MYSQL_RESUME_MISMATCH.
 */
export async function readPrepared(open: OpenXa, connection: ResolvedConnection, options: ReplicationOptions, reading: Reading, context: SourceContext, signal: AbortSignal): Promise<void> {
  const client = await connect(connection, signal)
  try {
    for (const setting of options.settings) await client.query(setting)
    await new Promise<void>((resolve, reject) => {
      const from = new MysqlPosition('stream', open, undefined)
      // what is committed there was delivered long ago
      const decoder = new BinlogDecoder({ ...options, sameFile: false, store: undefined, tableOf: () => undefined, onStatementRows: () => {} }, reading.model, reading.tables, new BatchBuilder(from, Infinity, Infinity), from, reading.xa)
      const cancel = context.clock.after(PATIENCE_MS, () => reject(mismatch(open)))
      const settle = (end: () => void): void => {
        cancel()
        end()
      }
      const socket = new BinlogSocket(client, {
        clock: context.clock,
        maxPacketBytes: options.maxEventBytes + 1,
        take: (bytes, start, end) => {
          expectEvent(bytes, start, end, from)
          const began = decoder.inTransaction
          decoder.decode(bytes, start + 1, end)
          if (!began || decoder.inTransaction) return true
          settle(reading.xa.places.some(({ xid }) => xid === open.xid) ? resolve : () => reject(mismatch(open)))
          return false
        },
        onRead: () => {},
        onFailure: (error) => settle(() => reject(error)),
      })
      // one that is ours already would be displaced by it
      socket.send(dumpCommand({ by: 'place', ...open }, options.serverId - 1))
    })
  } finally {
    await client.close()
  }
}

function mismatch({ file, pos }: OpenXa): TailraceError {
  return new TailraceError('TR_MYSQL_RESUME_MISMATCH', { message: `The XA transaction that was prepared at ${file}:${pos} is not there`, where: { file, pos } })
}
