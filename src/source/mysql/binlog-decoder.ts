import type { ChangeEvent, Operation } from '../../event/change-event.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { Builder } from './batch.ts'
import { insideTransaction } from './batch.ts'
import { checksumMatches } from './binlog/checksum.ts'
import { EVENT_HEADER, EventHeader } from './binlog/event-header.ts'
import { EVENT, eventName } from './binlog/event-type.ts'
import { readFormatDescription } from './binlog/format-description.ts'
import { readGtid } from './binlog/gtid.ts'
import { readHeartbeat } from './binlog/heartbeat.ts'
import { malformed } from './binlog/malformed.ts'
import { readMariadbGtid } from './binlog/mariadb-gtid.ts'
import { readRotate } from './binlog/rotate.ts'
import { PayloadReader, type InnerEvent } from './binlog/transaction-payload.ts'
import { EventGroup } from './event-group.ts'
import { GroupDecoder, type GroupOptions } from './group-decoder.ts'
import type { Gtid, GtidPosition } from './gtid/gtid-position.ts'
import { OpenXaTransactions } from './open-xa.ts'
import { GroupPlace, MysqlPosition, type LogPlace } from './position.ts'
import { RowEvents } from './row-events.ts'
import type { TableCache } from './table-cache.ts'
import { UncertainRows } from './uncertain-rows.ts'
import type { SchemaModel } from './ddl/schema-contract.ts'

/** What the decoder needs to know of its surroundings. */
export interface DecoderOptions extends GroupOptions {
  /** `mysql:<server uuid>`, the head of event ids. */
  readonly origin: string
  readonly skipped: ReadonlySet<Operation>
  readonly maxEventBytes: number
  readonly maxXaBytes: number
  /** Transactions whose rows are not delivered. Undefined: there are none. */
  readonly leavesOut?: ((gtid: Gtid) => boolean) | undefined
  /** The dump begins at the stored place: its file must be the one it was. */
  readonly sameFile: boolean
}

const CHECKSUM_BYTES = 4
const ARTIFICIAL = 0x20
const IGNORABLE = 0x80
const WRAP = 2 ** 32

/**
 * Events of the binary log to changes, synchronously and without touching cells. Holds the resume rules: the server is asked for what is
 * not in the position's GTIDs, or for what is behind its place, and of a transaction that was delivered in part the delivered rows
 * are counted off. A position moves at the end of an event group only.
 */
export class BinlogDecoder {
  readonly #options: DecoderOptions
  readonly #tables: TableCache
  readonly #batch: Builder
  readonly #groups: GroupDecoder
  readonly #xa: OpenXaTransactions
  readonly #header = new EventHeader()
  /** Where the next event begins. */
  #file: string
  #pos: number
  #gtids: GtidPosition | undefined
  /** Where decoding began, until a group has ended. */
  #from: MysqlPosition | undefined
  #serverId: number
  #seconds: number
  #resume: MysqlPosition['part']
  /** When the file was begun, seconds since 1970, and what is expected of the first one; 0: not known. */
  #fileBegun: number
  #expected: number
  /** Undefined until a format description was read. */
  #checksum: boolean | undefined
  #group: EventGroup | undefined
  /** The last row of the open group that was emitted. */
  #last: ChangeEvent | undefined
  #payload: { readonly reader: PayloadReader; readonly pos: number } | undefined

  constructor(options: DecoderOptions, model: SchemaModel, tables: TableCache, batch: Builder, from: MysqlPosition, xa: OpenXaTransactions = new OpenXaTransactions(options.maxXaBytes)) {
    this.#options = options
    this.#tables = tables
    this.#batch = batch
    this.#xa = xa
    const emit = (event: ChangeEvent, bytes: number): void => this.#emit(event, bytes)
    this.#groups = new GroupDecoder(options, model, tables, new RowEvents(tables, options.skipped, emit, batch, xa), xa, emit)
    this.#file = from.file
    this.#pos = from.pos
    this.#gtids = from.gtids
    this.#from = from
    this.#serverId = from.serverId
    this.#seconds = from.seconds
    this.#resume = from.part
    this.#fileBegun = from.begun
    this.#expected = options.sameFile ? from.begun : 0
  }

  get inTransaction(): boolean {
    return this.#group !== undefined
  }

  /** What must be durable before anything behind it is decoded; taken by whoever waits for it. */
  takePending(): Promise<void> | undefined {
    return this.#groups.takePending()
  }

  /**
   * Where decoding stands: between two groups, or behind the last change of an open one. Never before where it began: a dump by GTIDs begins
   * with the file, and Debezium's offset stands behind the GTID event of its transaction.
   */
  get position(): MysqlPosition {
    const at = this.#place
    return this.#from !== undefined && at.compare(this.#from) < 0 ? this.#from : at
  }

  get #place(): MysqlPosition {
    const group = this.#group
    if (group !== undefined && this.#last !== undefined && group.xid === undefined) return insideTransaction(this.#last)
    const { file, pos } = group?.place ?? { file: this.#file, pos: this.#pos }
    return new MysqlPosition('stream', { file, pos }, group === undefined ? this.#gtids : group.gtidsBefore, {
      part: group === undefined ? this.#resume : (group.resume ?? this.#resume), xa: group === undefined ? this.#xa.places : group.xaBefore, serverId: this.#serverId, seconds: this.#seconds, begun: group === undefined ? this.#fileBegun : group.fileBegun,
    })
  }

  get heldBytes(): number {
    return this.#xa.bytes
  }

  /** One event at [start, end). False: call {@link BinlogDecoder.resume} before the next one. */
  decode(bytes: Buffer, start: number, end: number): boolean {
    const header = this.#header.read(bytes, start, end)
    const body = start + EVENT_HEADER
    if (header.type === EVENT.formatDescription) {
      this.#describe(bytes, body, end, header)
      return true
    }
    const bodyEnd = this.#withoutChecksum(bytes, start, end, header.type)
    if (header.type === EVENT.rotate) {
      this.#rotate(bytes, body, bodyEnd)
      return true
    }
    if (header.type === EVENT.heartbeat || header.type === EVENT.heartbeatV2) {
      this.#heartbeat(bytes, body, bodyEnd, header)
      return true
    }
    const begin = this.#begin(header)
    this.#pos = begin + header.size
    this.#event(bytes, body, bodyEnd, header, begin)
    return this.resume()
  }

  /** Goes on inside an event, or a compressed transaction. False: the batch is full, or something must be stored first. */
  resume(): boolean {
    while (!this.#batch.full && !this.#groups.waiting) {
      if (this.#groups.unfinished) {
        if (this.#groups.goOn(this.#group!)) this.#finish(this.#group!)
      } else if (this.#payload === undefined) return true
      else this.#inner(this.#payload.reader.next(), this.#payload.pos)
    }
    return false
  }

  #inner(event: InnerEvent | undefined, pos: number): void {
    if (event !== undefined) return this.#event(event.bytes, event.start + EVENT_HEADER, event.end, this.#header.read(event.bytes, event.start, event.end), pos)
    this.#payload = undefined
    // the end of a payload is that of its group, whatever its last event was
    if (this.#group !== undefined) throw malformed('Transaction_payload', 'it does not end its transaction')
  }

  #event(bytes: Buffer, start: number, end: number, header: EventHeader, pos: number): void {
    switch (header.type) {
      case EVENT.gtid:
      case EVENT.anonymousGtid:
      case EVENT.taggedGtid: {
        const { gtid, originalMicros } = readGtid(bytes, start, end, header.type)
        this.#beginGroup(new GroupPlace(this.#file, pos), header, gtid, originalMicros)
        this.#group!.begin = this.#pos
        return
      }
      case EVENT.mariadbGtid: {
        const { gtid, standalone, transactional, xa, alter } = readMariadbGtid(bytes, start, end, header.serverId)
        const group = this.#beginGroup(new GroupPlace(this.#file, pos), header, gtid, 0n)
        // it stands for the BEGIN as well, and for XA START
        group.open = !standalone
        if (xa?.kind === 'prepare') group.xid = xa.xid
        else if (!standalone) this.#groups.begin(group, header.timestamp)
        if (!standalone && !transactional && xa === undefined) group.uncertain = new UncertainRows()
        group.void = alter === 'start' || alter === 'rollback'
        return
      }
      case EVENT.transactionPayload:
        this.#payload = { reader: new PayloadReader(bytes, start, end, this.#options.maxEventBytes), pos }
        return
      case EVENT.previousGtids:
      case EVENT.gtidList:
      case EVENT.binlogCheckpoint:
      case EVENT.startEncryption:
      case EVENT.stop:
        return
      default:
        this.#groupEvent(bytes, start, end, header, pos)
    }
  }

  #groupEvent(bytes: Buffer, start: number, end: number, header: EventHeader, pos: number): void {
    if (!this.#groups.knows(header.type)) {
      if ((header.flags & IGNORABLE) !== 0) return
      throw new TailraceError('TR_MYSQL_EVENT_UNSUPPORTED', { message: `The log has an event of type ${eventName(header.type)}, which may carry rows`, where: { file: this.#file, pos, type: header.type } })
    }
    const group = this.#group ?? this.#beginGroup(new GroupPlace(this.#file, pos), header, undefined, 0n)
    this.#serverId = header.serverId
    this.#seconds = header.timestamp
    if (this.#groups.take(bytes, start, end, header, pos, group)) this.#finish(group)
  }

  #finish(group: EventGroup): void {
    if (group.shorter) throw this.#mismatch(group)
    this.#groups.end(group, this.#seconds)
    this.#endGroup(group)
  }

  #beginGroup(place: LogPlace, header: EventHeader, gtid: EventGroup['gtid'], committedMicros: bigint): EventGroup {
    const before = this.#group
    // a server that crashed leaves the beginning of a group behind (Format_description's LOG_EVENT_BINLOG_IN_USE_F)
    if (before !== undefined && before.rows > 0) throw malformed('group', `the one at ${before.place.file}:${before.place.pos} has no end`)
    const group = new EventGroup(this.#options.origin, gtid, place, header.serverId, committedMicros, { gtids: this.#gtids, xa: this.#xa.places, fileBegun: this.#fileBegun })
    if (gtid !== undefined && this.#options.leavesOut?.(gtid) === true) group.leftOut = true
    const resume = this.#resume
    if (resume !== undefined && (resume.gtid === undefined || resume.gtid === gtid?.text)) group.resume = resume
    this.#last = undefined
    return (this.#group = group)
  }

  #endGroup(group: EventGroup): void {
    // the first group is the one that was delivered in part, or, at another server, one that stands before it
    if (group.resume !== undefined) this.#resume = undefined
    if (group.gtid !== undefined && this.#gtids !== undefined) this.#gtids = this.#gtids.with(group.gtid)
    this.#group = undefined
    this.#last = undefined
    this.#from = undefined
  }

  #mismatch(group: EventGroup): TailraceError {
    return new TailraceError('TR_MYSQL_RESUME_MISMATCH', {
      message: `The transaction ${group.gtid?.text ?? `at ${group.place.file}:${group.place.pos}`} was delivered in part (${group.resume!.rows ?? group.resume!.row} rows), and has fewer now`,
      where: { file: group.place.file, pos: group.place.pos, rows: group.rows },
    })
  }

  #emit(event: ChangeEvent, bytes: number): void {
    if (event.afterImage !== undefined || event.beforeImage !== undefined) this.#last = event
    this.#batch.add(event, bytes)
  }

  #describe(bytes: Buffer, start: number, end: number, header: EventHeader): void {
    const description = readFormatDescription(bytes, start, end)
    this.#checksum = description.checksum === 'crc32'
    if (this.#expected !== 0 && header.timestamp !== this.#expected) {
      throw new TailraceError('TR_MYSQL_BINLOG_RESET', { message: `The file ${this.#file} is not the one of the stored offset: it was begun at another time`, where: { file: this.#file, stored: this.#expected, found: header.timestamp } })
    }
    this.#expected = 0
    this.#fileBegun = header.timestamp
    this.#tables.forget()
    // the server repeats a file's first event at the start of every dump, with a position of zero
    if (header.nextPosition !== 0 && (header.flags & ARTIFICIAL) === 0 && this.#pos < header.nextPosition) this.#pos = header.nextPosition
  }

  #rotate(bytes: Buffer, start: number, end: number): void {
    const { file, pos } = readRotate(bytes, start, end)
    if (file !== this.#file) this.#tables.forget()
    this.#file = file
    this.#pos = pos
    // not known before its first event
    this.#fileBegun = 0
  }

  #heartbeat(bytes: Buffer, start: number, end: number, header: EventHeader): void {
    const { file, pos } = readHeartbeat(bytes, start, end, header)
    if (this.#group !== undefined) return
    this.#file = file
    if (pos > this.#pos) this.#pos = pos
  }

  /** `end_log_pos` has 32 bits, and in MariaDB from 11.4 on, inside of groups, it is zero. */
  #begin({ nextPosition, size }: EventHeader): number {
    if (nextPosition === 0) return this.#pos
    const begin = Math.floor(this.#pos / WRAP) * WRAP + ((nextPosition - size + WRAP) % WRAP)
    return begin < this.#pos - WRAP / 2 ? begin + WRAP : begin
  }

  /** Rotate events of the server's own making have a checksum or not before we know which it is; the bytes tell. */
  #withoutChecksum(bytes: Buffer, start: number, end: number, type: number): number {
    const uncertain = this.#checksum === undefined || type === EVENT.rotate
    if (!uncertain && this.#checksum === false) return end
    if (checksumMatches(bytes, start, end)) return end - CHECKSUM_BYTES
    if (uncertain) return end
    throw new TailraceError('TR_MYSQL_CHECKSUM', { message: `The checksum of the event at ${this.#file}:${this.#pos} is wrong`, where: { file: this.#file, pos: this.#pos } })
  }
}
