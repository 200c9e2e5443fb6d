import type { ChangeEvent } from '../event/change-event.ts'

/** Makes a batch of what was collected between two positions. */
export type MakeBatch<Position, Batch> = new (events: readonly ChangeEvent[], bytes: number, start: Position, end: Position) => Batch

/** Collects events until somebody takes them. */
export class BatchBuilder<Position, Batch> {
  #events: ChangeEvent[] = []
  #bytes = 0
  #start: Position
  readonly #make: MakeBatch<Position, Batch>
  readonly #maxEvents: number
  readonly #maxBytes: number

  constructor(make: MakeBatch<Position, Batch>, start: Position, maxEvents: number, maxBytes: number) {
    this.#make = make
    this.#start = start
    this.#maxEvents = maxEvents
    this.#maxBytes = maxBytes
  }

  add(event: ChangeEvent, bytes: number): void {
    this.#events.push(event)
    this.#bytes += bytes
  }

  /** The parts of one change count as one. */
  get full(): boolean {
    return this.#events.length >= this.#maxEvents || this.#bytes >= this.#maxBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  get empty(): boolean {
    return this.#events.length === 0
  }

  get start(): Position {
    return this.#start
  }

  /** A better name for where the batch begins; nothing where something was collected already. */
  begin(start: Position): void {
    if (this.empty) this.#start = start
  }

  /** What was collected, ending at `end`; the next batch begins there. */
  cut(end: Position): Batch {
    const batch = new this.#make(this.#events, this.#bytes, this.#start, end)
    this.#events = []
    this.#bytes = 0
    this.#start = end
    return batch
  }
}
