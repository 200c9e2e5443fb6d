import { readListing, unquoted } from '../oracle/binlog-listing.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { checkRelay, type Leg } from './relay.ts'

/** Debezium's offset, as far as it says where to go on. */
export interface BinlogFields {
  readonly file: string
  readonly pos: number
  readonly gtids?: string
  readonly event?: number
  readonly row?: number
  /** Our own. */
  readonly tailrace?: string
}

/** Where a change stands, as its record says. */
export interface Place {
  readonly file: string
  /** Of the event. */
  readonly pos: number
  /** Of the event's rows. */
  readonly row: number
}

/** A change that was delivered, in a few words that tell it from others, `c own1 7|a:..8`. */
export interface Delivered {
  readonly what: string
  readonly place: Place
}

interface Envelope {
  readonly op?: string
  readonly ddl?: string
  readonly source: { readonly table: string; readonly snapshot: string; readonly file: string; readonly pos: number; readonly row: number }
  readonly before: Readonly<Record<string, string | number | null>> | null
  readonly after: Readonly<Record<string, string | number | null>> | null
}

/** The words for a record's value; none for a tombstone, and for what a snapshot has told of the tables. */
export function binlogWordOf(value: unknown): string | undefined {
  if (value === null) return undefined
  const { op, ddl, source, before, after } = value as Envelope
  if (ddl !== undefined) return source.snapshot === 'false' ? statementWord(ddl) : undefined
  if (op === 't') return `t ${source.table}`
  return word(op!, source.table, Object.entries(op === 'd' ? before! : after!).map(([name, cell]) => checked(name, cell)))
}

export function deliveredOf(values: readonly unknown[]): Delivered[] {
  return values.flatMap((value) => {
    const what = binlogWordOf(value)
    if (what === undefined) return []
    const { file, pos, row } = (value as Envelope).source
    return [{ what, place: { file, pos, row } }]
  })
}

/** A value begins with the name of its column. */
function checked(name: string, cell: string | number | null): string {
  if (typeof cell === 'string' && !cell.startsWith(`${name}:`)) throw new Error(`the column ${name} has the value ${cell}`)
  return String(cell)
}

function word(op: string, table: string, cells: readonly string[]): string {
  return `${op} ${table} ${cells.map((cell) => (cell === 'NULL' ? 'null' : unquoted(cell))).join('|')}`
}

/** Every change in the log from a file on, in order, as the server's own program lists it. */
export async function logged(server: MysqlServer, files: readonly string[]): Promise<string[]> {
  const text = await server.mysqlbinlog('-v', '--base64-output=decode-rows', ...files)
  const words: string[] = []
  // statements that change tables stand between the rows
  for (const part of text.split(/^(?=(?:alter|create|truncate|drop) table )/im)) {
    const statement = /^(?:alter|create|truncate|drop) table .*$/im.exec(part)?.[0]
    if (statement !== undefined && part.startsWith(statement)) words.push(statementWord(statement))
    for (const { op, table, before, after } of readListing(part)) words.push(word(op, table.slice(table.indexOf('.') + 1), op === 'd' ? before! : after!))
  }
  return words
}

function statementWord(sql: string): string {
  const [, verb = '', table = ''] = /^(truncate|drop) table (?:if exists )?(?:`\w+`\.)?`?(\w+)/i.exec(sql) ?? []
  if (verb === '') return `s ${sql}`
  return verb.toLowerCase() === 'truncate' ? `t ${table}` : `s drop ${table}`
}

interface LoggedEvent {
  readonly Pos: number
  readonly Event_type: string
}

/** The log's events, by file. */
export type LoggedEvents = ReadonlyMap<string, readonly LoggedEvent[]>

/** Those that a replica is sent which has not asked for the statements' texts. */
export async function loggedEvents(server: MysqlServer, files: readonly string[]): Promise<LoggedEvents> {
  const events = new Map<string, LoggedEvent[]>()
  for (const file of files) events.set(file, (await server.query<LoggedEvent>(`show binlog events in '${file}'`)).filter(({ Event_type }) => Event_type !== 'Annotate_rows'))
  return events
}

/** What one of the two delivered, and the offset it left. */
export interface BinlogLeg extends Leg {
  /** As long as `delivered`; undefined: what the record says is not where the change stands. */
  readonly places: readonly (Place | undefined)[]
  readonly stored: BinlogFields
}

/**
 * Checks that from the first change that was delivered on nothing is missing and the order is kept, and that each leg begins exactly where the offset before it says: with the row that
 * follows so many events behind that BEGIN, and so many rows. A statement that changes tables, with which an offset of Debezium's may end, comes
 * again.
 */
export function checkBinlogRelay(legs: readonly BinlogLeg[], all: readonly string[], events: LoggedEvents): readonly { readonly name: string; readonly from: number; readonly to: number; readonly again: number }[] {
  const truth = all.slice(all.indexOf(legs.find(({ delivered }) => delivered.length > 0)!.delivered[0]!))
  const relay = checkRelay(legs.map((leg) => ({ ...leg, killed: true })), truth.map((what) => ({ what, lsn: '' })))
  const places = new Array<Place | undefined>(truth.length).fill(undefined)
  legs.forEach((leg, index) => leg.places.forEach((place, at) => {
    if (place === undefined) return
    const step = relay[index]!.from + at
    const known = (places[step] ??= place)
    if (/^[cud] /.test(truth[step]!) && JSON.stringify(known) !== JSON.stringify(place)) throw new Error(`${truth[step]} is at ${JSON.stringify(place)} for ${leg.name}, and was at ${JSON.stringify(known)}`)
  }))
  relay.slice(1).forEach(({ from, name }, index) => {
    const before = legs[index]!
    const { to } = relay[index]!
    const [next, last] = rangeOf(places, before.stored, events)
    const wrong = (what: string): Error => new Error(`${what}: ${before.name} ended with ${to} ${truth[to - 1]}, its offset says ${next === last ? next : `${next} to ${last}`} ${truth[next]}, ${name} began with ${from} ${truth[from]}; ${before.offset}`)
    // a delete whose tombstone is missing: Debezium's fields cannot say it, and have the row come again
    const partial = /"partial":1/.test(before.stored.tailrace?.replaceAll('\\', '') ?? '')
    // a statement's GTID is in an offset of Debezium's only behind the next transaction, whatever its place says
    const statement = from < next && before.stored.tailrace === undefined && truth.slice(from, next).every((what) => /^[st] /.test(what))
    if (next > to) throw wrong('the offset is ahead')
    if ((from < next || from > last) && !statement && !(partial && last + 1 === from)) throw wrong('it does not go on where the offset says')
    if (!before.killed && !partial && truth.slice(last, to).some((what) => /^[cud] /.test(what))) throw wrong('the offset is behind')
  })
  return relay
}

/** Between which changes an offset stands: the first that is not done, and the last that may be it, which is the same where all places are known. */
function rangeOf(places: readonly (Place | undefined)[], offset: BinlogFields, events: LoggedEvents): readonly [number, number] {
  const next = places.findIndex((place) => place !== undefined && !isDone(place, offset, events))
  const last = next === -1 ? places.length : next
  return [places.slice(0, last).findLastIndex((place) => place !== undefined) + 1, last]
}

/** Is a change at this place before an offset? */
function isDone({ file, pos, row }: Place, offset: BinlogFields, events: LoggedEvents): boolean {
  if (file !== offset.file) return file < offset.file
  const all = events.get(file)!
  const at = all.findIndex(({ Pos }) => Pos === pos)
  if (at === -1) throw new Error(`no event of ${file} begins at ${pos}: ${JSON.stringify(all.filter(({ Pos }) => Math.abs(Pos - pos) < 500))}`)
  // MariaDB's GTID event is the BEGIN as well, MySQL's stands before it
  const gtid = all.findLastIndex(({ Event_type }, index) => index <= at && /gtid$/i.test(Event_type))
  const begin = all[gtid + 1]?.Event_type === 'Query' && !isMariadb(all) ? gtid + 1 : gtid
  if (all[begin]!.Pos !== offset.pos) return all[begin]!.Pos < offset.pos
  const { event = 0, row: rows = 0 } = offset
  return at - begin < event || (at - begin === event && row < rows)
}

function isMariadb(events: readonly LoggedEvent[]): boolean {
  return events.some(({ Event_type }) => Event_type === 'Gtid_list')
}
