import type { Failpoint } from '../../../src/observe/failpoint.ts'
import type { Row } from '../row.ts'

/** The engine's failpoints, and two of the harness: between two events of a batch, and before an offset is stored. */
export type KillPoint = Failpoint | 'chaos.event' | 'chaos.save'

export type Kind = 'mysql' | 'mariadb'

/** What a child runs. */
export interface MysqlOrder {
  readonly kind: Kind
  readonly port: number
  readonly database: string
  readonly name: string
  readonly offsets: string
  readonly history: string
  readonly log: string
  /** Start from file and offset, whatever GTIDs there are. */
  readonly ignoreGtids: boolean
  readonly maxBatchEvents: number
  readonly offsetIntervalMs: number
  /** Milliseconds the sink takes before it writes a batch. */
  readonly sinkDelayMs?: number
}

/** A position as it is stored. */
export interface StoredPlace {
  readonly phase: 'snapshot' | 'stream'
  readonly file: string
  readonly pos: number
  readonly gtids?: string
}

export interface Delivered {
  readonly e: string
  readonly t: string
  readonly o: string
  readonly s: string
  readonly x: string
  readonly b: Row | null
  readonly a: Row | null
}

/** What one process delivered and stored, from its start to its end. */
export interface MysqlAttempt {
  readonly log: string
  readonly events: readonly Delivered[]
  readonly saves: readonly { readonly position: StoredPlace; readonly settled: number }[]
  /** undefined: it did not come to load its offset. */
  readonly loaded: StoredPlace | null | undefined
  readonly failed: string | undefined
  /** What the offset file holds at the end. */
  readonly stored: StoredPlace | null
}
