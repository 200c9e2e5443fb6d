import { ChangeEvent } from '../../event/change-event.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { SchemaChange } from '../../schema-history/table-definition.ts'
import { readAnnotateRows } from './binlog/annotate-rows.ts'
import type { EventHeader } from './binlog/event-header.ts'
import { readExecuteLoadQuery } from './binlog/execute-load-query.ts'
import { EVENT, eventName } from './binlog/event-type.ts'
import { readIncident } from './binlog/incident.ts'
import { malformed } from './binlog/malformed.ts'
import { readCompressedQuery } from './binlog/query-compressed.ts'
import { readBegin, readQuery, type QueryEvent } from './binlog/query.ts'
import { plainRows } from './binlog/rows-compressed.ts'
import { readRowsQuery } from './binlog/rows-query.ts'
import { readXaPrepare } from './binlog/xa-prepare.ts'
import type { SchemaModel, Statement } from './ddl/schema-contract.ts'
import { TransactionCounter } from '../transaction-counter.ts'
import type { EventGroup } from './event-group.ts'
import type { OpenXaTransactions } from './open-xa.ts'
import type { Emit, RowEvents } from './row-events.ts'
import type { TableReference } from './ddl/token-reader.ts'
import type { TableCache } from './table-cache.ts'
import type { MysqlTable } from './table.ts'

/** What the statements of a group need. */
export interface GroupOptions {
  readonly maxEventBytes: number
  readonly includeQuery: boolean
  /** Tell of transactions' beginnings and ends, and of each event's order in its transaction. */
  readonly transactionMetadata: boolean
  /** What is of no table is told of this one. */
  readonly noTable: MysqlTable
  /** Of which table a change of the schema is told; undefined: it is not. */
  readonly schemaTable: (change: SchemaChange) => MysqlTable | undefined
  /** Stores changes of the schema; what is behind them waits until it resolves. Undefined: nothing is to be stored. */
  readonly store: ((changes: readonly SchemaChange[], group: EventGroup, seconds: number) => Promise<void>) | undefined
  /** The captured table of a TRUNCATE, undefined for another. */
  readonly tableOf: (database: string, table: string) => MysqlTable | undefined
  /** A statement whose rows are not in the log. Throws, or passes over it. */
  readonly onStatementRows: (query: QueryEvent, group: EventGroup) => void
  /** A statement that took rows away from a table or brought them, without an event. */
  readonly onUnloggedRows: (table: TableReference, group: EventGroup) => void
}

/** What an event says that is the beginning or the end of something. */
type Verdict = 'goes-on' | 'ends'

/** What an event of a group is. */
const UNKNOWN = 0
const ROWS = 1
const COMPRESSED_ROWS = 2
/** Comes before a statement in statement format, or holds its data: what LOAD DATA has read stands before the event that says so, or that all was given up. */
const STATEMENT_PART = 3
const OTHER = 4

/** By type, of which there are at most 256. */
const KIND = new Uint8Array(256)
for (const type of [EVENT.writeRowsV1, EVENT.updateRowsV1, EVENT.deleteRowsV1, EVENT.writeRows, EVENT.updateRows, EVENT.deleteRows, EVENT.partialUpdateRows]) KIND[type] = ROWS
for (const type of [EVENT.writeRowsCompressedV1, EVENT.updateRowsCompressedV1, EVENT.deleteRowsCompressedV1, EVENT.writeRowsCompressed, EVENT.updateRowsCompressed, EVENT.deleteRowsCompressed]) KIND[type] = COMPRESSED_ROWS
for (const type of [EVENT.intvar, EVENT.rand, EVENT.userVar, EVENT.beginLoadQuery, EVENT.appendBlock, EVENT.deleteFile]) KIND[type] = STATEMENT_PART
for (const type of [EVENT.query, EVENT.queryCompressed, EVENT.executeLoadQuery, EVENT.xid, EVENT.tableMap, EVENT.rowsQuery, EVENT.annotateRows, EVENT.xaPrepare, EVENT.incident, EVENT.viewChange, EVENT.transactionContext]) KIND[type] = OTHER

/** The events inside of event groups. */
export class GroupDecoder {
  readonly #options: GroupOptions
  readonly #model: SchemaModel
  readonly #tables: TableCache
  readonly #rows: RowEvents
  readonly #xa: OpenXaTransactions
  readonly #emit: Emit
  /** The group ends as soon as its rows are told. */
  #ending = false
  #pending: Promise<void> | undefined

  constructor(options: GroupOptions, model: SchemaModel, tables: TableCache, rows: RowEvents, xa: OpenXaTransactions, emit: Emit) {
    this.#options = options
    this.#model = model
    this.#tables = tables
    this.#rows = rows
    this.#xa = xa
    this.#emit = emit
  }

  knows(type: number): boolean {
    return KIND[type] !== UNKNOWN
  }

  get waiting(): boolean {
    return this.#pending !== undefined
  }

  takePending(): Promise<void> | undefined {
    const pending = this.#pending
    this.#pending = undefined
    return pending
  }

  /** A transaction has begun: with its BEGIN, or with a GTID event that stands for it. */
  begin(group: EventGroup, seconds: number): void {
    group.open = true
    group.events = 0
    if (!this.#options.transactionMetadata) return
    group.counter = new TransactionCounter()
    group.counter.begun = true
    // what was told before a restart is not told again
    if (group.resume === undefined) this.#mark('b', group, seconds, 0)
  }

  /** It is committed. */
  end(group: EventGroup, seconds: number): void {
    if (group.counter !== undefined) this.#mark('e', group, seconds, group.rows)
  }

  #mark(op: 'b' | 'e', group: EventGroup, seconds: number, ordinal: number): void {
    const transaction = group.transaction(seconds)
    const marker = { id: transaction.id, counts: op === 'e' ? group.counter!.counts : undefined }
    this.#emit(new ChangeEvent(op, this.#options.noTable, transaction, 'false', 0, 0, ordinal, 0, undefined, undefined, undefined, marker), 0)
  }

  /** One event of a group. True: the group ends with it. */
  take(bytes: Buffer, start: number, end: number, header: EventHeader, pos: number, group: EventGroup): boolean {
    const { type } = header
    group.events++
    const kind = KIND[type]!
    // those of an XA transaction belong to whoever commits it
    if (group.leftOut && (kind === ROWS || kind === COMPRESSED_ROWS) && group.xid === undefined) return false
    if (kind === ROWS) this.#rows.take({ bytes, start, end, type, seconds: header.timestamp, pos }, group)
    else if (kind === COMPRESSED_ROWS) {
      const plain = plainRows(bytes, start, end, type, this.#options.maxEventBytes)
      this.#rows.take({ bytes: plain.bytes, start: 0, end: plain.bytes.length, type: plain.type, seconds: header.timestamp, pos }, group)
    } else if (kind !== STATEMENT_PART && this.#other(bytes, start, end, header, pos, group) === 'ends') {
      this.#ending = this.#rows.unfinished
      return !this.#ending
    }
    return false
  }

  /** Rows are left of the last event: call {@link GroupDecoder.goOn} before the next one. */
  get unfinished(): boolean {
    return this.#rows.unfinished
  }

  /** True: the group ends with it. */
  goOn(group: EventGroup): boolean {
    this.#rows.goOn(group)
    if (!this.#ending || this.#rows.unfinished) return false
    this.#ending = false
    return true
  }

  #other(bytes: Buffer, start: number, end: number, header: EventHeader, pos: number, group: EventGroup): Verdict {
    switch (header.type) {
      case EVENT.tableMap:
        this.#tables.take(bytes, start, end)
        return 'goes-on'
      case EVENT.xid:
        return this.#committed(group)
      case EVENT.query: {
        const thread = group.void ? -1 : readBegin(bytes, start, end)
        if (thread >= 0) return this.#begun(thread, header.timestamp, group)
        return this.#query(readQuery(bytes, start, end), header.timestamp, pos, group)
      }
      case EVENT.queryCompressed: {
        const plain = readCompressedQuery(bytes, start, end, this.#options.maxEventBytes)
        return this.#query(readQuery(plain, 0, plain.length), header.timestamp, pos, group)
      }
      case EVENT.executeLoadQuery:
        this.#statement({ kind: 'rows' }, readExecuteLoadQuery(bytes, start, end), header.timestamp, pos, group)
        return group.open ? 'goes-on' : 'ends'
      case EVENT.rowsQuery:
        if (this.#options.includeQuery) group.query = readRowsQuery(bytes, start, end)
        return 'goes-on'
      case EVENT.annotateRows:
        if (this.#options.includeQuery) group.query = readAnnotateRows(bytes, start, end)
        // Debezium is not sent it, and its offsets count what it is sent
        else group.events--
        return 'goes-on'
      case EVENT.viewChange:
      case EVENT.transactionContext:
        // group replication's own, without rows: who belongs to the group, and what a transaction has read
        return 'goes-on'
      case EVENT.xaPrepare:
        return this.#prepare(readXaPrepare(bytes, start, end), header.timestamp, group)
      case EVENT.incident: {
        const { incident } = readIncident(bytes, start, end)
        throw new TailraceError('TR_MYSQL_INCIDENT', { message: `The server says that changes are missing in its log (incident ${incident})`, where: { file: group.place.file, pos: group.place.pos, incident } })
      }
      default:
        throw malformed(eventName(header.type), 'it is not known')
    }
  }

  #begun(thread: number, seconds: number, group: EventGroup): Verdict {
    group.thread = thread
    this.begin(group, seconds)
    return 'goes-on'
  }

  #query(query: QueryEvent, seconds: number, pos: number, group: EventGroup): Verdict {
    if (group.void) return 'ends'
    const { database, ansiQuotes, noBackslashEscapes, serverCollation, databaseCollation } = query
    const statement = this.#model.apply(query.sql, { database, ansiQuotes, noBackslashEscapes, serverCollation, databaseCollation })
    switch (statement.kind) {
      case 'begin':
        return this.#begun(query.thread, seconds, group)
      case 'commit':
        return this.#committed(group)
      case 'rollback':
        if (group.uncertain === undefined) this.#expectNoRows(statement.kind, group)
        return 'ends'
      case 'rollback-to-savepoint':
        if (group.uncertain?.rollBackTo(statement.name) !== true) this.#expectNoRows(statement.kind, group)
        return 'goes-on'
      case 'savepoint':
        group.uncertain?.savepoint(statement.name)
        return 'goes-on'
      case 'release-savepoint':
        return 'goes-on'
      case 'xa-start':
        group.open = true
        group.xid = statement.xid
        return 'goes-on'
      case 'xa-end':
      case 'xa-prepare':
        return 'goes-on'
      case 'xa-commit':
      case 'xa-rollback':
        return this.#xaEnd(statement, seconds, group)
      case 'schema':
      case 'truncate':
      case 'rows':
      case 'irrelevant':
        this.#statement(statement, query, seconds, pos, group)
        // a statement of its own is its group's end; CREATE TABLE … SELECT stands inside of one
        return group.open ? 'goes-on' : 'ends'
    }
  }

  #statement(statement: Statement, query: QueryEvent, seconds: number, pos: number, group: EventGroup): void {
    if (statement.kind === 'rows') {
      if (!group.leftOut) this.#options.onStatementRows(query, group)
    } else if (statement.kind === 'truncate') this.#truncate(statement.database, statement.table, seconds, group)
    else if (statement.kind === 'schema') {
      this.#tables.forget()
      if (!group.leftOut) for (const table of statement.unlogged ?? []) this.#options.onUnloggedRows(table, group)
      statement.changes.forEach((change, index) => this.#tellSchema(change, index, pos, seconds, group))
      if (this.#options.store !== undefined && statement.changes.length > 0) this.#pending = this.#options.store(statement.changes, group, seconds)
    }
  }

  #tellSchema(change: SchemaChange, index: number, pos: number, seconds: number, group: EventGroup): void {
    const table = this.#options.schemaTable(change)
    if (table === undefined) return
    this.#emit(new ChangeEvent('s', table, group.transaction(seconds), 'false', Math.floor(pos / 2 ** 32), pos % 2 ** 32, index, 0, undefined, undefined, undefined, change), change.ddl.length)
  }

  #truncate(database: string, name: string, seconds: number, group: EventGroup): void {
    const table = this.#options.tableOf(database, name)
    if (!group.count(0) || table === undefined) return
    const { place } = group
    this.#emit(new ChangeEvent('t', table, group.transaction(seconds), 'false', Math.floor(place.pos / 2 ** 32), place.pos % 2 ** 32, group.rows - 1, 0, undefined, undefined, undefined, undefined), 8)
  }

  #committed(group: EventGroup): Verdict {
    const held = group.uncertain?.take()
    if (held !== undefined) this.#rows.release(held, group)
    return 'ends'
  }

  /** Those of a transaction that is rolled back were sent on as they came. */
  #expectNoRows(kind: 'rollback' | 'rollback-to-savepoint', group: EventGroup): void {
    if (group.rows > 0) {
      throw new TailraceError('TR_MYSQL_ROLLED_BACK', { message: `The log rolls back rows that it has (${kind} in the transaction at ${group.place.file}:${group.place.pos})`, where: { file: group.place.file, pos: group.place.pos, rows: group.rows } })
    }
  }

  #prepare({ xid, onePhase }: { readonly xid: string; readonly onePhase: boolean }, seconds: number, group: EventGroup): Verdict {
    group.xid = undefined
    if (onePhase) this.#release(xid, group, seconds)
    else this.#xa.prepared(xid, group.place)
    return 'ends'
  }

  #xaEnd(statement: Extract<Statement, { readonly xid: string }>, seconds: number, group: EventGroup): Verdict {
    if (statement.kind === 'xa-rollback') this.#xa.take(statement.xid)
    else if (this.#xa.knows(statement.xid)) this.#release(statement.xid, group, seconds)
    else throw new TailraceError('TR_MYSQL_XA_UNKNOWN', { message: `The XA transaction that is committed at ${group.place.file}:${group.place.pos} was prepared before the stream began`, where: { file: group.place.file, pos: group.place.pos } })
    return 'ends'
  }

  /** Committed: its changes are those of the group that says so. */
  #release(xid: string, group: EventGroup, seconds: number): void {
    group.rows = 0
    const held = this.#xa.take(xid)
    if (!group.leftOut) this.#rows.release(held.map((left) => ({ ...left, event: { ...left.event, seconds } })), group)
  }
}
