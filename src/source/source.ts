import type { ChangeEvent } from '../event/change-event.ts'
import type { JsonValue, Position } from '../event/position.ts'
import type { TableVersion } from '../event/table.ts'
import type { TailraceError } from '../error/tailrace-error.ts'
import type { Logger } from '../observe/logger.ts'
import type { Reach } from '../observe/failpoint.ts'
import type { StoredOffset } from '../offset/offset-store.ts'
import type { Clock } from '../time/clock.ts'

/** One thing preflight found. `error` findings keep the engine from starting. */
export interface Finding {
  readonly level: 'error' | 'warning'
  /** The code, where it happened and the fix. */
  readonly error: TailraceError
}

/** What the engine lends to a source. */
export interface SourceContext {
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly logger: Logger
  readonly reach: Reach
  /** A warning for the engine's `warning` event, for example a value that could not be converted. */
  readonly warn: (error: TailraceError) => void
  /** Told when the snapshot begins and when the log is followed. */
  readonly enter: (phase: 'snapshot' | 'stream') => void
  /** Told of the tables a snapshot is about to read: what cannot be encoded is found before anything is delivered. */
  readonly prepare: (tables: readonly TableVersion[]) => void
  /** Reading stops while a full batch waits to be taken. */
  readonly limits: BatchLimits
}

/** How much a stream collects before it hands over a batch and stops reading. */
export interface BatchLimits {
  /** Events in one batch. */
  readonly maxBatchEvents: number
  /** Raw bytes behind one batch. */
  readonly maxBatchBytes: number
}

/**
 * Changes that are handed over together. Never cut between the parts of one change; the beginning of a transaction (`b`) is a part of the
 * change that comes with it, which has the same ordinal.
 */
export interface ChangeBatch {
  readonly events: readonly ChangeEvent[]
  /** Raw bytes behind the events. */
  readonly bytes: number
  /** The resume point once the first `count` events are durable. `count` never falls between the parts of one change. */
  position(count: number): Position
  /** The engine stores {@link ChangeBatch.position} durably before it goes on (hand-over points of a snapshot). */
  readonly barrier: boolean
}

/** Figures for `stats()`. */
export interface StreamStatus {
  readonly phase: 'snapshot' | 'stream'
  /** C: the position the server holds as confirmed. */
  readonly confirmed: string | undefined
  /** The newest position received. */
  readonly received: string | undefined
  /** The newest position the server has told of. */
  readonly server: string | undefined
  /** Bytes of log between the durable position and the server's. */
  readonly lagBytes: number | undefined
  /** Raw bytes received and not yet handed over. */
  readonly bufferedBytes: number
  /** Snapshot progress, a table each. */
  readonly snapshot: readonly TableProgress[]
}

export interface TableProgress {
  readonly table: string
  readonly rows: number
  /** The planner's estimate, undefined when the server has none. */
  readonly estimatedRows: number | undefined
  readonly done: boolean
}

/** An open connection that delivers changes in commit order. */
export interface ChangeStream extends AsyncIterable<ChangeBatch>, AsyncDisposable {
  /** What offsets of this stream are bound to: system, slot, database … */
  readonly identity: Readonly<Record<string, JsonValue>>
  /** It begins with a new snapshot: whatever was stored before, positions begin anew. */
  readonly startsOver: boolean
  /** Everything up to here is durable and stored: the server may forget it. Positions only ever grow. */
  acknowledge(position: Position): void
  status(): StreamStatus
}

/** A database that changes are captured from. */
export interface Source extends AsyncDisposable {
  /** `postgresql`, later `mysql`, `mariadb`. */
  readonly kind: string
  /** Every problem at once, each with its fix. Throws only when the server cannot be asked at all. */
  preflight(context: SourceContext, signal: AbortSignal): Promise<Finding[]>
  /** Opens at a stored offset, or, without one, as the snapshot mode says. Checks that continuity can be proven, else throws a fatal error. */
  open(from: StoredOffset | undefined, context: SourceContext, signal: AbortSignal): Promise<ChangeStream>
}
