import type { StoredOffset } from '../offset-store.ts'
import type { ConnectFields } from './connect-json.ts'

/** How Debezium's connector of one database writes a position, and how it is read. One file a kind of source. */
export interface SourceFields {
  /** The fields that decide where Debezium goes on. Others beside them (times, xids …) may be anything. */
  readonly decisive: readonly string[]
  /** The decisive fields for a position of ours. */
  write(position: StoredOffset['position']): ConnectFields
  /** The field of the time of the last event, for a position that does not say it. */
  time(micros: bigint): ConnectFields
  /** Our position for Debezium's fields. Throws an {@link UnreadableFields}. */
  read(fields: ConnectFields): StoredOffset['position']
}

/** Why Debezium's fields cannot be gone on from. */
export class UnreadableFields extends Error {
  /** `damaged`: they are not what Debezium writes. `unfinished`: only Debezium can finish what is under way. */
  readonly problem: 'damaged' | 'unfinished'

  constructor(problem: 'damaged' | 'unfinished', message: string) {
    super(message)
    this.problem = problem
  }
}
