import type { JsonValue, Position } from '../../event/position.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { GtidPosition } from './gtid/gtid-position.ts'

/** A place between two events of a binary log file. */
export interface LogPlace {
  /** `binlog.000042`. */
  readonly file: string
  /** Offset of the next event's first byte. */
  readonly pos: number
}

/** The same by a constructor, for the one that every transaction has (TransactionFacts). */
export class GroupPlace implements LogPlace {
  readonly file: string
  readonly pos: number

  constructor(file: string, pos: number) {
    this.file = file
    this.pos = pos
  }
}

/** How much of the transaction that begins at a position is durable. */
export interface PartOfTransaction {
  /** Rows done, counted before any filter. Undefined: the offset is Debezium's, which counts otherwise. */
  readonly rows: number | undefined
  /** As Debezium counts: events behind the BEGIN up to and with the one of the last row, and the rows done of that event. */
  readonly event: number
  readonly row: number
  /** Offset of the BEGIN, which Debezium's offsets name: behind the GTID event, where the log has one. */
  readonly begin: number
  /** The transaction's GTID, undefined where it has none. */
  readonly gtid: string | undefined
}

/** An XA transaction that was prepared and neither committed nor rolled back: its rows must be read again after a restart. */
export interface OpenXa extends LogPlace {
  /** As the server prints it: `X'…',X'…',1`. */
  readonly xid: string
}

/** What a position says beside its place. */
export interface PositionDetail {
  readonly part?: PartOfTransaction | undefined
  readonly xa?: readonly OpenXa[] | undefined
  /** Of the server that wrote what comes before; 0: not known. */
  readonly serverId?: number | undefined
  /** When that was written, seconds since 1970; 0: not known. */
  readonly seconds?: number | undefined
  /** When the file was begun, seconds since 1970; 0: not known. After RESET a file of the same name has other things at the same place. */
  readonly begun?: number | undefined
}

/**
 * A place in the binary log: a boundary between transactions, and how much of the next one is done. With GTIDs they are what counts;
 * file and offset then say where it was on the server that they were read from.
 */
export class MysqlPosition implements Position, LogPlace {
  readonly phase: 'snapshot' | 'stream'
  readonly file: string
  readonly pos: number
  readonly gtids: GtidPosition | undefined
  readonly part: PartOfTransaction | undefined
  readonly xa: readonly OpenXa[]
  readonly serverId: number
  readonly seconds: number
  readonly begun: number

  constructor(phase: 'snapshot' | 'stream', { file, pos }: LogPlace, gtids: GtidPosition | undefined, { part, xa = [], serverId = 0, seconds = 0, begun = 0 }: PositionDetail = {}) {
    this.phase = phase
    this.file = file
    this.pos = pos
    this.gtids = gtids
    this.part = part
    this.xa = xa
    this.serverId = serverId
    this.seconds = seconds
    this.begun = begun
  }

  compare(other: Position): number {
    const that = other as MysqlPosition
    if (this.phase !== that.phase) return this.phase === 'snapshot' ? -1 : 1
    if (this.gtids !== undefined && that.gtids !== undefined && !this.gtids.equals(that.gtids)) {
      if (this.gtids.isSubsetOf(that.gtids)) return -1
      if (that.gtids.isSubsetOf(this.gtids)) return 1
    } else if (this.gtids !== undefined && areOfOneTransaction(this.part, that.part)) return compareParts(this.part, that.part)
    return comparePlaces(begin(this), begin(that)) || compareParts(this.part, that.part)
  }

  toJSON(): { readonly [key: string]: JsonValue | undefined } {
    const { phase, file, pos, gtids, part, xa, serverId, seconds, begun } = this
    return {
      phase, file, pos,
      ...(gtids === undefined ? {} : { gtids: gtids.toString() }),
      ...(part === undefined ? {} : { transaction: { ...(part.rows === undefined ? {} : { rows: part.rows }), event: part.event, row: part.row, begin: part.begin, ...(part.gtid === undefined ? {} : { gtid: part.gtid }) } }),
      ...(xa.length === 0 ? {} : { xa: xa.map(({ xid, file: at, pos: offset }) => ({ xid, file: at, pos: offset })) }),
      ...(serverId === 0 ? {} : { serverId }),
      ...(seconds === 0 ? {} : { seconds }),
      ...(begun === 0 ? {} : { begun }),
    }
  }

  toString(): string {
    const { part } = this
    const place = this.gtids === undefined || this.gtids.empty ? `${this.file}:${this.pos}` : this.gtids.toString()
    return part === undefined ? place : `${place} and ${part.rows === undefined ? `${part.event} events, ${part.row} rows` : `${part.rows} rows`}`
  }

  /** `parseGtids`: that of the server's kind. Errors: TR_OFFSET_CORRUPT. */
  static fromJSON(json: { readonly [key: string]: JsonValue | undefined }, parseGtids: (text: string) => GtidPosition): MysqlPosition {
    const { phase, gtids } = json
    if (phase !== 'snapshot' && phase !== 'stream') throw damaged('phase')
    if (gtids !== undefined && typeof gtids !== 'string') throw damaged('gtids')
    return new MysqlPosition(phase, readPlace(json, 'file'), gtids === undefined ? undefined : parseGtids(gtids), {
      part: readPart(json['transaction']), xa: readXa(json['xa']), serverId: natural(json['serverId'] ?? 0, 'serverId'), seconds: natural(json['seconds'] ?? 0, 'seconds'), begun: natural(json['begun'] ?? 0, 'begun'),
    })
  }
}

/** Files of one server are numbered (`binlog.000009`, later `binlog.1000000`); those of two have no order. */
export function comparePlaces(here: LogPlace, there: LogPlace): number {
  if (here.file === there.file) return here.pos - there.pos
  return fileNumber(here.file) - fileNumber(there.file)
}

function fileNumber(file: string): number {
  const number = Number(file.slice(file.lastIndexOf('.') + 1))
  return Number.isFinite(number) ? number : 0
}

/** Debezium's offset names the BEGIN inside of a transaction, ours the GTID event before it. */
function begin({ file, pos, part }: MysqlPosition): LogPlace {
  return part === undefined ? { file, pos } : { file, pos: part.begin }
}

/** Wherever it was read: at another server its place is another one. Debezium does not say which one it is, but what was done before is the same. */
function areOfOneTransaction(here: PartOfTransaction | undefined, there: PartOfTransaction | undefined): boolean {
  if (here === undefined || there === undefined) return false
  if (here.gtid !== undefined && there.gtid !== undefined) return here.gtid === there.gtid
  return (here.gtid ?? there.gtid) !== undefined && (here.rows === undefined || there.rows === undefined)
}

function compareParts(here: PartOfTransaction | undefined, there: PartOfTransaction | undefined): number {
  if (here?.rows !== undefined && there?.rows !== undefined) return here.rows - there.rows
  return (here?.event ?? 0) - (there?.event ?? 0) || (here?.row ?? 0) - (there?.row ?? 0)
}

function readPlace(json: { readonly [key: string]: JsonValue | undefined }, member: string): LogPlace {
  const { file, pos } = json
  if (typeof file !== 'string') throw damaged(member)
  return { file, pos: natural(pos, 'pos') }
}

function readPart(value: JsonValue | undefined): PartOfTransaction | undefined {
  if (value === undefined) return undefined
  const { rows, event, row, begin, gtid } = members(value, 'transaction')
  if (gtid !== undefined && typeof gtid !== 'string') throw damaged('transaction.gtid')
  return { rows: rows === undefined ? undefined : natural(rows, 'transaction.rows'), event: natural(event, 'transaction.event'), row: natural(row, 'transaction.row'), begin: natural(begin, 'transaction.begin'), gtid }
}

function readXa(value: JsonValue | undefined): readonly OpenXa[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw damaged('xa')
  return (value as readonly JsonValue[]).map((one) => {
    const open = members(one, 'xa')
    if (typeof open['xid'] !== 'string') throw damaged('xa.xid')
    return { xid: open['xid'], ...readPlace(open, 'xa.file') }
  })
}

function members(value: JsonValue, member: string): { readonly [key: string]: JsonValue | undefined } {
  if (typeof value !== 'object' || value === null) throw damaged(member)
  return value as { readonly [key: string]: JsonValue | undefined }
}

function natural(value: JsonValue | undefined, member: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw damaged(member)
  return value
}

function damaged(member: string): TailraceError {
  return new TailraceError('TR_OFFSET_CORRUPT', { message: `The stored position’s ${member} is not valid`, where: { member } })
}
