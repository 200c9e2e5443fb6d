import { readLine, type Change } from '../oracle/test-decoding.ts'
import type { PostgresServer } from '../server/postgres.ts'

/** One event that a change is delivered as, in a few words that tell it from others: `c item 5 v7`. */
export interface Step {
  readonly what: string
  /** Where its change stands in the WAL. */
  readonly lsn: string
}

/** Everything that was committed since the slot was made, in order, from the server's own decoder. */
export async function committed(server: PostgresServer, database: string, slot: string): Promise<Step[]> {
  const rows = await server.query<{ lsn: string; data: string }>(`select lsn::text, data from pg_logical_slot_peek_changes('${slot}', null, null)`, database)
  return rows.flatMap(({ lsn, data }) => readLine(data).flatMap(wordsOf).map((what) => ({ what, lsn })))
}

function wordsOf({ op, table, ...change }: Change): string[] {
  // every column is a number, as text
  const [old, now] = [change.old, change.now] as Readonly<Record<string, string>>[] as [Record<string, string>, Record<string, string>]
  const name = table.replace('public.', '')
  if (op === 'm') return [`m ${now['content']!}`]
  if (op === 't') return [`t ${name}`]
  if (op === 'd') return [`d ${name} ${old['id']}`]
  const row = `${name} ${now['id']} v${now['v'] ?? ''}`
  // a changed key is a delete and a create
  if (op === 'u' && old['id'] !== undefined && old['id'] !== now['id']) return [`d ${name} ${old['id']}`, `c ${row}`]
  return [`${op} ${row}`]
}

interface Envelope {
  readonly op: string
  readonly source: { readonly table: string }
  readonly before: Readonly<Record<string, number>> | null
  readonly after: Readonly<Record<string, number>> | null
  readonly message?: { readonly content: string }
}

/** The same words for a record's value; none for a tombstone. */
export function wordOf(value: unknown): string | undefined {
  if (value === null) return undefined
  const { op, source, before, after, message } = value as Envelope
  if (op === 'm') return `m ${Buffer.from(message!.content, 'base64').toString()}`
  if (op === 't') return `t ${source.table}`
  if (op === 'd') return `d ${source.table} ${before!['id']}`
  return `${op} ${source.table} ${after!['id']} v${after!['v'] ?? ''}`
}

/** What one of several consumers of the same slot delivered. */
export interface Leg {
  readonly name: string
  readonly delivered: readonly string[]
  /** Where the change stands that the offset it left names as the last; undefined: the last that it delivered, for it stopped in order. */
  readonly last: string | undefined
  /** It was killed, and its offset may be far behind. */
  readonly killed: boolean
  /** The offset it left, for messages. */
  readonly offset: string
}

/**
 * Checks that every leg delivered a gapless piece of the truth, that each begins no later than where the one before ended, and that
 * nothing is delivered twice but what shares a WAL record with the change that the stored offset names. Returns how much was.
 */
export function checkRelay(legs: readonly Leg[], truth: readonly Step[]): { readonly name: string; readonly from: number; readonly to: number; readonly again: number }[] {
  let reached = 0
  let before: (Leg & { readonly to: number }) | undefined
  return legs.map((leg) => {
    const from = leg.delivered.length === 0 ? reached : placeOf(leg, truth, reached)
    const again = reached - from
    if (again > 0 && before?.killed !== true) {
      // one that was killed may have left an offset that is far back, from which the next has not come as far again
      const { what, lsn } = truth[(before?.to ?? reached) - 1]!
      const last = before?.last ?? lsn
      if (truth[from]!.lsn !== last && truth[from - 1]?.lsn !== last) {
        throw new Error(`${leg.name} delivers ${again} events again, from ${truth[from]!.lsn} ${truth[from]!.what}; the offset of ${before?.name} names ${last}, its last event was at ${lsn} ${what}; ${before?.offset}`)
      }
    }
    const to = from + leg.delivered.length
    reached = Math.max(reached, to)
    before = { ...leg, to }
    return { name: leg.name, from, to, again }
  })
}

/** Where in the truth the leg's events stand; the latest place that leaves no gap. */
function placeOf(leg: Leg, truth: readonly Step[], reached: number): number {
  for (let from = Math.min(reached, truth.length - 1); from >= 0; from--) {
    if (truth[from]!.what === leg.delivered[0] && leg.delivered.every((what, index) => truth[from + index]?.what === what)) return from
  }
  const first = truth.findIndex(({ what }) => what === leg.delivered[0])
  const differs = leg.delivered.findIndex((what, index) => truth[first + index]?.what !== what)
  throw new Error(
    `${leg.name} begins with ${leg.delivered[0]}, which is number ${first}; ${reached} were delivered before. ` +
      (differs < 0 ? `Between are ${truth.slice(reached, first).slice(0, 10).map(({ what, lsn }) => `${lsn} ${what}`).join(', ')}` : `Event ${differs} is ${leg.delivered[differs]}, not ${truth[first + differs]?.what}, after ${leg.delivered[differs - 1]}`),
  )
}
