import type { Failpoint } from '../../src/observe/failpoint.ts'

/** The engine's failpoints, and two of the harness: between two events of a batch, and before an offset is stored. */
export type KillPoint = Failpoint | 'chaos.event' | 'chaos.save'

/** Environment variable `name:nth`: the child kills itself there. */
export const FAILPOINT_VARIABLE = 'TAILRACE_CHAOS_FAILPOINT'

/** What a child runs. */
export interface EngineOrder {
  readonly port: number
  readonly database: string
  /** Of engine, slot and publication. */
  readonly name: string
  readonly offsets: string
  readonly log: string
  readonly tables: readonly string[]
  readonly maxBatchEvents: number
  readonly offsetIntervalMs: number
  /** Milliseconds the sink takes before it writes a batch. */
  readonly sinkDelayMs?: number
  readonly saveDelayMs?: number
  /** The sink rejects the batch when it comes to this event. */
  readonly rejectAt?: number
  readonly statusIntervalMs?: number
}

/** Lines of a child's log, in the order things happened. */
export type LogLine =
  | { readonly loaded: StoredPosition | null }
  | { readonly state: string }
  /** An event is delivered. */
  | { readonly e: string; readonly t: string; readonly o: string; readonly s: string; readonly x: string; readonly b: Readonly<Record<string, string | null | false>> | null; readonly a: Readonly<Record<string, string | null | false>> | null }
  /** An offset is about to be stored when so many of the events above are settled. */
  | { readonly saving: StoredPosition; readonly settled: number }
  | { readonly retry: string }
  | { readonly failed: string; readonly message: string }
  | { readonly stopped: true }

/** A position as it is stored. */
export interface StoredPosition {
  readonly phase: 'snapshot' | 'stream'
  readonly lsn: string
  readonly transaction?: { readonly commitLsn: string; readonly changes: number; readonly changeLsn: string }
}
