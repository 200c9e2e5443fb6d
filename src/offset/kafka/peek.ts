import type { ClientContext } from '../../kafka/client.ts'
import { openClient } from '../../kafka/open-client.ts'
import { reachNothing } from '../../observe/failpoint.ts'
import { silentLogger } from '../../observe/logger.ts'
import { systemClock } from '../../time/clock.ts'
import type { StoredOffset } from '../offset-store.ts'
import { OffsetTopic } from './offset-topic.ts'
import type { KafkaOffsetsOptions } from './options.ts'

/**
 * What {@link kafkaOffsets} would load, without becoming the topic's owner: an engine that uses it goes on. Nothing is made; a topic that
 * does not exist holds no offset. Errors: as loading it, but those of writing.
 */
export async function peekKafkaOffset(options: KafkaOffsetsOptions, engine: string, signal: AbortSignal): Promise<StoredOffset | undefined> {
  const context: ClientContext = { clock: systemClock, random: Math.random, logger: silentLogger, reach: reachNothing, warn: () => {} }
  const topic = new OffsetTopic(options, () => systemClock.nowMicros())
  await using client = openClient(options, context)
  await client.connect(signal)
  if ((await client.partitionsOf(options.topic, false, signal)) === undefined) return undefined
  await topic.prepare(client, signal)
  return (await topic.read(client, engine, signal))?.offset
}
