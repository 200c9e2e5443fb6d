import { idle, mapped, refused, type PropertyRule } from './rule.ts'
import { BOOLEAN, choice, integer, LIST, long, text } from './value-type.ts'

const THREADS = 'Records are encoded in order, by one thread'

/** The engine itself: batches, retries, threads, measurements. */
export const OPERATION: readonly PropertyRule[] = [
  mapped('name', text(/./s, 'a name'), 'The engine’s name. Debezium Server names the engine after its sink; here it is the topic prefix unless given', { required: true }),
  mapped('max.batch.size', integer(1), 'Events in one batch', { fallback: '2048' }),
  idle('max.queue.size', integer(1), 'One batch fills while one is delivered; must be larger than `max.batch.size`', { fallback: '8192' }),
  idle('max.queue.size.in.bytes', long(0), 'Memory is always bounded', { fallback: '0' }),
  idle('poll.interval.ms', integer(1), 'Changes are handed over as they arrive', { fallback: '500' }),
  idle('poll.dispatch.interval.ms', long(0), 'Changes are handed over as they arrive', { fallback: '0' }),
  mapped('queue.provider.type', choice('memory', 'chronicle', 'hybrid_chronicle'), 'Nothing is queued on disk', { fallback: 'memory', accepts: ['memory'] }),
  mapped('errors.max.retries', integer(-1), '`-1`: no limit', { fallback: '-1' }),
  mapped('errors.retry.delay.initial.ms', integer(0), 'Doubles with each attempt', { fallback: '300' }),
  mapped('errors.retry.delay.max.ms', integer(0), '', { fallback: '10000' }),
  mapped('retriable.restart.connector.wait.ms', long(1), 'If set, the longest wait between attempts, instead of `errors.retry.delay.max.ms`', { fallback: '10000' }),
  refused('internal.custom.retriable.exception', 'What can heal is known by its code', { fallback: 'false', accepts: ['false'] }),
  idle('executor.shutdown.timeout.ms', long(0), 'A stop waits for the batch under way', { fallback: '4000' }),
  idle('task.management.timeout.ms', long(0), 'There are no tasks', { fallback: '180000' }),
  idle('internal.task.management.timeout.ms', long(0), 'There are no tasks', { fallback: '40000' }),
  idle('debezium.embedded.shutdown.pause.before.interrupt.ms', long(0), 'There are no threads', { fallback: '300000' }),
  idle('tasks.max', integer(1), 'There is one task', { fallback: '1' }),
  idle('record.processing.threads', text(), THREADS),
  idle('record.processing.order', choice('ordered', 'unordered'), THREADS, { fallback: 'ORDERED' }),
  idle('record.processing.shutdown.timeout.ms', long(0), THREADS, { fallback: '1000' }),
  idle('record.processing.with.serial.consumer', BOOLEAN, THREADS, { fallback: 'false' }),
  idle('custom.metric.tags', LIST, 'For JMX'),
  idle('statistics.metrics.enabled', BOOLEAN, 'Figures are always there', { fallback: 'true' }),
  idle('internal.advanced.metrics.enable', BOOLEAN, 'Figures are always there', { fallback: 'false' }),
  idle('custom.sanitize.pattern', text(), 'Values of properties are never logged'),
  idle('memory.management.schemas.class', text(), 'A Java class of the schema cache'),
  idle('memory.management.tables.class', text(), 'A Java class of the schema cache'),
]
