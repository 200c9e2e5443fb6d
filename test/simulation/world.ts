import type { Clock } from '../../src/time/clock.ts'
import { eventUnits, History, recordUnits, type SimPosition, type Units } from './history.ts'
import { Random } from './random.ts'
import { VirtualClock } from './virtual-clock.ts'

/** How often things fail in one life; all 0 in the last one. */
export interface Mishaps {
  /** Of each opening and each pull: the connection breaks. */
  readonly disconnect: number
  /** Of each opening and each pull: an error that no retry can help. */
  readonly final: number
  /** Of each opening: what is stored is of no use, a new snapshot is taken. */
  readonly again: number
  readonly reject: number
  readonly never: number
  readonly flush: number
  readonly save: number
  readonly delay: number
}

/** One engine, from its making to its end. */
export interface Life {
  readonly number: number
  alive: boolean
  readonly clock: Clock
  readonly mishaps: Mishaps
  /** Codes of errors that may be its end, because they were made to happen. */
  readonly blame: Set<string>
  /** An error that forbids to go on happened here. */
  finalError: string | undefined
  stopAskedAt: number | undefined
  ended: boolean
}

/** What outlives the engines, and what is true of it: C ≤ R ≤ D ≤ S. Every number is an index into the units of one line. */
export class World {
  readonly random: Random
  readonly clock: VirtualClock = new VirtualClock()
  readonly accepts: 'events' | 'records'
  readonly units: Units
  readonly history: History
  readonly violations: string[] = []
  readonly trace: string[] = []
  /** The snapshot that deliveries go on from; undefined before the first. */
  line: number | undefined
  /** What the sink holds durably, over all lives, with repetitions, of the present line. */
  durable: string[] = []
  sent = 0
  durableIndex = 0
  /** As the store holds it. */
  stored: { readonly position: SimPosition; readonly partial: number } | undefined
  confirmed: SimPosition | undefined
  /** A sink has lost what it accepted: what it took behind that is durable, with a hole before it. */
  lossy = false
  /** What the engine's figures showed last, since the stream was opened. */
  shown: readonly number[] = []

  constructor(seed: number) {
    this.random = new Random(seed)
    this.accepts = this.random.pick(['events', 'records'])
    this.units = this.accepts === 'events' ? eventUnits : recordUnits
    this.history = new History(this.random, this.units)
  }

  note(line: string): void {
    this.trace.push(`${this.clock.monotonicMs().toFixed(0).padStart(8)} ${line}`)
  }

  violate(what: string): void {
    this.note(`VIOLATION ${what}`)
    this.violations.push(what)
  }

  get storedIndex(): number {
    return this.stored === undefined || this.stored.position.snapshot !== this.line ? 0 : this.history.index(this.stored.position, this.stored.partial)
  }

  /** A new snapshot: everything is delivered anew. */
  beginLine(snapshot: number): void {
    this.line = snapshot
    this.durable = []
    this.sent = this.durableIndex = 0
    this.confirmed = undefined
  }

  /** Deliveries go on from here: what was sent after it comes again. */
  resume(index: number): void {
    this.sent = index
  }

  /** Holds at all times. */
  check(): void {
    const { storedIndex, durableIndex, sent } = this
    const confirmedIndex = this.confirmed === undefined ? 0 : this.history.index(this.confirmed, 0)
    if (confirmedIndex > storedIndex) this.violate(`C ≤ R: confirmed ${confirmedIndex}, stored ${storedIndex}`)
    if (storedIndex > durableIndex) this.violate(`R ≤ D: stored ${storedIndex}, durable ${durableIndex}`)
    if (Math.max(sent, durableIndex) < durableIndex) this.violate(`D ≤ S: durable ${durableIndex}, sent ${sent}`)
    if (this.confirmed !== undefined && this.stored !== undefined && this.confirmed.snapshot === this.stored.position.snapshot && this.confirmed.compare(this.stored.position) > 0) this.violate(`C ≤ R: ${String(this.confirmed)} ${String(this.stored.position)}`)
  }
}
