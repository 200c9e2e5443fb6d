import type { ChangeEvent } from '../../src/event/change-event.ts'
import type { JsonValue, Position } from '../../src/event/position.ts'
import { sampleEvent } from '../../src/testing/sample-event.ts'
import type { Random } from './random.ts'

/** A committed transaction. `commit` may be the end of the one before: adjacent commits. */
export interface Committed {
  readonly commit: number
  readonly end: number
  /** Milliseconds of the simulation's time at which it commits. */
  readonly at: number
  /** Changes, of one part or two. */
  readonly changes: readonly (readonly ChangeEvent[])[]
}

/** Where the history can be resumed: everything with `commit < lsn` is done, and `changes` of the transaction that commits at `commit`. */
export class SimPosition implements Position {
  readonly phase: 'snapshot' | 'stream'
  /** The snapshot that this line of deliveries began with. */
  readonly snapshot: number
  readonly lsn: number
  readonly part: { readonly commit: number; readonly changes: number } | undefined

  constructor(phase: 'snapshot' | 'stream', snapshot: number, lsn: number, part?: { readonly commit: number; readonly changes: number }) {
    this.phase = phase
    this.snapshot = snapshot
    this.lsn = lsn
    this.part = part
  }

  compare(that: SimPosition): number {
    if (this.phase !== that.phase) return this.phase === 'snapshot' ? -1 : 1
    return (this.part?.commit ?? this.lsn) - (that.part?.commit ?? that.lsn) || (this.part?.changes ?? 0) - (that.part?.changes ?? 0)
  }

  toJSON(): { readonly [key: string]: JsonValue | undefined } {
    return { phase: this.phase, snapshot: this.snapshot, lsn: this.lsn, ...(this.part === undefined ? {} : { part: { ...this.part } }) }
  }

  toString(): string {
    return JSON.stringify(this.toJSON())
  }

  static from(json: unknown): SimPosition {
    const { phase, snapshot, lsn, part } = json as SimPosition
    return new SimPosition(phase, snapshot, lsn, part)
  }
}

/** What the sink counts: events, or the records that the simulation's format makes of them. */
export type Units = (event: ChangeEvent) => string[]

export const eventUnits: Units = (event) => [event.id]

/** None (filtered), one, or two (a delete and its tombstone) records an event. */
export const recordUnits: Units = (event) => [[`${event.id}#0`], [`${event.id}#0`, `${event.id}#1`], [], [`${event.id}#0`]][(Number(event.transaction.id) + event.ordinal + event.part) % 4]!

/** Everything that a database commits in one run, and what must come out at the other end. */
export class History {
  readonly transactions: readonly Committed[]
  readonly #units: Units
  readonly #snapshots: { readonly point: number; readonly rows: readonly ChangeEvent[] }[] = []
  readonly #lines: string[][] = []
  /** Of each line: its units in all before each transaction. */
  readonly #before: Map<number, number>[] = []

  constructor(random: Random, units: Units) {
    this.#units = units
    const transactions: Committed[] = []
    let lsn = 1_000
    let at = 0
    for (let number = 1, count = random.between(2, 25); number <= count; number++) {
      const commit = lsn + (random.chance(0.5) ? 0 : random.between(1, 20))
      const size = random.chance(0.1) ? random.between(15, 50) : random.between(1, 4)
      at += random.chance(0.5) ? 0 : random.between(1, 4_000)
      transactions.push({ commit, end: commit + random.between(1, 8), at, changes: changesOf(number, size, random) })
      lsn = transactions.at(-1)!.end
    }
    this.transactions = transactions
  }

  /** The greatest end of a commit until `now`; keepalives tell of it. */
  endAt(now: number): number {
    return this.transactions.findLast(({ at }) => at <= now)?.end ?? 1_000
  }

  /** Reads what is committed now: the line of deliveries that begins so, by number. */
  snapshot(now: number, random: Random): number {
    const number = this.#snapshots.length
    const transaction = { id: String(number), timestampMicros: 1n, identity: `snapshot:${number}` }
    const rows = Array.from({ length: random.pick([0, 1, 3, 12]) }, (_, ordinal) => sampleEvent({ id: ordinal, op: 'r', transaction, ordinal }))
    const point = this.endAt(now)
    const line = rows.flatMap(this.#units)
    const before = new Map<number, number>()
    for (const { commit, changes } of this.transactions) {
      before.set(commit, line.length)
      if (commit >= point) line.push(...changes.flat().flatMap(this.#units))
    }
    this.#snapshots.push({ point, rows })
    this.#lines.push(line)
    this.#before.push(before)
    return number
  }

  rows(snapshot: number): readonly ChangeEvent[] {
    return this.#snapshots[snapshot]!.rows
  }

  point(snapshot: number): number {
    return this.#snapshots[snapshot]!.point
  }

  /** All units in order. */
  line(snapshot: number): readonly string[] {
    return this.#lines[snapshot]!
  }

  /** How many units of its line are done at a stored position. */
  index({ phase, snapshot, lsn, part }: SimPosition, partial: number): number {
    if (phase === 'snapshot') return 0
    const line = this.line(snapshot)
    const next = this.transactions.find(({ commit }) => commit >= (part?.commit ?? lsn))
    const done = part === undefined || next === undefined ? 0 : next.changes.slice(0, part.changes).flat().flatMap(this.#units).length
    return (next === undefined ? line.length : this.#before[snapshot]!.get(next.commit)!) + done + partial
  }
}

function changesOf(number: number, size: number, random: Random): ChangeEvent[][] {
  const transaction = { id: String(number), timestampMicros: BigInt(number), identity: `tx:${number}` }
  return Array.from({ length: size }, (_, ordinal) => {
    const one = (op: 'c' | 'd' | 'u', part: number): ChangeEvent => sampleEvent({ id: number * 100 + ordinal, op, transaction, ordinal, part })
    return random.chance(0.25) ? [one('d', 0), one('c', 1)] : [one(random.pick(['c', 'd', 'u']), 0)]
  })
}
