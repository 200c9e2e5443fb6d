import type { Clock } from '../time/clock.ts'
import type { Logger } from '../observe/logger.ts'
import type { HistoryRecord } from './record.ts'

/** What a history is lent. */
export interface HistoryContext {
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * The definitions of tables as they changed along the log, in Debezium's own records. One engine writes it. A record is durable before
 * any event behind its place is delivered, and may be there twice after a crash: applying it again changes nothing.
 */
export interface SchemaHistory extends AsyncDisposable {
  /**
   * Takes hold of it, until it is disposed; then, or after a failure, it may be opened again. The signal ends the opening, nothing later.
   * Errors: TR_HISTORY_LOCKED, TR_HISTORY_READ, TR_HISTORY_WRITE (not writable), TR_HISTORY_CORRUPT, TR_HISTORY_TOPIC, and those of a network that
   * passes, which are transient.
   */
  open(context: HistoryContext, signal: AbortSignal): Promise<void>
  /** Every record that was appended before, oldest first. An empty history yields none. Errors: TR_HISTORY_CORRUPT, TR_HISTORY_READ (also not open). */
  records(signal: AbortSignal): AsyncIterable<HistoryRecord>
  /**
   * Appends, in the order of the calls; resolves once it is durable. A rejection leaves open whether some of it is there, never part of a
   * record. Errors: TR_HISTORY_WRITE (also not open), TR_HISTORY_LOCKED (another engine has taken it over), and transient ones of a network.
   */
  append(records: readonly HistoryRecord[]): Promise<void>
}
