import type { SourceContext } from '../source.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { LogPlace } from './position.ts'
import { BinlogSocket } from './wire/binlog-socket.ts'
import type { MysqlClient } from './wire/connect.ts'
import { dumpCommand, NOBODY, NON_BLOCKING } from './wire/dump.ts'

/** Without a byte from the server. */
const PATIENCE_MS = 30_000

/**
 * Reads the log from a place on, as nobody's replica and without waiting at its end, until `take` returns false: it gets every packet, also the
 * one at the end. Errors: what `take` throws, and those of the connection, of which TR_MYSQL_DISCONNECTED is also a signal that aborts.
 */
export async function readDump(client: MysqlClient, place: LogPlace, maxPacketBytes: number, context: SourceContext, signal: AbortSignal, take: (bytes: Buffer, start: number, end: number) => boolean): Promise<void> {
  let cancel = (): void => {}
  let aborted = (): void => {}
  try {
    await new Promise<void>((resolve, reject) => {
      aborted = () => reject(new TailraceError('TR_MYSQL_DISCONNECTED', { message: 'The stream was closed' }))
      const socket = new BinlogSocket(client, {
        clock: context.clock, maxPacketBytes, onRead: () => {}, onFailure: reject,
        take: (bytes, start, end) => {
          const goesOn = take(bytes, start, end)
          if (!goesOn) resolve()
          return goesOn
        },
      })
      const arm = (): void => {
        cancel = context.clock.after(PATIENCE_MS, () => {
          if (socket.takeReadCount() > 0) arm()
          else reject(new TailraceError('TR_MYSQL_DISCONNECTED', { message: `Nothing was heard from the server for ${PATIENCE_MS} ms` }))
        })
      }
      arm()
      signal.addEventListener('abort', aborted, { once: true })
      socket.send(dumpCommand({ by: 'place', ...place }, NOBODY, NON_BLOCKING))
    })
  } finally {
    cancel()
    signal.removeEventListener('abort', aborted)
  }
}
