import { readOwnField } from '../../src/offset/connect/own-field.ts'
import { formatLsn, PgPosition } from '../../src/source/postgres/position.ts'
import type { PostgresServer } from '../server/postgres.ts'
import { wordOf, type Leg } from './relay.ts'
import { SharedConfiguration, type OffsetPlace, type Properties } from './shared-configuration.ts'
import { commandTurn, debeziumTurn, type Ending } from './turn.ts'

/** What Debezium stores. */
export interface PostgresFields {
  readonly lsn: number
  readonly snapshot?: string
  readonly messageType?: string
  readonly tailrace?: string
}

/** For Debezium and the command, on one slot. */
export async function postgresConfiguration(server: PostgresServer, database: string, more: Properties = {}, place?: OffsetPlace): Promise<SharedConfiguration> {
  return await SharedConfiguration.write(() => ({
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    'database.hostname': server.host, 'database.port': server.port, 'database.user': 'postgres', 'database.password': 'postgres', 'database.dbname': database,
    'plugin.name': 'pgoutput', 'slot.name': 'relay', 'publication.name': 'relay', ...more,
  }), place)
}

/** Debezium delivers until the ending. */
export async function byDebezium(configuration: SharedConfiguration, ending: Ending): Promise<Leg> {
  const values = await debeziumTurn(configuration, ending, 'postgres', wordOf)
  // closed while its consumer has a batch, it may leave an older offset than what it delivered: from there it would go on itself
  const stored = await configuration.stored<PostgresFields>()
  // in a TRUNCATE of several tables its offset has no word for the place: the transaction comes again
  const inexact = 'kill' in ending || stored.messageType === 'TRUNCATE'
  return { name: 'Debezium', delivered: words(values), last: formatLsn(BigInt(stored.lsn)), killed: inexact, offset: JSON.stringify(stored) }
}

/** The command delivers until the ending. */
export async function byCommand(configuration: SharedConfiguration, ending: Exclude<Ending, { readonly hold: number }>): Promise<Leg> {
  const values = await commandTurn(configuration, ending, wordOf)
  return { name: 'tailrace', delivered: words(values), last: undefined, killed: 'kill' in ending, offset: JSON.stringify(await configuration.stored()) }
}

function words(values: readonly unknown[]): string[] {
  return values.map(wordOf).filter((word) => word !== undefined)
}

/**
 * Whether Debezium repeats the last change of a leg of the command's: of several changes of one WAL record it knows one place only, and that the
 * record has no more of them is known once the next one is there.
 */
export function isRepeated({ offset }: Leg): boolean {
  const { tailrace } = JSON.parse(offset) as PostgresFields
  if (tailrace === undefined) return false
  const { part } = PgPosition.fromJSON(readOwnField(tailrace, 'the leg').position)
  return part !== undefined && part.recordLsn !== part.changeLsn
}
