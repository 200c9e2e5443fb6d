import { clientRules } from './kafka.ts'
import { idle, idleFamily, mapped, type PropertyRule } from './rule.ts'
import { choice, integer, long, text } from './value-type.ts'

const FILE_STORE = 'org.apache.kafka.connect.storage.FileOffsetBackingStore'
const MEMORY_STORE = 'org.apache.kafka.connect.storage.MemoryOffsetBackingStore'
const OTHER_STORES = 'Belongs to other stores'
const POLICY = 'io.debezium.engine.spi.OffsetCommitPolicy'

/** `offset.storage`, by class or by short name. */
export const FILE_STORES: readonly string[] = ['file', FILE_STORE]
export const MEMORY_STORES: readonly string[] = ['memory', MEMORY_STORE]
export const KAFKA_STORES: readonly string[] = ['kafka', 'org.apache.kafka.connect.storage.KafkaOffsetBackingStore']
/** `offset.commit.policy`: Java's nested classes are written with a dot or a dollar sign. */
export const ALWAYS_POLICIES: readonly string[] = [`${POLICY}.AlwaysCommitOffsetPolicy`, `${POLICY}$AlwaysCommitOffsetPolicy`]
const PERIODIC_POLICIES: readonly string[] = [`${POLICY}.PeriodicCommitOffsetPolicy`, `${POLICY}$PeriodicCommitOffsetPolicy`]

/** Where the engine keeps how far it has come. */
export const OFFSET: readonly PropertyRule[] = [
  mapped('offset.storage', text(), '`file`, `kafka` and `memory`, or the classes of these names; file and topic are Debezium’s own', {
    fallback: FILE_STORE,
    essential: true,
    accepts: [...FILE_STORES, ...KAFKA_STORES, ...MEMORY_STORES],
  }),
  mapped('offset.storage.file.filename', text(), 'Required where offsets are kept in a file. Either can go on from what the other has written'),
  mapped('offset.flush.interval.ms', long(0), '`0` stores after every batch', { fallback: '60000' }),
  mapped('offset.commit.policy', text(), 'The periodic policy and the one that always commits', {
    fallback: `${POLICY}.PeriodicCommitOffsetPolicy`,
    accepts: [...ALWAYS_POLICIES, ...PERIODIC_POLICIES],
  }),
  idle('offset.flush.timeout.ms', long(0), 'Storing is waited for; an error stops the engine', { fallback: '5000' }),
  mapped('offset.storage.topic', text(), 'Required where offsets are kept in Kafka; made as a compacted topic where it is missing'),
  mapped('offset.storage.partitions', integer(1), 'Where the topic is made', { fallback: '25' }),
  mapped('offset.storage.replication.factor', integer(-1), 'Where the topic is made; the broker’s default when it is not set'),
  ...['jdbc', 'redis', 'configmap', 'kafka', 'rocketmq', 's3'].map((store) => idleFamily(`offset.storage.${store}`, OTHER_STORES)),
  idle('isolation.level', choice('read_committed', 'read_uncommitted'), 'Committed offsets alone count here; Debezium needs `read_committed` to go back from `exactly.once.support=required`'),
  ...clientRules('', 'Required where offsets are kept in Kafka'),
]
