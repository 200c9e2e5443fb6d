import type { KafkaClient, StoredRecord } from '../peer/kafka-client/kafka-client.ts'
import type { KafkaServer } from '../server/kafka.ts'

/** A change as a consumer of its topic sees it, JSON without schemas. */
export interface TopicChange {
  readonly op: string
  readonly id: number
  readonly lsn: number
  readonly partition: number
  readonly key: string | null
}

/** What a topic holds, read by Kafka's own client. Tombstones are left out. */
export async function changesOf(reader: KafkaClient, kafka: KafkaServer, topic: string, isolation: 'read_committed' | 'read_uncommitted' = 'read_committed'): Promise<TopicChange[]> {
  const records = await reader.read({ url: kafka.url, topic, isolation })
  return records.filter(({ value }) => value !== null).map(toChange)
}

function toChange({ value, key, partition }: StoredRecord): TopicChange {
  const { op, before, after, source } = JSON.parse(value!.toString()) as { op: string; before: { id: number } | null; after: { id: number } | null; source: { lsn: number } }
  return { op, id: (after ?? before)!.id, lsn: source.lsn, partition, key: key?.toString() ?? null }
}

/** Ids in the order in which each appeared first; repetitions are what a restart may bring. */
export function firstSeen(changes: readonly TopicChange[]): number[] {
  return [...new Set(changes.map(({ id }) => id))]
}

export function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1)
}
