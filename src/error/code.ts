/**
 * `definite`: somebody has to change something (configuration, privilege, server) – a retry cannot help.
 * `transient`: it may heal by itself – the engine retries with back-off.
 * `fatal`: going on could lose or invent a change – the engine stops and never retries.
 */
export type ErrorKind = 'definite' | 'transient' | 'fatal'

/** Every error this package throws. docs/errors.md lists the same table; a test holds the two together. */
export const ERROR_CODES = {
  // configuration
  TR_CONFIG_INVALID: { kind: 'definite', message: 'The configuration is not valid', remedy: 'Correct the named options; all problems are listed at once' },
  TR_CONFIG_UNKNOWN: { kind: 'definite', message: 'The configuration names unknown properties', remedy: 'Correct the spelling, or pass --lenient to turn this into warnings' },
  TR_CONFIG_UNSUPPORTED: { kind: 'definite', message: 'The configuration asks for something that is not supported', remedy: 'Remove the property or choose a supported value' },
  TR_CONFIG_FILE: { kind: 'definite', message: 'The configuration file cannot be read', remedy: 'Check the path and its permissions' },

  // engine
  TR_ENGINE_STATE: { kind: 'definite', message: 'The engine was used in a state that does not allow it', remedy: 'Make a new engine for each run' },
  TR_ENGINE_INVARIANT: { kind: 'fatal', message: 'An internal invariant does not hold', remedy: 'Report this with the code and the log; nothing was acknowledged beyond the stored offset' },
  TR_ENGINE_STOP_TIMEOUT: { kind: 'transient', message: 'The engine could not stop in time', remedy: 'The sink did not settle its last batch; it will be delivered again' },

  // offsets
  TR_OFFSET_CORRUPT: { kind: 'fatal', message: 'The stored offset is damaged', remedy: 'Restore the file from a copy, or delete it to start with a new snapshot' },
  TR_OFFSET_FOREIGN: { kind: 'fatal', message: 'The stored offset belongs to another engine or source', remedy: 'Use the offset store of this engine, or delete it to start with a new snapshot' },
  TR_OFFSET_VERSION: { kind: 'definite', message: 'The stored offset was written by a newer version', remedy: 'Upgrade tailrace' },
  TR_OFFSET_UNFINISHED: { kind: 'definite', message: 'Only Debezium can finish what the stored offset is in the middle of', remedy: 'Start Debezium again, let its incremental or blocking snapshot end, and stop it then' },
  TR_OFFSET_EXISTS: { kind: 'definite', message: 'There is an offset already', remedy: 'Look at both (tailrace offsets show); --force replaces it' },
  TR_OFFSET_LOCKED: { kind: 'definite', message: 'Another running engine holds the offset store', remedy: 'Stop the other engine, or give this one its own offset store and slot' },
  TR_OFFSET_READ: { kind: 'definite', message: 'The stored offset cannot be read', remedy: 'Check the path and its permissions' },
  TR_OFFSET_WRITE: { kind: 'definite', message: 'The offset cannot be written', remedy: 'Check path, permissions and free space; nothing beyond the last stored offset was acknowledged' },

  // sinks
  TR_SINK_FAILED: { kind: 'definite', message: 'The sink did not take the batch', remedy: 'See the cause; the batch is delivered again after a restart' },
  TR_SINK_CLOSED: { kind: 'definite', message: 'The reader of the output went away', remedy: 'Restart; delivery goes on from the stored offset' },

  // Kinesis
  TR_KINESIS_CONNECT: { kind: 'transient', message: 'Kinesis cannot be reached, or does not answer', remedy: 'Check region, endpoint and network; requests are sent again' },
  TR_KINESIS_THROTTLED: { kind: 'transient', message: 'Kinesis takes less than there is to send', remedy: 'Add shards or use on-demand capacity; requests are sent again' },
  TR_KINESIS_TIMEOUT: { kind: 'definite', message: 'A record could not be stored in the time allowed', remedy: 'See the cause; raise deliveryTimeoutMs, or restart: delivery goes on from the stored offset' },
  TR_KINESIS_AUTH: { kind: 'definite', message: 'Kinesis refused the credentials, or there are none', remedy: 'Check credentials and the IAM policy: docs/kinesis.md lists the actions' },
  TR_KINESIS_STREAM_MISSING: { kind: 'definite', message: 'The stream does not exist, or cannot be written to', remedy: 'Create it, map destinations to another one, or set createStreams' },
  TR_KINESIS_RECORD_TOO_LARGE: { kind: 'definite', message: 'A record is larger than Kinesis takes', remedy: 'Raise maxRecordBytes if the stream allows more, leave large columns out, or set deadLetter' },
  TR_KINESIS_REJECTED: { kind: 'definite', message: 'Kinesis refused the request', remedy: 'See what it said' },

  // Avro
  TR_AVRO_NAME: { kind: 'definite', message: 'A name is not allowed in Avro', remedy: 'Set schemaNameAdjustment or fieldNameAdjustment to "avro" or "avro_unicode", or rename it' },
  TR_AVRO_REGISTRY: { kind: 'transient', message: 'The schema registry cannot be reached, or is not able to answer', remedy: 'Check its address and state; requests are sent again' },
  TR_AVRO_REGISTRY_AUTH: { kind: 'definite', message: 'The schema registry refused the credentials, or what was asked', remedy: 'Check registry.auth and the rights on the subject named' },
  TR_AVRO_REGISTRY_TLS: { kind: 'definite', message: 'The TLS connection to the schema registry could not be made', remedy: 'Check the address and registry.tls' },
  TR_AVRO_REGISTRY_ANSWER: { kind: 'definite', message: 'The schema registry gave an answer that does not fit', remedy: 'Check that the address is the root of Confluent’s API (Apicurio: …/apis/ccompat/v7), and what it said' },
  TR_AVRO_SCHEMA_MISSING: { kind: 'definite', message: 'The schema is not registered, and autoRegister is off', remedy: 'Register it under the subject named, or switch autoRegister on' },
  TR_AVRO_SCHEMA_INVALID: { kind: 'definite', message: 'The schema registry refused the schema as invalid', remedy: 'See what it said' },
  TR_AVRO_INCOMPATIBLE: { kind: 'definite', message: 'The table’s new schema is not compatible with the subject’s earlier ones', remedy: 'Change the table back, relax the subject’s compatibility level, or use another subject; nothing from the event named on was delivered' },

  // Kafka
  TR_KAFKA_CONNECT: { kind: 'transient', message: 'Kafka cannot be reached', remedy: 'Check the brokers’ addresses, listeners and the network' },
  TR_KAFKA_TLS: { kind: 'definite', message: 'The TLS connection to Kafka could not be made', remedy: 'Check certificates, CA and host names, and that the listener speaks TLS' },
  TR_KAFKA_AUTH: { kind: 'definite', message: 'Kafka refused the login', remedy: 'Check mechanism, user and password' },
  TR_KAFKA_AUTHORIZATION: { kind: 'definite', message: 'Kafka refused the operation', remedy: 'Grant the named operation by an ACL: Write and Describe on topics, Create where topics are made, Write and Describe on the transactional id' },
  TR_KAFKA_CLIENT: { kind: 'definite', message: 'The Kafka client library cannot be used', remedy: 'Install the named package in the named version' },
  TR_KAFKA_VERSION: { kind: 'definite', message: 'The broker is too old', remedy: 'Use Kafka 2.5 or newer' },
  TR_KAFKA_TOPIC_MISSING: { kind: 'definite', message: 'A topic does not exist', remedy: 'Create it, set topicCreation, or let the broker make topics' },
  TR_KAFKA_TOPIC_INVALID: { kind: 'definite', message: 'A topic cannot be made as asked', remedy: 'Check its name, partitions, replication factor and configuration' },
  TR_KAFKA_PARTITIONS_CHANGED: { kind: 'definite', message: 'The number of partitions of a topic has changed', remedy: 'Consumers that rely on the order of a key’s records should read the old ones first' },
  TR_KAFKA_RECORD_TOO_LARGE: { kind: 'definite', message: 'A record is larger than Kafka takes', remedy: 'Raise maxRecordBytes and the topic’s max.message.bytes, leave the column out, or set deadLetterTopic' },
  TR_KAFKA_REJECTED: { kind: 'definite', message: 'Kafka rejected a record', remedy: 'See the broker’s log; a compacted topic takes no record without a key' },
  TR_KAFKA_COMPRESSION: { kind: 'definite', message: 'The compression is not available', remedy: 'Install the named package, use a newer Node, or choose gzip' },
  TR_KAFKA_UNAVAILABLE: { kind: 'definite', message: 'Kafka did not take records in time', remedy: 'See the cause; delivery goes on from the stored offset after a restart' },
  TR_KAFKA_TRANSACTION: { kind: 'transient', message: 'A Kafka transaction was aborted', remedy: 'It is tried again' },
  TR_KAFKA_FENCED: { kind: 'fatal', message: 'Another instance of this engine has taken over', remedy: 'Run one instance; if there is none, a transaction took longer than transactionTimeoutMs: restart' },
  TR_OFFSET_TOPIC: { kind: 'definite', message: 'The offsets topic would lose offsets', remedy: 'Set cleanup.policy=compact on it, or use another topic' },

  // values
  TR_VALUE_CONVERSION: { kind: 'fatal', message: 'A value cannot be represented in the chosen mode', remedy: 'Choose another handling mode, or conversionFailure "warn"' },
  TR_NAME_COLLISION: { kind: 'definite', message: 'Two names become one after adjustment', remedy: 'Rename one of them or choose another adjustment mode' },

  // PostgreSQL
  TR_PG_CONNECT: { kind: 'transient', message: 'PostgreSQL cannot be reached', remedy: 'Check host, port and network' },
  TR_PG_AUTH: { kind: 'definite', message: 'PostgreSQL refused the login', remedy: 'Check user, password and pg_hba.conf' },
  TR_PG_TLS: { kind: 'definite', message: 'The TLS connection could not be made as required', remedy: 'Check sslmode, certificates and the server’s ssl setting' },
  TR_PG_DATABASE_MISSING: { kind: 'definite', message: 'The database does not exist', remedy: 'Check the database name' },
  TR_PG_VERSION: { kind: 'definite', message: 'This PostgreSQL version is not supported', remedy: 'Use PostgreSQL 14 or newer' },
  TR_PG_ENCODING: { kind: 'definite', message: 'The database encoding cannot be read as UTF-8', remedy: 'Use a database with encoding UTF8' },
  TR_PG_WAL_LEVEL: { kind: 'definite', message: 'wal_level is not logical', remedy: 'Set wal_level = logical and restart the server' },
  TR_PG_PRIVILEGE: { kind: 'definite', message: 'The role lacks a privilege', remedy: 'Grant what is named' },
  TR_PG_TABLE_MISSING: { kind: 'definite', message: 'A listed table does not exist', remedy: 'Check the table lists' },
  TR_PG_UNLOGGED: { kind: 'definite', message: 'The changes of an unlogged table are not in the WAL', remedy: 'ALTER TABLE … SET LOGGED, or leave the table out' },
  TR_PG_LIMIT: { kind: 'transient', message: 'The server has no free replication slot, WAL sender or connection', remedy: 'Raise max_replication_slots, max_wal_senders or max_connections' },
  TR_PG_REPLICA_IDENTITY: { kind: 'definite', message: 'A table’s replica identity does not allow what is asked', remedy: 'Set REPLICA IDENTITY as named' },
  TR_PG_SLOT_ACTIVE: { kind: 'definite', message: 'The replication slot is in use by another connection', remedy: 'Stop the other consumer, or use another slot name' },
  TR_PG_SLOT_MISSING: { kind: 'fatal', message: 'The replication slot of the stored offset is gone', remedy: 'Changes since then may be lost: take a new snapshot (snapshot mode when_needed, or delete the offset)' },
  TR_PG_SLOT_LOST: { kind: 'fatal', message: 'The server has invalidated the replication slot', remedy: 'Drop the slot and take a new snapshot; raise max_slot_wal_keep_size' },
  TR_PG_SLOT_ADVANCED: { kind: 'fatal', message: 'The replication slot is ahead of the stored offset', remedy: 'Somebody else confirmed changes that were not delivered here: take a new snapshot' },
  TR_PG_SLOT_UNSUITABLE: { kind: 'definite', message: 'A slot of this name exists but cannot be used', remedy: 'Use another slot name, or drop that slot' },
  TR_PG_SLOT_CREATE: { kind: 'transient', message: 'The replication slot could not be created in time', remedy: 'A transaction that was already running must end first; the blocking processes are named' },
  TR_PG_OFFSET_AHEAD: { kind: 'fatal', message: 'The stored offset is ahead of the server', remedy: 'The server was restored or replaced: take a new snapshot' },
  TR_PG_SYSTEM_CHANGED: { kind: 'fatal', message: 'This is another database system than the one of the stored offset', remedy: 'Check the address; if the change is meant, take a new snapshot' },
  TR_PG_TIMELINE_DIVERGED: { kind: 'fatal', message: 'The server has left the history that was already delivered', remedy: 'A failover lost transactions that were delivered: take a new snapshot' },
  TR_PG_PUBLICATION_MISSING: { kind: 'definite', message: 'The publication does not exist', remedy: 'Create it as named, or let tailrace create it' },
  TR_PG_PUBLICATION_CHANGED: { kind: 'fatal', message: 'The publication was changed so that rows may be missing', remedy: 'Take a new snapshot of the tables concerned' },
  TR_PG_RESUME_MISMATCH: { kind: 'fatal', message: 'The server does not send the transaction again that was delivered in part', remedy: 'The publication or the server was changed meanwhile: take a new snapshot' },
  TR_PG_PROTOCOL: { kind: 'fatal', message: 'The server sent something that cannot be decoded', remedy: 'Nothing was skipped; report this with the server version' },
  TR_PG_MESSAGE_TOO_LARGE: { kind: 'fatal', message: 'A message is larger than the limit', remedy: 'Raise limits.maxMessageBytes' },
  TR_PG_DISCONNECTED: { kind: 'transient', message: 'The connection to PostgreSQL was lost', remedy: 'The engine reconnects and goes on from the last durable position' },
  TR_PG_SNAPSHOT: { kind: 'transient', message: 'The snapshot could not be taken consistently', remedy: 'It is started again' },
  TR_PG_QUERY: { kind: 'transient', message: 'A query on the server failed', remedy: 'See the SQLSTATE' },

  // MySQL and MariaDB
  TR_MYSQL_CONNECT: { kind: 'transient', message: 'The server cannot be reached', remedy: 'Check host, port and network' },
  TR_MYSQL_AUTH: { kind: 'definite', message: 'The server refused the login', remedy: 'Check user, password, the host the account is for, and its authentication plugin' },
  TR_MYSQL_TLS: { kind: 'definite', message: 'The TLS connection could not be made as required', remedy: 'Check sslMode, certificates and the server’s TLS settings' },
  TR_MYSQL_CLIENT: { kind: 'definite', message: 'The package mysql2 cannot be used', remedy: 'Install mysql2 in the named version' },
  TR_MYSQL_KIND: { kind: 'definite', message: 'The server is of the other kind', remedy: 'Use mysql() for MySQL and mariadb() for MariaDB' },
  TR_MYSQL_VERSION: { kind: 'definite', message: 'This version of the server is not supported', remedy: 'Use MySQL 8.0 or newer, MariaDB 10.6 or newer' },
  TR_MYSQL_PRIVILEGE: { kind: 'definite', message: 'The account lacks a privilege', remedy: 'Grant what is named' },
  TR_MYSQL_SETTING: { kind: 'definite', message: 'A setting of the server does not allow what is asked', remedy: 'Set the variable named as said' },
  TR_MYSQL_TABLE_MISSING: { kind: 'definite', message: 'A listed table does not exist', remedy: 'Check the table lists' },
  TR_MYSQL_CASCADE: { kind: 'definite', message: 'Changes that foreign keys make in a table are not in the log', remedy: 'Do without ON DELETE and ON UPDATE actions on captured tables, or set innodb_native_foreign_keys=OFF (MySQL 9.6 and later)' },
  TR_MYSQL_UNLOGGED_ROWS: { kind: 'definite', message: 'A statement changed which rows a table has, and the log does not have them', remedy: 'Consumers do not learn of it: if they have to, take a new snapshot' },
  TR_MYSQL_LIMIT: { kind: 'transient', message: 'The server has no free connection', remedy: 'Raise max_connections, or close other connections' },
  TR_MYSQL_LOCK_TIMEOUT: { kind: 'transient', message: 'A lock was not to be had in time', remedy: 'A statement that was already running must end first; it is tried again' },
  TR_MYSQL_SERVER_ID: { kind: 'definite', message: 'Another replica or engine has this server id', remedy: 'Give each engine a serverId of its own' },
  TR_MYSQL_BINLOG_PURGED: { kind: 'fatal', message: 'The server has removed log files that are still needed', remedy: 'Changes since then are lost: take a new snapshot (snapshot.mode when_needed); keep logs longer (binlog_expire_logs_seconds)' },
  TR_MYSQL_BINLOG_RESET: { kind: 'fatal', message: 'The log is not the one that the stored offset is of', remedy: 'The server’s log was reset, or the server restored: take a new snapshot' },
  TR_MYSQL_SERVER_CHANGED: { kind: 'fatal', message: 'This is another server than the one of the stored offset', remedy: 'Check the address; to go on at another server, both need GTIDs' },
  TR_MYSQL_GTID_DIVERGED: { kind: 'fatal', message: 'The server’s history is not the one that was delivered', remedy: 'A failover lost transactions that were delivered, or the server is of another topology: take a new snapshot' },
  TR_MYSQL_RESUME_MISMATCH: { kind: 'fatal', message: 'The server does not send the transaction again that was delivered in part', remedy: 'The log was reset or the server replaced: take a new snapshot' },
  TR_MYSQL_ROLLED_BACK: { kind: 'fatal', message: 'The log rolls back changes that it has', remedy: 'Take a new snapshot (snapshot.mode always, once); in large transactions that are rolled back, neither create nor drop temporary tables (MariaDB), nor change tables without transactions in statement format' },
  TR_MYSQL_STATEMENT_FORMAT: { kind: 'fatal', message: 'A change was logged as a statement: its rows are not in the log', remedy: 'Set binlog_format=ROW for every session, and take a new snapshot of the table concerned' },
  TR_MYSQL_INCIDENT: { kind: 'fatal', message: 'The server says that changes are missing in its log', remedy: 'Take a new snapshot' },
  TR_MYSQL_XA_UNKNOWN: { kind: 'fatal', message: 'An XA transaction was committed whose rows were logged before the stream began', remedy: 'Take a new snapshot while no XA transaction is prepared (XA RECOVER lists them)' },
  TR_MYSQL_XA_TOO_LARGE: { kind: 'fatal', message: 'XA transactions that are not at their end are larger than the limit', remedy: 'Raise limits.maxXaBytes, or end them (XA RECOVER lists them)' },
  TR_MYSQL_SCHEMA_MISMATCH: { kind: 'fatal', message: 'A table’s definition does not agree with its rows in the log', remedy: 'Set binlog_row_metadata=FULL, or snapshot.mode recovery if the table has not been altered since the stored offset' },
  TR_MYSQL_HISTORY_MISSING: { kind: 'fatal', message: 'The definitions of the tables are not known at the stored offset', remedy: 'Restore the schema history; set binlog_row_metadata=FULL; or snapshot.mode recovery if no table was altered since the stored offset' },
  TR_MYSQL_DDL: { kind: 'fatal', message: 'A statement that may change a captured table cannot be read', remedy: 'Report the statement’s form; snapshot.mode recovery goes on behind it if its result is the tables’ definition of now' },
  TR_MYSQL_EVENT_UNSUPPORTED: { kind: 'fatal', message: 'The log has an event that is not known and may carry rows', remedy: 'Nothing was skipped; upgrade tailrace, or report this with the server version' },
  TR_MYSQL_EVENT_TOO_LARGE: { kind: 'fatal', message: 'An event is larger than the limit', remedy: 'Raise limits.maxEventBytes' },
  TR_MYSQL_PROTOCOL: { kind: 'fatal', message: 'The server sent something that cannot be decoded', remedy: 'Nothing was skipped; report this with the server version' },
  TR_MYSQL_CHECKSUM: { kind: 'transient', message: 'An event’s checksum is wrong', remedy: 'It is read again; if it stays so, the server’s log is damaged' },
  TR_MYSQL_DISCONNECTED: { kind: 'transient', message: 'The connection to the server was lost', remedy: 'The engine reconnects and goes on from the last durable position' },
  TR_MYSQL_SNAPSHOT: { kind: 'transient', message: 'The snapshot could not be taken consistently', remedy: 'It is started again' },
  TR_MYSQL_QUERY: { kind: 'transient', message: 'A query on the server failed', remedy: 'See the error number' },

  // schema history
  TR_HISTORY_CORRUPT: { kind: 'fatal', message: 'The schema history is damaged', remedy: 'Restore it from a copy; or remove it, and use snapshot.mode recovery if no table was altered since the stored offset' },
  TR_HISTORY_READ: { kind: 'definite', message: 'The schema history cannot be read', remedy: 'Check the path or topic, and the rights on it' },
  TR_HISTORY_WRITE: { kind: 'definite', message: 'The schema history cannot be written', remedy: 'Check the path or topic, the rights on it and free space; nothing behind the change was delivered' },
  TR_HISTORY_TOPIC: { kind: 'definite', message: 'The topic of the schema history would lose records', remedy: 'Give it one partition, cleanup.policy=delete, retention.ms=-1 and retention.bytes=-1, or use another topic' },
  TR_HISTORY_LOCKED: { kind: 'definite', message: 'Another running engine holds the schema history', remedy: 'Stop the other engine, or give this one a history of its own' },
} as const

/** The stable code of an error, for example `TR_PG_SLOT_LOST`. */
export type ErrorCode = keyof typeof ERROR_CODES
