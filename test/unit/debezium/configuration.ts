import { planOf, type Plan } from '../../../src/debezium/plan.ts'
import { readProperties } from '../../../src/debezium/properties-file.ts'
import { isTailraceError, type TailraceError } from '../../../src/error/tailrace-error.ts'
import type { PostgresOptions } from '../../../src/source/postgres/options.ts'

/** The least a configuration needs. */
export const LEAST: Readonly<Record<string, string>> = {
  'name': 'orders',
  'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
  'database.hostname': 'db.example.com',
  'database.user': 'cdc',
  'database.dbname': 'shop',
  'topic.prefix': 'shop',
  'offset.storage': 'memory',
}

/** The plan of {@link LEAST} and these; undefined takes a property away. */
export function plan(properties: Readonly<Record<string, string | undefined>> = {}, lenient = false): Plan {
  const all = Object.entries({ ...LEAST, ...properties }).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return planOf(readProperties(Object.fromEntries(all)), lenient, {})
}

/** The options of a plan for PostgreSQL. */
export function postgresOf({ source }: Plan): PostgresOptions {
  if (source.kind !== 'postgresql') throw new Error(`a plan for ${source.kind}`)
  return source.options
}

/** The error that planning ends with. */
export function refusal(properties: Readonly<Record<string, string | undefined>>, lenient = false): TailraceError {
  try {
    plan(properties, lenient)
  } catch (error) {
    if (isTailraceError(error)) return error
    throw error
  }
  throw new Error('the configuration was accepted')
}
