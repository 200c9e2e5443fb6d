import type pg from 'pg'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { StoredOffset } from '../../offset/offset-store.ts'
import { formatLsn, PgPosition } from './position.ts'
import type { Query } from './control.ts'
import { checkFingerprint, type Publication } from './publication.ts'
import { switchPoint, type ServerFacts, type SystemIdentity } from './server.ts'
import { checkSuitable, isLost, type Slot } from './slot.ts'

/**
 * An offset that Debezium wrote names neither system nor slot. It is taken for what it is configured for; what can be checked of it is
 * checked, and the first offset of ours then has it all.
 */
export function isBound(offset: StoredOffset): boolean {
  return Object.keys(offset.identity).length > 0
}

/** An offset of Debezium's from before the first COMMIT that it saw says only which change was last: everything since the slot's own position is of that transaction, or the change will not be found in it. */
export function withStart(position: PgPosition | undefined, slot: Slot | undefined): PgPosition | undefined {
  if (position?.after === undefined || position.lsn !== 0n || slot?.confirmedLsn === undefined) return position
  return new PgPosition(position.phase, slot.confirmedLsn, undefined, position.lastCommit, position.after)
}

/** Same server, same history: the offset can mean something here. Errors: TR_OFFSET_FOREIGN, TR_PG_SYSTEM_CHANGED, TR_PG_TIMELINE_DIVERGED. */
export async function checkLineage(offset: StoredOffset, position: PgPosition, system: SystemIdentity, database: string, slot: string, client: pg.Client): Promise<void> {
  if (!isBound(offset)) return
  const { identity } = offset
  const told = (member: string): string => (typeof identity[member] === 'string' ? identity[member] : 'unknown')
  for (const [member, now] of [['database', database], ['slot', slot]] as const) {
    if (identity[member] !== now) throw new TailraceError('TR_OFFSET_FOREIGN', { message: `The stored offset belongs to the ${member} ${told(member)}, not to ${now}`, where: { member, stored: told(member), configured: now } })
  }
  if (identity['system'] !== system.systemId) {
    throw new TailraceError('TR_PG_SYSTEM_CHANGED', { message: `The stored offset was taken on the system ${told('system')}; this is ${system.systemId}`, where: { stored: told('system'), found: system.systemId } })
  }
  const timeline = identity['timeline']
  if (typeof timeline === 'number' && timeline !== system.timeline) {
    const left = timeline < system.timeline ? await switchPoint(client, system.timeline, timeline) : undefined
    const newest = position.part?.commitLsn ?? position.lsn
    if (left === undefined || newest > left) {
      throw new TailraceError('TR_PG_TIMELINE_DIVERGED', {
        message: `Changes up to ${formatLsn(newest)} of timeline ${timeline} were delivered, but the server ${left === undefined ? 'was never on it' : `left it at ${formatLsn(left)}`}`,
        where: { delivered: formatLsn(newest), storedTimeline: timeline, timeline: system.timeline },
      })
    }
  }
}

/** Nobody else has confirmed changes behind our back. Errors: TR_PG_SLOT_ADVANCED. */
export function checkNotAdvanced(position: PgPosition, slot: Slot, name: string): void {
  // START_REPLICATION behind the confirmed position gives no error: the server jumps forward without a word
  if (slot.confirmedLsn !== undefined && slot.confirmedLsn > position.lsn) {
    throw new TailraceError('TR_PG_SLOT_ADVANCED', {
      message: `The slot ${name} is confirmed up to ${formatLsn(slot.confirmedLsn)}, beyond the stored offset ${position.toString()}`,
      where: { slot: name, stored: position.toString(), confirmed: formatLsn(slot.confirmedLsn) },
    })
  }
}

/**
 * A server that is about to be promoted still names its old timeline, and a walsender lives on over the promotion: what it
 * sends afterwards would be stored as if it were of the old timeline. An offset of a primary waits until the server is one.
 * Errors: TR_PG_CONNECT.
 */
export function refuseStandby(from: StoredOffset | undefined, facts: ServerFacts): void {
  if (from === undefined || !facts.inRecovery || from.identity['recovery'] === true || !isBound(from)) return
  throw new TailraceError('TR_PG_CONNECT', { message: 'The server is a standby, and the stored offset was taken on a primary', where: { database: facts.database }, remedy: 'Promote it, or connect to the primary' })
}

/** The slot still holds everything after the offset: C ≤ R ≤ the server's position. Errors: TR_PG_SLOT_MISSING, _LOST, _ADVANCED, _UNSUITABLE, TR_PG_OFFSET_AHEAD. */
export function checkSlot(position: PgPosition, slot: Slot | undefined, name: string, database: string, system: SystemIdentity): void {
  const where = { slot: name, stored: position.toString() }
  if (slot === undefined) throw new TailraceError('TR_PG_SLOT_MISSING', { message: `The replication slot ${name} of the stored offset ${position.toString()} is gone`, where })
  checkSuitable(slot, database)
  if (isLost(slot)) throw new TailraceError('TR_PG_SLOT_LOST', { message: `The server has invalidated the replication slot ${name}`, where })
  checkNotAdvanced(position, slot, name)
  // START_REPLICATION ahead of the WAL gives no error: every new commit would be left out
  if (position.lsn > system.walLsn) {
    throw new TailraceError('TR_PG_OFFSET_AHEAD', { message: `The stored offset ${position.toString()} is ahead of the server at ${formatLsn(system.walLsn)}`, where: { ...where, server: formatLsn(system.walLsn) } })
  }
}

/** The publication has not changed so that rows could be missing. Errors: TR_PG_PUBLICATION_CHANGED. */
export async function checkPublication(offset: StoredOffset, publication: Publication | undefined, query: Query): Promise<void> {
  const stored = offset.identity['publication']
  if (publication !== undefined) await checkFingerprint(query, stored, publication)
  else if (stored !== undefined) throw new TailraceError('TR_PG_PUBLICATION_CHANGED', { message: 'The publication of the stored offset was dropped' })
}
