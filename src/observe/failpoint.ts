/**
 * Every named point that a crash test can stop at, in the order of a change's way. `reach` is called there; outside tests
 * it does nothing.
 */
export const FAILPOINTS = [
  'source.connected', 'source.slot-created', 'source.snapshot-exported', 'source.snapshot-imported', 'source.snapshot-row-chunk', 'source.snapshot-table-read',
  'source.snapshot-read', 'source.stream-started', 'source.chunk-received', 'source.relation-resolved', 'source.batch-cut', 'source.status-before', 'source.status-after',
  'pump.batch-pulled', 'pump.batch-encoded', 'pump.sink-before', 'pump.sink-after', 'ledger.settled', 'ledger.save-before', 'ledger.save-after', 'ledger.acknowledged',
  'offset.temporary-created', 'offset.temporary-written', 'offset.temporary-synced', 'offset.renamed', 'offset.folder-synced', 'engine.reconnect', 'engine.draining',
] as const

/** The same in a source of MySQL or MariaDB, beside those that it shares with PostgreSQL's. */
export const MYSQL_FAILPOINTS = ['source.snapshot-locked', 'source.schema-stored'] as const

/** The same in transactions of the Kafka sink, which a run without Kafka never reaches. */
export const KAFKA_FAILPOINTS = ['kafka.collected', 'kafka.transaction-before', 'kafka.transaction-sent', 'kafka.transaction-unknown', 'kafka.transaction-after'] as const

/** The same while records are appended to the file of a schema history. */
export const HISTORY_FAILPOINTS = ['history.written', 'history.synced'] as const

export type Failpoint = (typeof FAILPOINTS | typeof MYSQL_FAILPOINTS | typeof KAFKA_FAILPOINTS | typeof HISTORY_FAILPOINTS)[number]

/** Called at each failpoint. */
export type Reach = (point: Failpoint) => void

export const reachNothing: Reach = () => {}
