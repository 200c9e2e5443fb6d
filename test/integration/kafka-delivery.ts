import { reachNothing } from '../../src/observe/failpoint.ts'
import type { Logger } from '../../src/observe/logger.ts'
import { kafkaSink, type KafkaSinkOptions } from '../../src/kafka.ts'
import { sampleRecords, type SampleRecord } from '../../src/testing/index.ts'
import { systemClock } from '../../src/time/clock.ts'
import type { SinkContext } from '../../src/sink/sink.ts'
import type { TailraceError } from '../../src/index.ts'

export const never = new AbortController().signal

/** What an engine lends to a sink; warnings and log lines go to whoever asks. */
export function sinkContext(warn: (error: TailraceError) => void = () => {}, log: (line: unknown) => void = () => {}): SinkContext {
  const at = (level: string) => (message: string, detail?: object) => log({ level, message, detail })
  const logger: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  return { engine: 'delivery', clock: systemClock, random: Math.random, logger, reach: reachNothing, warn }
}

/** Opens a Kafka sink as an engine does, writes the records in one batch and flushes. */
export async function deliver(options: KafkaSinkOptions, records: readonly SampleRecord[], context = sinkContext()): Promise<void> {
  await using sink = kafkaSink(options)
  await sink.open!(context, never)
  await sink.write({ events: [], records: sampleRecords(records) }, never)
  await sink.flush(never)
}
