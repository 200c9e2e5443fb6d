import type { Transaction } from '../../event/transaction.ts'
import type { GtidPosition } from './gtid/gtid-position.ts'
import type { LogPlace, OpenXa, PositionDetail } from './position.ts'

/** What the events of one transaction share; of two statements with different texts or times, each has one of its own. */
export interface TransactionFacts {
  /** GTID as the server prints it, undefined without. */
  readonly gtid: string | undefined
  /** Where it begins: where a restart begins. */
  readonly place: LogPlace
  /** Offset of its BEGIN. */
  readonly begin: number
  readonly gtidsBefore: GtidPosition | undefined
  readonly xaBefore: readonly OpenXa[]
  readonly serverId: number
  /** Of its file, as {@link PositionDetail.begun}. */
  readonly fileBegun: number
  /** Connection id of whoever wrote it, undefined where the log does not say. */
  readonly thread: number | undefined
}

/** A committed transaction, or the snapshot. What its events’ `source` blocks share is rendered once. */
export class MysqlTransaction implements Transaction {
  readonly id: string
  readonly identity: string
  readonly timestampMicros: bigint
  readonly facts: TransactionFacts
  /** Statement text (`binlog_rows_query_log_events`, `binlog_annotate_row_events`), where it is wanted and logged. */
  readonly query: string | undefined
  /** ASCII digits of the time in milli-, micro- and nanoseconds, of the server id and the thread. */
  readonly millis: Buffer
  readonly micros: Buffer
  readonly nanos: Buffer
  readonly server: Buffer
  readonly thread: Buffer | undefined

  /** `origin`: `mysql:<server uuid>`, the head of the ids of events without a GTID. */
  constructor(origin: string, facts: TransactionFacts, timestampMicros: bigint, query: string | undefined) {
    const { gtid, place } = facts
    this.id = gtid ?? `file=${place.file},pos=${facts.begin}`
    // a GTID names a transaction wherever it is read from
    this.identity = gtid === undefined ? `${origin}:${place.file}:${place.pos}` : `${origin.slice(0, origin.indexOf(':'))}:${gtid}`
    this.timestampMicros = timestampMicros
    this.facts = facts
    this.query = query
    const micros = String(timestampMicros)
    this.micros = Buffer.from(micros, 'latin1')
    this.millis = micros.length > 3 ? this.micros.subarray(0, micros.length - 3) : ZERO
    this.nanos = Buffer.from(`${micros}000`, 'latin1')
    this.server = Buffer.from(String(facts.serverId), 'latin1')
    this.thread = facts.thread === undefined ? undefined : Buffer.from(String(facts.thread), 'latin1')
  }

  /** The same transaction, for a statement of another text or time. */
  statement(origin: string, timestampMicros: bigint, query: string | undefined): MysqlTransaction {
    return timestampMicros === this.timestampMicros && query === this.query ? this : new MysqlTransaction(origin, this.facts, timestampMicros, query)
  }
}

const ZERO = Buffer.from('0', 'latin1')
