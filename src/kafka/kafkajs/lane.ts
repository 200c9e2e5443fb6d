import type { PartitionBatch } from '../partition-batch.ts'

/** A batch on its way: what it was given, and who waits for it. */
export interface Shipment {
  readonly batch: PartitionBatch
  /** Counts all shipments of a producer: what was given earlier leaves earlier. */
  readonly number: number
  /** Its sequence number, once it has one: a repetition must have the same. */
  sequence: number | undefined
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** The name of its partition. */
export function placeOf({ batch: { topic, partition } }: Shipment): string {
  return `${topic}:${partition}`
}

/** Requests that a broker may have unanswered: with up to five, it keeps an idempotent producer's order (KAFKA-5494). */
const MAX_IN_FLIGHT = 5

/** What waits for one broker, in order. */
export class Lane {
  readonly nodeId: number
  inFlight = 0
  #waiting: Shipment[] = []
  #turn: Promise<unknown> = Promise.resolve()

  constructor(nodeId: number) {
    this.nodeId = nodeId
  }

  get ready(): boolean {
    return this.#waiting.length > 0 && this.inFlight < MAX_IN_FLIGHT
  }

  add(shipment: Shipment): void {
    this.#waiting.push(shipment)
  }

  /** What goes into the next request: at most one batch a partition, about `maxBytes`, nothing that would overtake, and of the partitions that are `held` nothing. */
  take(maxBytes: number, held: ReadonlySet<string>): Shipment[] {
    const taken: Shipment[] = []
    const left: Shipment[] = []
    const partitions = new Set<string>()
    let bytes = 0
    for (const shipment of this.#waiting) {
      const place = placeOf(shipment)
      const { length } = shipment.batch
      const fits = !held.has(place) && !partitions.has(place) && (taken.length === 0 || bytes + length <= maxBytes)
      partitions.add(place)
      if (fits) {
        taken.push(shipment)
        bytes += length
      } else left.push(shipment)
    }
    this.#waiting = left
    return taken
  }

  /** Runs `work` once what was given before is done: a request must not overtake while a connection is made or a login is renewed. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => {})
    return done
  }

  /** Everything that waits; the lane is empty afterwards. */
  clear(): Shipment[] {
    const waiting = this.#waiting
    this.#waiting = []
    return waiting
  }
}
