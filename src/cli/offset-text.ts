import type { JsonValue } from '../event/position.ts'
import { encodeKey, type ConnectKey } from '../offset/connect/offset-key.ts'
import { debeziumFields } from '../offset/connect/offset-value.ts'
import type { StoredOffset } from '../offset/offset-store.ts'
import { safeText } from './value-text.ts'

/** A stored offset and where it lies. */
export interface ShownOffset {
  readonly engine: string
  readonly key: ConnectKey
  readonly place: string
  readonly offset: StoredOffset | undefined
}

/** For programs: one object, integers beyond 2^53 as text. */
export function offsetJson({ engine, key, place, offset }: ShownOffset): string {
  const debezium = offset === undefined ? null : fields(offset)
  return `${JSON.stringify({ engine, place, key: [key.engine, { server: key.server }], offset: offset ?? null, debezium })}\n`
}

function fields(offset: StoredOffset): Record<string, unknown> {
  const simple = (value: unknown): unknown => (typeof value !== 'bigint' ? value : Number.isSafeInteger(Number(value)) ? Number(value) : String(value))
  return Object.fromEntries(Object.entries(debeziumFields(offset)).map(([name, value]) => [name, simple(value)]))
}

/** For people: a line a fact. */
export function offsetText({ engine, key, place, offset }: ShownOffset): string {
  const lines: [string, string][] = [['engine', engine], ['stored in', place], ['under', encodeKey(key).toString()]]
  if (offset === undefined) lines.push(['offset', 'none'])
  else {
    lines.push(['phase', offset.position['phase'] === 'snapshot' ? 'snapshot: it is taken anew at the next start' : 'streaming'])
    lines.push(['position', position(offset)], ['bound to', binding(offset)])
    const theirs = Object.entries(fields(offset)).map(([name, value]) => `${name}=${String(value)}`)
    lines.push(['for Debezium', theirs.length > 0 ? theirs.join(' ') : offset.position['xa'] === undefined ? 'no form of it is known' : 'none, until the XA transactions are at their end'])
  }
  return lines.map(([name, value]) => `${`${name}:`.padEnd(14)}${safeText(value)}\n`).join('')
}

function position(offset: StoredOffset): string {
  const parts = offset.source === 'postgresql' ? postgresPosition(offset) : binlogPosition(offset)
  if (offset.partial !== undefined) parts.push(`${counted(offset.partial, 'record')} of the next change`)
  return parts.join(', and ')
}

function postgresPosition({ position }: StoredOffset): string[] {
  const member = (value: JsonValue | undefined, name: string): string => word((value as Record<string, JsonValue | undefined> | undefined)?.[name])
  const { lsn, transaction, after } = position
  const parts = [`everything committed before ${word(lsn)}`]
  if (transaction !== undefined) parts.push(`the first ${member(transaction, 'changes')} changes of the transaction committed at ${member(transaction, 'commitLsn')}`)
  if (after !== undefined) parts.push(`of the transaction after it, everything up to the change at ${member(after, 'changeLsn')}`)
  return parts
}

/** MySQL's and MariaDB's: with GTIDs they are what counts, and file and offset say where that is on the server they were read from. */
function binlogPosition({ position: { file, pos, gtids, transaction, xa } }: StoredOffset): string[] {
  const place = `${word(file)}:${word(pos)}`
  const parts = [gtids === undefined || gtids === '' ? `everything before ${place}` : `everything in the GTIDs ${word(gtids).replaceAll(/\s+/g, '')}, which is before ${place}`]
  if (transaction !== undefined) {
    const { rows, event, row } = transaction as Record<string, JsonValue | undefined>
    const done = rows === undefined ? `${counted(Number(event), 'event')} and ${counted(Number(row), 'row')} of the next one` : `the first ${counted(Number(rows), 'row')}`
    parts.push(`of the transaction after it, ${done}`)
  }
  if (Array.isArray(xa) && xa.length > 0) parts.push(`${counted(xa.length, 'XA transaction')} prepared: ${(xa as { xid?: JsonValue; file?: JsonValue; pos?: JsonValue }[]).map(({ xid, file: at, pos: offset }) => `${word(xid)} at ${word(at)}:${word(offset)}`).join('; ')}`)
  return parts
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** Members of identities, PostgreSQL's and the others'. */
const BOUND_TO = [['system', 'system'], ['timeline', 'timeline'], ['database', 'database'], ['slot', 'slot'], ['server', 'server'], ['serverId', 'server id']] as const

function binding({ identity }: StoredOffset): string {
  const known = BOUND_TO.filter(([name]) => identity[name] !== undefined).map(([name, title]) => `${title} ${word(identity[name])}`)
  return known.length === 0 ? 'nothing yet: Debezium wrote it, the next start checks and binds it' : known.join(', ')
}

function word(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}
