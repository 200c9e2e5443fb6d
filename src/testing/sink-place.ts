import type { Sink } from '../sink/sink.ts'

/** A record as it came out at a sink's other end, its bytes read as UTF-8. */
export interface ReceivedRecord {
  readonly destination: string
  readonly key: string | null
  readonly value: string | null
  readonly headers: Readonly<Record<string, string>>
}

/** A destination that is empty at first, and how to look into it. */
export interface SinkPlace {
  /** The sink under test. Called once. */
  sink(): Sink
  /**
   * What the destination holds durably now, in the order it was delivered: records, or for a sink of events their ids. A
   * destination that makes things visible late waits until everything the sink called durable is there.
   */
  received(): Promise<readonly (ReceivedRecord | string)[]>
  /** How a record looks at the other end, where the destination cannot hold all of it (headers, an absent key). Default: as it was sent. */
  arrives?(record: ReceivedRecord): ReceivedRecord
  /** What the destination keeps in order: everything, or the records of one destination and key. Default `all`. */
  readonly order?: 'all' | 'key'
  /** Makes the destination refuse everything from now on; left out, the rules of failures are not checked. */
  refuse?(): void | Promise<void>
  /** Removes the place, once the sink is disposed. */
  remove?(): Promise<void>
}
