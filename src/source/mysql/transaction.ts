import type { Transaction } from '../../event/transaction.ts'
import type { Gtid, GtidPosition } from './gtid/gtid-position.ts'
import type { LogPlace, OpenXa } from './position.ts'

/**
 * What the events of one transaction share; of two statements with different texts or times, each has one of its own. Made by a constructor:
 * where literals once outlive a collection, as in a batch that is full, V8 makes all that follow in its old generation.
 */
export class TransactionFacts {
  readonly gtid: Gtid | undefined
  /** Where it begins: where a restart begins. */
  readonly place: LogPlace
  /** Offset of its BEGIN. */
  readonly begin: number
  readonly gtidsBefore: GtidPosition | undefined
  readonly xaBefore: readonly OpenXa[]
  readonly serverId: number
  /** When its file was begun (PositionDetail, position.ts). */
  readonly fileBegun: number
  /** Connection id of whoever wrote it, undefined where the log does not say. */
  readonly thread: number | undefined

  constructor({ gtid, place, begin, gtidsBefore, xaBefore, serverId, fileBegun, thread }: TransactionFacts) {
    this.gtid = gtid
    this.place = place
    this.begin = begin
    this.gtidsBefore = gtidsBefore
    this.xaBefore = xaBefore
    this.serverId = serverId
    this.fileBegun = fileBegun
    this.thread = thread
  }
}

/** A committed transaction, or the snapshot. There is one for every commit, and most are never asked what they are called: texts are made when they are. */
export class MysqlTransaction implements Transaction {
  readonly timestampMicros: bigint
  readonly facts: TransactionFacts
  /** Statement text (`binlog_rows_query_log_events`, `binlog_annotate_row_events`), where it is wanted and logged. */
  readonly query: string | undefined
  readonly #origin: string

  /** `origin`: `mysql:<server uuid>`, the head of the ids of events without a GTID. */
  constructor(origin: string, facts: TransactionFacts, timestampMicros: bigint, query: string | undefined) {
    this.#origin = origin
    this.facts = facts
    this.timestampMicros = timestampMicros
    this.query = query
  }

  get id(): string {
    const { gtid, place, begin } = this.facts
    return gtid?.text ?? `file=${place.file},pos=${begin}`
  }

  /** A GTID names a transaction wherever it is read from. */
  get identity(): string {
    const { gtid, place } = this.facts
    return gtid === undefined ? `${this.#origin}:${place.file}:${place.pos}` : `${this.#origin.slice(0, this.#origin.indexOf(':'))}:${gtid.text}`
  }

  /** The same transaction, for a statement of another text or time. */
  statement(origin: string, timestampMicros: bigint, query: string | undefined): MysqlTransaction {
    return timestampMicros === this.timestampMicros && query === this.query ? this : new MysqlTransaction(origin, this.facts, timestampMicros, query)
  }
}
