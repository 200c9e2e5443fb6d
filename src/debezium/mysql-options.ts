import { readFileSync } from 'node:fs'
import { TailraceError } from '../error/tailrace-error.ts'
import type { KafkaSchemaHistoryOptions } from '../schema-history/kafka/options.ts'
import type { LockingMode, MysqlConnection, MysqlOptions, SnapshotMode, SslMode } from '../source/mysql/options.ts'
import { columnConversions } from './column-converters.ts'
import { columnOptions } from './column-options.ts'
import { kafkaConnection } from './kafka-options.ts'
import { splitList } from './pattern/regex-list.ts'
import { FILE_HISTORIES, HISTORY, HISTORY_PRODUCER, KAFKA_HISTORIES } from './property/schema-history.ts'
import { defined, type Settings } from './settings.ts'
import { skippedOperations } from './skipped-operations.ts'

/** Where the schema history is kept. */
export type HistoryPlan = { readonly kind: 'file'; readonly path: string } | { readonly kind: 'kafka'; readonly options: KafkaSchemaHistoryOptions } | { readonly kind: 'memory' }

/** How the source is to be set up, with Debezium's defaults where they are others than the source's. Errors: TR_CONFIG_FILE, TR_CONFIG_UNSUPPORTED. */
export function mysqlOptions(settings: Settings): Omit<MysqlOptions, 'history'> {
  const some = (patterns: RegExp[]): RegExp[] | undefined => (patterns.length === 0 ? undefined : patterns)
  return {
    connection: connection(settings),
    serverId: settings.integer('database.server.id'),
    ...defined({ tables: some(settings.expressions('table.include.list')), databases: some(settings.expressions('database.include.list')) }),
    excludeTables: settings.expressions('table.exclude.list'),
    excludeDatabases: settings.expressions('database.exclude.list'),
    ...defined({ columns: columns(settings) }),
    historyServer: settings.text('topic.prefix'),
    snapshot: {
      mode: settings.word<SnapshotMode>('snapshot.mode'),
      locking: settings.word('snapshot.locking.mode').replace(/^minimal_percona.*$/, 'minimal') as LockingMode,
      delayMs: settings.integer('snapshot.delay.ms'),
      lockTimeoutMs: settings.integer('snapshot.lock.timeout.ms'),
    },
    schemaChanges: schemaChanges(settings),
    schemaComments: settings.connector === 'mariadb' || settings.flag('include.schema.comments'),
    transactionMetadata: settings.flag('provide.transaction.metadata'),
    includeQuery: settings.flag('include.query'),
    skippedOperations: skippedOperations(settings),
    ...gtidSources(settings),
    statementFormat: settings.word('event.processing.failure.handling.mode') === 'fail' ? 'fail' : 'warn',
    ignoreGtids: settings.flag('gtid.ignore.on.recovery'),
    ...heartbeat(settings),
    ...(settings.integer('binlog.net.write.timeout') === 0 ? {} : { netWriteTimeoutSeconds: settings.integer('binlog.net.write.timeout') }),
  }
}

function columns(settings: Settings): MysqlOptions['columns'] {
  const options = columnOptions(settings)
  const convert = columnConversions(settings)
  return convert.length === 0 ? options : { ...options, convert }
}

/** Debezium tells what it stores. Here the history has all definitions in any case. */
function schemaChanges(settings: Settings): NonNullable<MysqlOptions['schemaChanges']> {
  if (!settings.flag('include.schema.changes')) return false
  if (settings.flag(`${HISTORY}.store.only.captured.tables.ddl`)) return true
  return settings.flag(`${HISTORY}.store.only.captured.databases.ddl`) ? 'databases' : 'all'
}

/** Where rows are not filtered, the lists only say how a place is looked for, which here is found by all GTIDs. */
function gtidSources(settings: Settings): Pick<MysqlOptions, 'gtidSources'> {
  if (!settings.flag('gtid.source.filter.dml.events')) return {}
  const [includes, excludes] = [settings.expressions('gtid.source.includes'), settings.expressions('gtid.source.excludes')]
  if (includes.length > 0) return { gtidSources: { includes } }
  return excludes.length > 0 ? { gtidSources: { excludes } } : {}
}

/** Debezium's share of the interval (BinlogStreamingChangeEventSource, DEFAULT_KEEP_ALIVE…); the source's own where nothing is given, which is shorter. */
function heartbeat(settings: Settings): Pick<MysqlOptions, 'heartbeat'> {
  const interval = settings.given('connect.keep.alive.interval.ms')
  return interval === undefined ? {} : { heartbeat: { intervalMs: Math.max(100, Math.round(Number(interval) * 0.8)) } }
}

/** MariaDB's names for the same. */
const MARIADB_MODES: Readonly<Record<string, SslMode>> = { disable: 'disabled', trust: 'required', 'verify-ca': 'verify_ca', 'verify-full': 'verify_identity' }

function connection(settings: Settings): MysqlConnection {
  const mode = settings.word<SslMode>('database.ssl.mode')
  const own = pemFile(settings, 'database.ssl.keystore')
  return {
    host: settings.text('database.hostname').replace(/^\[|\]$/g, ''),
    port: settings.integer('database.port'),
    user: settings.text('database.user'),
    sslMode: MARIADB_MODES[mode] ?? mode,
    connectTimeoutMs: settings.integer('connect.timeout.ms'),
    ...defined({ password: settings.given('database.password'), sslCa: pemFile(settings, 'database.ssl.truststore'), sslCert: own, sslKey: own }),
  }
}

/** In Debezium these are Java's key stores. */
function pemFile(settings: Settings, property: string): string | undefined {
  const path = settings.given(property)
  if (path === undefined) return undefined
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    throw new TailraceError('TR_CONFIG_FILE', { message: `The file of ${property} cannot be read`, where: { property }, cause: error })
  }
  if (bytes.includes('-----BEGIN ')) return path
  throw new TailraceError('TR_CONFIG_UNSUPPORTED', { message: `The file of ${property} is not PEM; Java’s own key stores cannot be read`, where: { property }, remedy: 'Export the certificates as PEM, for example with openssl pkcs12 or keytool -exportcert -rfc' })
}

/** Where the schema history is kept. Errors: TR_CONFIG_FILE for a PEM file that cannot be read. */
export function historyPlan(settings: Settings): HistoryPlan {
  if (settings.isOneOf(HISTORY, FILE_HISTORIES)) return { kind: 'file', path: settings.text(`${HISTORY}.file.filename`) }
  if (!settings.isOneOf(HISTORY, KAFKA_HISTORIES)) return { kind: 'memory' }
  const brokers = splitList(settings.text(`${HISTORY}.kafka.bootstrap.servers`))
  return { kind: 'kafka', options: { ...kafkaConnection(settings, HISTORY_PRODUCER), brokers, topic: settings.text(`${HISTORY}.kafka.topic`) } }
}
