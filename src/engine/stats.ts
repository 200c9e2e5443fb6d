import type { Operation } from '../event/change-event.ts'
import type { TableProgress } from '../source/source.ts'
import type { EngineState } from './lifecycle.ts'

/** What `engine.stats()` returns: a snapshot, cheap to take. */
export interface EngineStats {
  readonly state: EngineState
  readonly positions: {
    /** C: what the source holds as confirmed. */
    readonly confirmed: string | undefined
    /** R: what the offset store holds. */
    readonly stored: string | undefined
    /** D: what the sink has made durable. */
    readonly durable: string | undefined
    /** S: what was sent to the sink. */
    readonly sent: string | undefined
    /** The newest position received, and the newest the server has told of. */
    readonly received: string | undefined
    readonly server: string | undefined
  }
  readonly lag: {
    /** Bytes of log between the stored position and the server's. */
    readonly bytes: number | undefined
    /** Seconds between the newest delivered change's commit and its delivery; 0 once everything is delivered. */
    readonly seconds: number | undefined
  }
  /** A table each; empty when no snapshot was taken. */
  readonly snapshot: readonly TableProgress[]
  /** Events by operation since the engine was made. */
  readonly operations: Readonly<Record<Operation, number>>
  /** Events or records delivered. */
  readonly delivered: number
  /** Raw bytes received and not yet handed over. */
  readonly bufferedBytes: number
  readonly retries: number
}
