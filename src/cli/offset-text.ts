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
    lines.push(['for Debezium', theirs.length === 0 ? 'no form of it is known' : theirs.join(' ')])
  }
  return lines.map(([name, value]) => `${`${name}:`.padEnd(14)}${safeText(value)}\n`).join('')
}

function position({ position, partial }: StoredOffset): string {
  const member = (value: JsonValue | undefined, name: string): string => word((value as Record<string, JsonValue | undefined> | undefined)?.[name])
  const { lsn, transaction, after } = position
  const parts = [`everything committed before ${word(lsn)}`]
  if (transaction !== undefined) parts.push(`the first ${member(transaction, 'changes')} changes of the transaction committed at ${member(transaction, 'commitLsn')}`)
  if (after !== undefined) parts.push(`of the transaction after it, everything up to the change at ${member(after, 'changeLsn')}`)
  if (partial !== undefined) parts.push(`${partial} ${partial === 1 ? 'record' : 'records'} of the next change`)
  return parts.join(', and ')
}

function binding({ identity }: StoredOffset): string {
  const known = ['system', 'timeline', 'database', 'slot'].filter((name) => identity[name] !== undefined).map((name) => `${name} ${word(identity[name])}`)
  return known.length === 0 ? 'nothing yet: Debezium wrote it, the next start checks and binds it' : known.join(', ')
}

function word(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}
