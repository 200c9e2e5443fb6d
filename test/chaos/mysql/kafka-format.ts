import type { ChangeEvent, Format } from '../../../src/index.ts'

/** Beside what the format wrote: the event's id, its transaction's, and the topic that the record would have been for. */
export const EVIDENCE = 'chaos'
export type Evidence = readonly [id: string, transaction: string, destination: string]

/** Debezium's records as a format writes them, with evidence in a header of their own, all in one topic: its order is the order of everything. */
export function evident(format: Format, topic: string): Format {
  return {
    ready: (events, signal) => format.ready?.(events, signal),
    encode(event: ChangeEvent, into, nowMicros) {
      const from = into.count
      format.encode(event, into, nowMicros)
      for (let at = from; at < into.count; at++) {
        const evidence: Evidence = [event.id, event.transaction.id, into.destination[at]!]
        into.headers[at] = [...into.headers[at]!, { name: EVIDENCE, value: Buffer.from(JSON.stringify(evidence)) }]
        into.destination[at] = topic
      }
    },
  }
}
