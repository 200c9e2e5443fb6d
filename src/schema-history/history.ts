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
  /** Takes hold of it. Errors: TR_HISTORY_…, as transient or definite as what is wrong. */
  open(context: HistoryContext, signal: AbortSignal): Promise<void>
  /** Every record, oldest first. An empty history yields none. Errors: TR_HISTORY_CORRUPT, TR_HISTORY_READ. */
  records(signal: AbortSignal): AsyncIterable<HistoryRecord>
  /** Appends; resolves once it is durable. */
  append(records: readonly HistoryRecord[]): Promise<void>
}
