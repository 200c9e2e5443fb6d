import type { Patch } from './compiled-child.ts'
import type { KillAt } from './engine-process.ts'
import type { Fault } from './kafka-subject.ts'

/** A mistake as somebody could make it in the code that promises exactly once, and the faults that bring it to light. */
export interface KafkaMutation extends Patch {
  readonly name: string
  readonly faults: readonly (Fault | KillAt)[]
}

const EXACTLY_ONCE = 'sink/kafka/exactly-once.js'
const SINK = 'sink/kafka/kafka-sink.js'
const READ = 'kafka/kafkajs/read-partition.js'
const PRODUCER = 'kafka/kafkajs/batch-producer.js'

const COMMITTED: KillAt = { point: 'kafka.transaction-after', nth: 8 }
const SENT: KillAt = { point: 'kafka.transaction-sent', nth: 5 }

export const KAFKA_MUTATIONS: readonly KafkaMutation[] = [
  { name: 'the offset is not part of the transaction but of the next one', faults: [COMMITTED, COMMITTED, COMMITTED, COMMITTED], file: EXACTLY_ONCE, from: 'offset: this.#next,', to: 'offset: [this.late ?? this.#next, (this.late = this.#next)][0],' },
  { name: 'each process has a transactional id of its own', faults: ['zombie', 'zombie'], file: SINK, from: '`tailrace-${context.engine}`', to: '`tailrace-${context.engine}-${process.pid}`' },
  { name: 'the stored offset is read before the older instance is fenced', faults: ['overlap', 'overlap'], file: SINK, from: 'const producer = await client.producer({ transactionalId, transactionTimeoutMs, deliveryTimeoutMs }, signal);\n        const stored = await joined.records.read(client, context.engine, signal);', to: 'const stored = await joined.records.read(client, context.engine, signal);\n        await new Promise((resolve) => setTimeout(resolve, 1000));\n        const producer = await client.producer({ transactionalId, transactionTimeoutMs, deliveryTimeoutMs }, signal);' },
  { name: 'offsets of aborted transactions are read as well', faults: [SENT, SENT], file: READ, from: 'return !(inTransaction && this.#aborted.has(producerId));', to: 'return true;' },
  { name: 'a transaction is committed without waiting for its records', faults: ['broker', 'cut'], file: PRODUCER, from: 'await this.send(batches);', to: 'void this.send(batches).catch(() => {});' },
]
