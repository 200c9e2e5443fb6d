import type { SourceContext } from '../source.ts'
import { isTailraceError, TailraceError } from '../../error/tailrace-error.ts'
import { EVENT_HEADER, readEventHeader } from './binlog/event-header.ts'
import { EVENT } from './binlog/event-type.ts'
import type { ResolvedConnection } from './connection.ts'
import type { Query } from './control.ts'
import type { LogPlace, MysqlPosition } from './position.ts'
import { BinlogSocket } from './wire/binlog-socket.ts'
import { connect, type MysqlClient } from './wire/connect.ts'
import { expectEvent } from './wire/dump-packet.ts'
import { dumpCommand, NOBODY, NON_BLOCKING } from './wire/dump.ts'

const PATIENCE_MS = 30_000
const FIRST_EVENT = 4
const MOST_BYTES = 1024 * 1024

/**
 * The log of the stored offset was not begun anew since (RESET BINARY LOGS AND GTIDS): its file is as old as it was. GTIDs alone do not tell, once the new
 * log has as many transactions as the old one had. Where the file was removed, nothing is known. Errors: TR_MYSQL_BINLOG_RESET.
 */
export async function checkNotReset(stored: MysqlPosition, query: Query, connection: ResolvedConnection, settings: readonly string[], context: SourceContext, signal: AbortSignal): Promise<void> {
  if (stored.begun === 0) return
  const { file } = stored
  const names = (await query('SHOW BINARY LOGS')).map((row) => String(row['Log_name']))
  if (!names.includes(file)) {
    const last = names.at(-1) ?? ''
    if (numberOf(file) > numberOf(last)) throw new TailraceError('TR_MYSQL_BINLOG_RESET', { message: `The server's log ends with ${last}, before the file ${file} of the stored offset`, where: { file, last } })
    return
  }
  const found = await readBeginning(file, connection, settings, context, signal)
  if (found === undefined || found === stored.begun) return
  throw new TailraceError('TR_MYSQL_BINLOG_RESET', { message: `The file ${file} is not the one of the stored offset: it was begun at another time`, where: { file, stored: stored.begun, found } })
}

/** `binlog.000042`: 42. */
function numberOf(file: string): number {
  return Number(file.slice(file.lastIndexOf('.') + 1))
}

/** When a file was begun, seconds since 1970; undefined: it was removed meanwhile. */
async function readBeginning(file: string, connection: ResolvedConnection, settings: readonly string[], context: SourceContext, signal: AbortSignal): Promise<number | undefined> {
  const client = await connect(connection, signal)
  try {
    for (const setting of settings) await client.query(setting)
    return await new Promise<number>((resolve, reject) => read(client, { file, pos: FIRST_EVENT }, context, resolve, reject))
  } catch (error) {
    if (isTailraceError(error) && error.code === 'TR_MYSQL_BINLOG_PURGED') return undefined
    throw error
  } finally {
    await client.close()
  }
}

function read(client: MysqlClient, place: LogPlace, context: SourceContext, done: (begun: number) => void, fail: (error: TailraceError) => void): void {
  const cancel = context.clock.after(PATIENCE_MS, () => fail(new TailraceError('TR_MYSQL_DISCONNECTED', { message: `Nothing was heard from the server for ${PATIENCE_MS} ms` })))
  const take = (bytes: Buffer, start: number, end: number): boolean => {
    expectEvent(bytes, start, end, place)
    if (end - start <= EVENT_HEADER) return true
    const { type, timestamp } = readEventHeader(bytes, start + 1, end)
    if (type !== EVENT.formatDescription) return true
    cancel()
    done(timestamp)
    return false
  }
  const onFailure = (error: TailraceError): void => {
    cancel()
    fail(error)
  }
  const socket = new BinlogSocket(client, { clock: context.clock, maxPacketBytes: MOST_BYTES, take, onRead: () => {}, onFailure })
  socket.send(dumpCommand({ by: 'place', ...place }, NOBODY, NON_BLOCKING))
}
