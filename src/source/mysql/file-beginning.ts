import type { SourceContext } from '../source.ts'
import { isTailraceError, TailraceError } from '../../error/tailrace-error.ts'
import { EventHeader } from './binlog/event-header.ts'
import { EVENT } from './binlog/event-type.ts'
import type { ResolvedConnection } from './connection.ts'
import type { Query } from './control.ts'
import { readDump } from './finite-dump.ts'
import type { MysqlPosition } from './position.ts'
import { connect } from './wire/connect.ts'
import { expectEvent } from './wire/dump-packet.ts'

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
  const place = { file, pos: FIRST_EVENT }
  let begun: number | undefined
  try {
    for (const setting of settings) await client.query(setting)
    await readDump(client, place, MOST_BYTES, context, signal, (bytes, start, end) => {
      expectEvent(bytes, start, end, place)
      const { type, timestamp } = new EventHeader().read(bytes, start + 1, end)
      if (type === EVENT.formatDescription) begun = timestamp
      return begun === undefined
    })
    return begun
  } catch (error) {
    if (isTailraceError(error) && error.code === 'TR_MYSQL_BINLOG_PURGED') return undefined
    throw error
  } finally {
    await client.close()
  }
}
