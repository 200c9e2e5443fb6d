import type { PostgresConnection, PostgresOptions, PublicationMode, SnapshotMode, SslMode } from '../source/postgres/options.ts'
import { columnOptions } from './column-options.ts'
import { defined, type Settings } from './settings.ts'
import { skippedOperations } from './skipped-operations.ts'

/**
 * Debezium leaves these out in every schema (PostgresConnectorConfig, SYSTEM_TABLES): PostGIS creates them in the user's
 * schema. System schemas the source leaves out by itself.
 */
const BUILT_IN = /^.*\.[sS][pP][aA][tT][iI][aA][lL]_[rR][eE][fF]_[sS][yY][sS]$/su

/** How the source is to be set up, with Debezium's defaults where they are others than the source's. */
export function postgresOptions(settings: Settings): PostgresOptions {
  const tables = settings.expressions('table.include.list')
  const schemas = settings.expressions('schema.include.list')
  return {
    connection: connection(settings),
    ...(tables.length === 0 ? {} : { tables }),
    excludeTables: [...settings.expressions('table.exclude.list'), BUILT_IN],
    ...(schemas.length === 0 ? {} : { schemas }),
    excludeSchemas: settings.expressions('schema.exclude.list'),
    ...defined({ columns: columnOptions(settings) }),
    snapshot: {
      mode: settings.word<SnapshotMode>('snapshot.mode'),
      delayMs: settings.integer('snapshot.delay.ms'),
      lockTimeoutMs: settings.integer('snapshot.lock.timeout.ms'),
    },
    slot: {
      name: settings.text('slot.name'),
      dropOnStop: settings.flag('slot.drop.on.stop'),
      createTimeoutMs: settings.integer('internal.create.slot.command.timeout') * 1000,
      activeTimeoutMs: Math.max(0, settings.integer('slot.max.retries')) * Math.max(0, settings.integer('slot.retry.delay.ms')),
    },
    publication: { name: settings.text('publication.name'), create: settings.word<PublicationMode>('publication.autocreate.mode') },
    replicaIdentity: settings.replicaIdentities('replica.identity.autoset.values'),
    messages: true,
    transactionMetadata: settings.flag('provide.transaction.metadata'),
    skippedOperations: skippedOperations(settings),
    status: { intervalMs: settings.integer('status.update.interval.ms') },
  }
}

function connection(settings: Settings): PostgresConnection {
  const given = <Name extends string>(option: Name, property: string): { [K in Name]?: string } => {
    const value = settings.given(property)
    return (value === undefined ? {} : { [option]: value }) as { [K in Name]?: string }
  }
  return {
    host: settings.text('database.hostname').replace(/^\[|\]$/g, ''),
    port: settings.integer('database.port'),
    database: settings.text('database.dbname'),
    user: settings.text('database.user'),
    sslmode: settings.word<SslMode>('database.sslmode'),
    ...given('password', 'database.password'),
    ...given('sslrootcert', 'database.sslrootcert'),
    ...given('sslcert', 'database.sslcert'),
    ...given('sslkey', 'database.sslkey'),
    ...given('sslpassword', 'database.sslpassword'),
    ...(settings.given('connection.validation.timeout.ms') === undefined ? {} : { connectTimeoutMs: settings.integer('connection.validation.timeout.ms') }),
  }
}
