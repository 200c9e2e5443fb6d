import type { TransactionOrder } from '../../event/transaction.ts'
import type { TransactionCounter } from '../transaction-counter.ts'
import type { Gtid, GtidPosition } from './gtid/gtid-position.ts'
import type { LogPlace, OpenXa, PartOfTransaction } from './position.ts'
import { MysqlTransaction, TransactionFacts } from './transaction.ts'
import type { UncertainRows } from './uncertain-rows.ts'

/**
 * The events that the log writes as one: a transaction, a DDL statement, or a part of an XA transaction. It begins with a GTID event (or,
 * in old logs, with its first query) and ends with an Xid event, COMMIT, or the statement itself.
 */
export class EventGroup {
  readonly gtid: Gtid | undefined
  readonly place: LogPlace
  readonly serverId: number
  /** When its file was begun. */
  readonly fileBegun: number
  /** When it was committed where it was written, microseconds since 1970; 0: the log does not say, and each event's own second counts. */
  readonly committedMicros: bigint
  /** What was done before it. */
  readonly gtidsBefore: GtidPosition | undefined
  readonly xaBefore: readonly OpenXa[]
  readonly #origin: string
  #transaction: MysqlTransaction | undefined
  /** What it was made for. */
  #seconds = 0
  /** BEGIN, XA START, or what stands for them was seen. */
  open = false
  /** Offset of the BEGIN. */
  begin: number
  thread: number | undefined
  /** Statement text that was logged for the row events that follow. */
  query: string | undefined
  /** The XA transaction whose rows these are. */
  xid: string | undefined
  /** Its statement has no effect yet, or none at all: MariaDB logs an ALTER when it begins, too, and one that failed (`binlog_alter_two_phase`). */
  void = false
  /** It may yet be rolled back: where its rows wait. */
  uncertain: UncertainRows | undefined
  /** Its rows are not delivered: it comes from a server that is left out. */
  leftOut = false
  /** Rows so far, before any filter. */
  rows = 0
  /** Events behind the BEGIN, as Debezium counts them: savepoints too. */
  events = 0
  /** Counts the events that are told, where consumers want to know. */
  counter: TransactionCounter | undefined
  /** What of it is already durable. */
  resume: PartOfTransaction | undefined

  constructor(origin: string, gtid: Gtid | undefined, place: LogPlace, serverId: number, committedMicros: bigint, before: { readonly gtids: GtidPosition | undefined; readonly xa: readonly OpenXa[]; readonly fileBegun: number }) {
    this.#origin = origin
    this.gtid = gtid
    this.place = place
    this.begin = place.pos
    this.serverId = serverId
    this.committedMicros = committedMicros
    this.gtidsBefore = before.gtids
    this.xaBefore = before.xa
    this.fileBegun = before.fileBegun
  }

  /** What events share: one object, until a statement has another text or another second. */
  transaction(seconds: number): MysqlTransaction {
    const last = this.#transaction
    if (last !== undefined && seconds === this.#seconds && last.query === this.query) return last
    this.#seconds = seconds
    const micros = this.committedMicros > 0n ? this.committedMicros : BigInt(seconds) * 1_000_000n
    return (this.#transaction = last === undefined ? new MysqlTransaction(this.#origin, new TransactionFacts(this), micros, this.query) : last.statement(this.#origin, micros, this.query))
  }

  /** Counts a row. False: it was delivered before. */
  count(row: number): boolean {
    this.rows++
    const { resume } = this
    if (resume === undefined) return true
    // Debezium's offset names an event and how many of its rows are done
    if (resume.rows === undefined) return this.events > resume.event || (this.events === resume.event && row >= resume.row)
    return this.rows > resume.rows
  }

  /** The next event's place among those of the transaction. */
  order(database: string, table: string, seconds: number): TransactionOrder | undefined {
    return this.counter?.next(this.transaction(seconds).id, `${database}.${table}`)
  }

  /** It is not what the stored position says it is: fewer rows than were delivered of it. */
  get shorter(): boolean {
    const { resume } = this
    if (resume === undefined || this.leftOut) return false
    return resume.rows === undefined ? this.events < resume.event : this.rows < resume.rows
  }
}
