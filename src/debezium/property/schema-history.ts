import { clientRules } from './kafka.ts'
import { idle, idleFamily, mapped, only, refused, type PropertyRule } from './rule.ts'
import { BOOLEAN, integer, text } from './value-type.ts'

export const HISTORY = 'schema.history.internal'
/** Where its Kafka client's settings are. */
export const HISTORY_PRODUCER: string = `${HISTORY}.producer.`

/** `schema.history.internal`, by class. */
export const FILE_HISTORIES: readonly string[] = ['io.debezium.storage.file.history.FileSchemaHistory']
export const KAFKA_HISTORIES: readonly string[] = ['io.debezium.storage.kafka.history.KafkaSchemaHistory']
export const MEMORY_HISTORIES: readonly string[] = ['io.debezium.relational.history.MemorySchemaHistory']

const OTHER_STORES = 'Belongs to other stores'
const WHOLE = 'All of the history is read once at start'
const ONLY_TOLD = 'Which changes are told (`include.schema.changes`). The history keeps all, so that a table may be captured later'
const UNREAD = 'A statement that cannot be read stops the engine, for rows behind it could not be read either'

/** Where the definitions of tables are kept as they change along the log. */
export const SCHEMA_HISTORY: readonly PropertyRule[] = [
  ...only(['mysql', 'mariadb'], [
    mapped(HISTORY, text(), 'File and topic are Debezium’s own: either can go on from what the other has written', {
      fallback: KAFKA_HISTORIES[0]!,
      essential: true,
      accepts: [...FILE_HISTORIES, ...KAFKA_HISTORIES, ...MEMORY_HISTORIES],
    }),
    mapped(`${HISTORY}.file.filename`, text(), 'Required where the history is kept in a file'),
    mapped(`${HISTORY}.kafka.topic`, text(), 'Required where the history is kept in Kafka; made with one partition and without a retention where it is missing'),
    mapped(`${HISTORY}.kafka.bootstrap.servers`, text(), 'Required where the history is kept in Kafka'),
    idle(`${HISTORY}.kafka.recovery.poll.interval.ms`, integer(1), WHOLE, { fallback: '100' }),
    idle(`${HISTORY}.kafka.recovery.attempts`, integer(0), WHOLE, { fallback: '100' }),
    idle(`${HISTORY}.kafka.query.timeout.ms`, integer(1), WHOLE, { fallback: '3000' }),
    idle(`${HISTORY}.kafka.create.timeout.ms`, integer(1), WHOLE, { fallback: '30000' }),
    ...clientRules(HISTORY_PRODUCER, 'See `schema.history.internal.kafka.bootstrap.servers`'),
    idleFamily(`${HISTORY}.producer`, 'Of the Java client'),
    idleFamily(`${HISTORY}.consumer`, 'Reads and writes have one client, the producer’s'),
    refused(`${HISTORY}.skip.unparseable.ddl`, UNREAD, { type: BOOLEAN, fallback: 'false', accepts: ['false'] }),
    mapped(`${HISTORY}.store.only.captured.tables.ddl`, BOOLEAN, ONLY_TOLD, { fallback: 'false' }),
    mapped(`${HISTORY}.store.only.captured.databases.ddl`, BOOLEAN, ONLY_TOLD, { fallback: 'false' }),
    idle(`${HISTORY}.prefer.ddl`, BOOLEAN, 'The definitions in the history count', { fallback: 'false' }),
    idle(`${HISTORY}.memory.optimization`, text(), 'Of Java’s memory', { fallback: 'off' }),
    idle(`${HISTORY}.buffer.batch.size`, integer(1), WHOLE, { fallback: '1024' }),
    ...['connector.class', 'connector.id', 'name'].map((name) => idle(`${HISTORY}.${name}`, text(), 'Set by Debezium itself')),
    ...['jdbc', 'redis', 's3', 'azure', 'azure.storage', 'rocketmq', 'bucket'].map((store) => idleFamily(`${HISTORY}.${store}`, OTHER_STORES)),
    idle(`internal.${HISTORY}.ddl.filter`, text(), 'What is no definition of a table is left out in any case'),
  ]),
  ...only(['postgresql'], [
    idle(HISTORY, text(), 'PostgreSQL needs no schema history'),
    idleFamily(HISTORY, 'PostgreSQL needs no schema history'),
    idle(`internal.${HISTORY}.ddl.filter`, text(), 'PostgreSQL needs no schema history'),
  ]),
]
