import type { JsonValue } from '../event/position.ts'
import type { StoredOffset } from './offset-store.ts'

// JSON.parse builds whatever depth it is given; what walks the result recursively has to stop before the stack does.
const MAX_DEPTH = 16

/**
 * A deep copy of an offset that holds nothing but JSON; members that are undefined are left out. What a store keeps and
 * hands out is always such a copy, so that nobody can change a stored offset through an object they still have.
 * Throws a TypeError naming the member that is missing, surplus or of a wrong type; never its value.
 */
export function copyOffset(value: unknown): StoredOffset {
  const members = object(value, 'offset')
  for (const name of Object.keys(members)) {
    if (!['engine', 'source', 'identity', 'position', 'partial'].includes(name)) throw new TypeError(`unknown member ${JSON.stringify(name)}`)
  }
  const { partial } = members
  if (partial !== undefined && !(Number.isSafeInteger(partial) && (partial as number) >= 0)) throw new TypeError('partial is not a count')
  return {
    engine: name(members, 'engine'),
    source: name(members, 'source'),
    identity: copyObject(object(members.identity, 'identity'), 'identity', 1),
    position: copyObject(object(members.position, 'position'), 'position', 1),
    ...(partial === undefined ? {} : { partial: (partial as number) + 0 }),
  }
}

function name(members: Readonly<Record<string, unknown>>, member: string): string {
  const value = members[member]
  if (typeof value !== 'string' || value === '') throw new TypeError(`${member} is not a name`)
  return value
}

function object(value: unknown, where: string): Readonly<Record<string, unknown>> {
  // Dates, Maps, Buffers and the like would be stored as something else than they are.
  if (Object.prototype.toString.call(value) !== '[object Object]') throw new TypeError(`${where} is not an object`)
  return value as Readonly<Record<string, unknown>>
}

function copyObject(value: Readonly<Record<string, unknown>>, where: string, depth: number): Record<string, JsonValue> {
  if (depth > MAX_DEPTH) throw new TypeError(`${where} is nested deeper than ${MAX_DEPTH} levels`)
  const copies: [string, JsonValue][] = []
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) copies.push([key, copyValue(member, `${where}.${key}`, depth + 1)])
  }
  // fromEntries defines own properties, so that a key "__proto__" stays a key.
  return Object.fromEntries(copies)
}

function copyValue(value: unknown, where: string, depth: number): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') {
    // JSON has no word for these: they would come back as null.
    if (!Number.isFinite(value)) throw new TypeError(`${where} is not a finite number`)
    // JSON.stringify writes -0 as 0: what is kept in memory and what is read back are the same.
    return value + 0
  }
  if (!Array.isArray(value)) return copyObject(object(value, where), where, depth)
  if (depth > MAX_DEPTH) throw new TypeError(`${where} is nested deeper than ${MAX_DEPTH} levels`)
  return Array.from(value, (item: unknown, index) => copyValue(item, `${where}[${index}]`, depth + 1))
}
