import type { ResolvedConnection } from '../source/postgres/connection.ts'
import { ControlConnection } from '../source/postgres/control.ts'
import { quoteIdentifier } from '../source/postgres/identifier.ts'
import { dropSlot, readSlot } from '../source/postgres/slot.ts'

/** Drops a slot that nobody uses and a publication, where they are there. Errors: as a query's. */
export async function dropLeftovers(connection: ResolvedConnection, slot: string, publication: string): Promise<void> {
  await using control = new ControlConnection(connection, AbortSignal.timeout(connection.connectTimeoutMs))
  const present = await readSlot(control.query, slot)
  if (present?.activePid === null) await dropSlot(control.query, slot)
  await control.query(`DROP PUBLICATION IF EXISTS ${quoteIdentifier(publication)}`)
}
