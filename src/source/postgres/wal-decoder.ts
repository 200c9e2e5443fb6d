import { bigWord32 } from '../../byte/big-endian.ts'
import { ChangeEvent, type Operation } from '../../event/change-event.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { Builder } from './batch.ts'
import { readBegin } from './pgoutput/begin.ts'
import { readCommit } from './pgoutput/commit.ts'
import { deletedExtent } from './pgoutput/delete.ts'
import { insertedTuple } from './pgoutput/insert.ts'
import { expectEnd, malformed } from './pgoutput/malformed.ts'
import { readMessage } from './pgoutput/message.ts'
import { readRelation, type Relation } from './pgoutput/relation.ts'
import { TAG } from './pgoutput/tag.ts'
import { truncatedRelations } from './pgoutput/truncate.ts'
import { mergeUnchanged, sameIdentity, scanTuple, type TupleScan } from './pgoutput/tuple.ts'
import { readUpdate, type Update } from './pgoutput/update.ts'
import { formatLsn, PgPosition } from './position.ts'
import type { KnownRelation, RelationCache } from './relation-cache.ts'
import { PgRowImage, TUPLE } from './row-image.ts'
import { PgTable } from './table.ts'
import { TakeOver } from './take-over.ts'
import { TransactionMetadata } from './transaction-metadata.ts'
import { PgTransaction } from './transaction.ts'

/** What the decoder needs to know of its surroundings. */
export interface DecoderOptions {
  /** `pg:<system>:<database>`, the head of event ids. */
  readonly origin: string
  readonly database: string
  readonly messages: boolean
  readonly skipped: ReadonlySet<Operation>
  /** Transactions' beginnings and ends are told, and each event's order in its transaction. */
  readonly transactionMetadata: boolean
}

/**
 * pgoutput messages to events, synchronously and without touching cells. Holds the resume rules: a transaction is skipped
 * if and only if its commit LSN is less than the resume LSN; of a transaction that was delivered in part, the delivered
 * changes are counted off and the last one's LSN must be the stored one.
 */
export class WalDecoder {
  readonly #options: DecoderOptions
  readonly #relations: RelationCache
  readonly #batch: Builder
  readonly #messageTable: PgTable
  readonly #scan: TupleScan = { end: 0, unchanged: false }
  readonly #update: Update = { oldStart: -1, oldExtent: 'row', newStart: 0, unchanged: false, end: 0 }
  /** Everything that committed before is decoded. */
  #lsn: bigint
  #lastCommit: bigint | undefined
  #lastTimestamp = 0n
  /** What of the first transaction is already durable. */
  #resume: PgPosition['part']
  /** In its place, where the stored position is Debezium's. */
  #takeOver: TakeOver | undefined
  #transaction: PgTransaction | undefined
  #skipping = false
  /** Changes of the open transaction, before any filter, and where the last one stands. */
  #changes = 0
  #high = 0
  #low = 0
  /** Where the last change stands that is not in the same WAL record as the newest; 0: there is none. */
  #recordHigh = 0
  #recordLow = 0
  /** Undefined: nobody asked for it. */
  readonly #metadata: TransactionMetadata | undefined
  /** The change was delivered before: it is counted, and nothing else. */
  #again = false
  /** A RELATION message that waits for the catalog. */
  pending: Relation | undefined

  constructor(options: DecoderOptions, relations: RelationCache, batch: Builder, from: PgPosition) {
    this.#options = options
    this.#relations = relations
    this.#batch = batch
    this.#lsn = from.lsn
    this.#lastCommit = from.lastCommit
    this.#resume = from.part
    this.#takeOver = from.after === undefined ? undefined : new TakeOver(from.after)
    this.#messageTable = new PgTable({ oid: 0, database: options.database, schema: '', name: '', columns: [], key: [] }, {}, () => {})
    this.#metadata = options.transactionMetadata ? new TransactionMetadata(batch, this.#messageTable) : undefined
  }

  get inTransaction(): boolean {
    return this.#transaction !== undefined
  }

  /** Where decoding stands: a transaction's end, or so many changes into one. */
  get position(): PgPosition {
    const transaction = this.#transaction
    const resume = this.#resume
    if (transaction === undefined || this.#skipping || this.#takeOver !== undefined || this.#changes === 0 || (resume !== undefined && this.#changes < resume.changes)) {
      return new PgPosition('stream', this.#lsn, resume, this.#lastCommit, this.#takeOver?.after)
    }
    const recordLsn = wide(this.#recordHigh, this.#recordLow)
    const part = { commitLsn: transaction.commitLsn, changes: this.#changes, changeLsn: wide(this.#high, this.#low), ...(recordLsn === 0n ? {} : { recordLsn }) }
    return new PgPosition('stream', this.#lsn, part, this.#lastCommit)
  }

  /** A keepalive between transactions: the server has nothing for us before `walEnd`. */
  idle(walEnd: bigint): boolean {
    if (this.#transaction !== undefined || this.#resume !== undefined || this.#takeOver !== undefined || walEnd <= this.#lsn) return false
    this.#lsn = walEnd
    return true
  }

  /** One message at [start, end); `lsnAt` is the offset of its 8-byte LSN. False: {@link WalDecoder.pending} must be resolved first. */
  decode(bytes: Buffer, start: number, end: number, lsnAt: number): boolean {
    if (start >= end) throw malformed('empty', 'it has no tag')
    switch (bytes[start]!) {
      case TAG.insert:
        this.#insert(bytes, start, end, lsnAt)
        return true
      case TAG.update:
        this.#updateRow(bytes, start, end, lsnAt)
        return true
      case TAG.delete:
        this.#delete(bytes, start, end, lsnAt)
        return true
      case TAG.begin:
        this.#begin(bytes, start, end)
        return true
      case TAG.commit:
        this.#commit(bytes, start, end)
        return true
      case TAG.relation:
        return this.#relation(bytes, start, end)
      case TAG.truncate:
        this.#truncate(bytes, start, end, lsnAt)
        return true
      case TAG.message:
        this.#message(bytes, start, end)
        return true
      case TAG.type:
      case TAG.origin:
        return true
      default:
        throw malformed(`unknown (tag ${bytes[start]})`, 'it may carry rows')
    }
  }

  #begin(bytes: Buffer, start: number, end: number): void {
    if (this.#transaction !== undefined) throw malformed('Begin', 'the transaction before has no Commit')
    const begin = readBegin(bytes, start, end)
    const resume = this.#resume
    this.#skipping = begin.commitLsn < this.#lsn
    if (!this.#skipping && resume !== undefined && begin.commitLsn !== resume.commitLsn) {
      throw new TailraceError('TR_PG_RESUME_MISMATCH', {
        message: `The stored position is inside the transaction committed at ${formatLsn(resume.commitLsn)}, but the server goes on with ${formatLsn(begin.commitLsn)}`,
        where: { expected: formatLsn(resume.commitLsn), received: formatLsn(begin.commitLsn) },
      })
    }
    this.#lastTimestamp = begin.timestampMicros
    this.#transaction = new PgTransaction(this.#options.origin, begin.xid, begin.commitLsn, begin.timestampMicros, this.#lsn, this.#lastCommit)
    this.#changes = this.#high = this.#low = 0
    this.#recordHigh = this.#recordLow = 0
    this.#metadata?.open(this.#transaction)
  }

  #commit(bytes: Buffer, start: number, end: number): void {
    const commit = readCommit(bytes, start, end)
    if (this.#transaction?.commitLsn !== commit.commitLsn) throw malformed('Commit', 'it does not belong to the open transaction')
    if (!this.#skipping) {
      const resume = this.#resume
      if (resume !== undefined && this.#changes < resume.changes) throw this.#shorter(resume.changes)
      this.#resume = undefined
      if (this.#takeOver !== undefined) this.#settleTakeOver(this.#takeOver)
      this.#metadata?.end(commit.endLsn, this.#changes)
      this.#lsn = commit.endLsn
      this.#lastCommit = commit.endLsn
    }
    this.#transaction = undefined
    this.#skipping = false
  }

  #relation(bytes: Buffer, start: number, end: number): boolean {
    const relation = readRelation(bytes, start, end)
    if (this.#relations.take(relation)) return true
    this.pending = relation
    return false
  }

  #insert(bytes: Buffer, start: number, end: number, lsnAt: number): void {
    const known = this.#known('Insert', bytes, start, end)
    const tuple = insertedTuple(bytes, start, end)
    scanTuple('Insert', bytes, tuple, end, known.relation.columns.length, this.#scan)
    expectEnd('Insert', this.#scan.end, end)
    const table = this.#change('c', known, bytes, lsnAt)
    if (table === undefined) return
    this.#emit('c', table, 0, undefined, new PgRowImage(bytes, tuple, 'row', TUPLE), undefined, end - start)
  }

  #updateRow(bytes: Buffer, start: number, end: number, lsnAt: number): void {
    const known = this.#known('Update', bytes, start, end)
    const update = this.#update
    readUpdate(bytes, start, end, known.relation.columns.length, this.#scan, update)
    expectEnd('Update', update.end, end)
    const table = this.#change('u', known, bytes, lsnAt)
    if (table === undefined) return
    const { key } = table.shape
    const before = update.oldStart < 0 ? undefined : new PgRowImage(bytes, update.oldStart, update.oldExtent, TUPLE)
    const after = update.unchanged && update.oldExtent === 'row' && before !== undefined
      ? new PgRowImage(mergeUnchanged(bytes, update.oldStart, update.newStart), 0, 'row', TUPLE)
      : new PgRowImage(bytes, update.newStart, 'row', TUPLE)
    if (before === undefined || key.length === 0 || sameIdentity(bytes, update.oldStart, update.newStart, key)) {
      this.#emit('u', table, 0, before, after, undefined, end - start)
      return
    }
    // Debezium writes a key update as a delete under the old key and a create under the new one
    this.#emit('d', table, 0, before, undefined, after, 0)
    this.#emit('c', table, 1, undefined, after, before, end - start)
  }

  #delete(bytes: Buffer, start: number, end: number, lsnAt: number): void {
    const known = this.#known('Delete', bytes, start, end)
    const extent = deletedExtent(bytes, start, end)
    scanTuple('Delete', bytes, start + 6, end, known.relation.columns.length, this.#scan)
    expectEnd('Delete', this.#scan.end, end)
    const table = this.#change('d', known, bytes, lsnAt)
    if (table === undefined) return
    this.#emit('d', table, 0, new PgRowImage(bytes, start + 6, extent, TUPLE), undefined, undefined, end - start)
  }

  #truncate(bytes: Buffer, start: number, end: number, lsnAt: number): void {
    for (const oid of truncatedRelations(bytes, start, end)) {
      const known = this.#relations.get(oid)
      if (known === undefined) throw malformed('Truncate', `relation ${oid} was not announced`)
      const table = this.#change('t', known, bytes, lsnAt)
      if (table !== undefined) this.#emit('t', table, 0, undefined, undefined, undefined, 8)
    }
  }

  #message(bytes: Buffer, start: number, end: number): void {
    const { lsn, message } = readMessage(bytes, start, end)
    const high = Number(lsn >> 32n)
    const low = Number(lsn & 0xffffffffn)
    if (message.transactional) {
      if (this.#transaction === undefined) throw malformed('Message', 'it is transactional but outside a transaction')
      this.#count(high, low)
      if (!this.#makes('message')) return
    } else {
      // emitted at once, between transactions; the server sends it again only when its end is beyond the start position
      if (this.#transaction !== undefined) throw malformed('Message', 'it is not transactional but inside a transaction')
      if (lsn <= this.#lsn) return
    }
    const standalone = message.transactional ? undefined : new PgTransaction(this.#options.origin, 0, lsn, this.#lastTimestamp, this.#lsn, lsn)
    if (standalone !== undefined && this.#resume === undefined && this.#takeOver === undefined) {
      this.#lsn = lsn
      this.#lastCommit = lsn
    }
    if (!this.#options.messages || this.#options.skipped.has('m')) return
    const transaction = standalone ?? this.#transaction!
    const order = standalone === undefined ? this.#metadata?.order(high, low, '') : undefined
    const event = new ChangeEvent('m', this.#messageTable, transaction, 'false', high, low, standalone === undefined ? this.#changes - 1 : 0, 0, undefined, undefined, undefined, message, order)
    if (standalone === undefined) this.#add(event, end - start)
    else this.#batch.add(event, end - start)
  }

  #known(message: string, bytes: Buffer, start: number, end: number): KnownRelation {
    if (end - start < 8) throw malformed(message, 'it is too short')
    const oid = bigWord32(bytes, start + 1)
    const known = this.#relations.get(oid)
    if (known === undefined) throw malformed(message, `relation ${oid} was not announced`)
    return known
  }

  /** Counts a change. Returns its table when it is to be delivered. */
  #change(op: Operation, known: KnownRelation, bytes: Buffer, lsnAt: number): PgTable | undefined {
    if (this.#transaction === undefined) throw malformed('row', 'it is outside a transaction')
    const high = bigWord32(bytes, lsnAt)
    const low = bigWord32(bytes, lsnAt + 4)
    this.#count(high, low)
    return this.#makes('row') && !this.#options.skipped.has(op) ? known.table : undefined
  }

  #count(high: number, low: number): void {
    this.#changes++
    if (high === this.#high && low === this.#low) return
    this.#recordHigh = this.#high
    this.#recordLow = this.#low
    this.#high = high
    this.#low = low
  }

  /** Whether an event is to be made of the change: also of what was delivered before, where it has to be counted. */
  #makes(kind: 'row' | 'message'): boolean {
    const wanted = this.#wanted(kind)
    const metadata = this.#metadata
    if (metadata === undefined || this.#skipping) return wanted
    this.#again = !wanted
    if (kind === 'row' || this.#options.messages) metadata.begin(this.#high, this.#low, this.#changes - 1, this.#again || this.#takeOver !== undefined)
    return true
  }

  /** False inside what was delivered before. */
  #wanted(kind: 'row' | 'message'): boolean {
    if (this.#skipping) return false
    if (this.#takeOver !== undefined) return this.#wantedAfter(this.#takeOver, kind)
    const resume = this.#resume
    if (resume === undefined || this.#changes > resume.changes) return true
    if (this.#changes === resume.changes && wide(this.#high, this.#low) !== resume.changeLsn) throw this.#shorter(resume.changes)
    return false
  }

  #wantedAfter(takeOver: TakeOver, kind: 'row' | 'message'): boolean {
    const verdict = takeOver.judge(kind, wide(this.#high, this.#low))
    if (verdict === 'unclear') takeOver.before ??= { changes: this.#changes - 1, lsn: wide(this.#recordHigh, this.#recordLow) }
    if (verdict === 'new') this.#settleTakeOver(takeOver)
    return verdict !== 'done'
  }

  /** All changes that the stored position names have come. */
  #settleTakeOver(takeOver: TakeOver): void {
    const { changeLsn } = takeOver.after
    if (!takeOver.found) {
      throw new TailraceError('TR_PG_RESUME_MISMATCH', {
        message: `The stored position is behind the change at ${formatLsn(changeLsn)}, but the first transaction that the server sends, committed at ${formatLsn(this.#transaction?.commitLsn ?? 0n)}, does not have it`,
        where: { expected: formatLsn(changeLsn) },
      })
    }
    this.#takeOver = undefined
    const { before } = takeOver
    // what was delivered of this transaction is known from here on
    if (before !== undefined && before.changes > 0) {
      this.#batch.begin(new PgPosition('stream', this.#lsn, { commitLsn: this.#transaction!.commitLsn, changes: before.changes, changeLsn: before.lsn, recordLsn: before.lsn }, this.#lastCommit))
    }
    for (const { event, bytes } of takeOver.undelivered()) this.#batch.add(event, bytes)
  }

  #shorter(changes: number): TailraceError {
    return new TailraceError('TR_PG_RESUME_MISMATCH', { message: `The transaction that was delivered in part (${changes} changes) is sent again with other changes`, where: { changes } })
  }

  #emit(op: Operation, table: PgTable, part: number, before: PgRowImage | undefined, after: PgRowImage | undefined, other: PgRowImage | undefined, bytes: number): void {
    const order = this.#metadata?.order(this.#high, this.#low, `${table.schema}.${table.name}`)
    this.#add(new ChangeEvent(op, table, this.#transaction!, 'false', this.#high, this.#low, this.#changes - 1, part, before, after, other, undefined, order), bytes)
  }

  #add(event: ChangeEvent, bytes: number): void {
    if (this.#again) return
    if (this.#takeOver === undefined) this.#batch.add(event, bytes)
    else this.#takeOver.hold(event, bytes)
  }
}

function wide(high: number, low: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low)
}
