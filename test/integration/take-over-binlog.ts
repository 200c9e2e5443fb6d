import type { MysqlServer } from '../server/mysql-server.ts'
import { binlogWordOf, deliveredOf, type BinlogFields, type BinlogLeg } from './mysql-relay.ts'
import { SharedConfiguration, type OffsetPlace, type Properties } from './shared-configuration.ts'
import { commandTurn, debeziumTurn, type Ending } from './turn.ts'

export type BinlogConnector = 'mysql' | 'mariadb'

const CLASS: Readonly<Record<BinlogConnector, string>> = { mysql: 'io.debezium.connector.mysql.MySqlConnector', mariadb: 'io.debezium.connector.mariadb.MariaDbConnector' }

/** For Debezium and the command, with one file for the schema history. */
export async function binlogConfiguration(server: MysqlServer, connector: BinlogConnector, more: Properties = {}, place?: OffsetPlace): Promise<SharedConfiguration> {
  return await SharedConfiguration.write(({ history }) => ({
    'connector.class': CLASS[connector], 'database.hostname': server.host, 'database.port': server.port, 'database.user': 'root',
    // one id for both: the server soon sees that the one before is gone
    'database.server.id': 5401, 'connect.keep.alive.interval.ms': 2000,
    'schema.history.internal': 'io.debezium.storage.file.history.FileSchemaHistory', 'schema.history.internal.file.filename': history, ...more,
  }), place)
}

/** Debezium delivers until the ending. */
export async function byDebezium(configuration: SharedConfiguration, connector: BinlogConnector, ending: Ending): Promise<BinlogLeg> {
  const values = await debeziumTurn(configuration, ending, connector, binlogWordOf)
  // closed while its consumer has a batch, it may leave an older offset than what it delivered
  return await leg('Debezium', configuration, values, 'kill' in ending || 'stop' in ending)
}

/** The command delivers until the ending. */
export async function byCommand(configuration: SharedConfiguration, ending: Exclude<Ending, { readonly hold: number }>): Promise<BinlogLeg> {
  return await leg('tailrace', configuration, await commandTurn(configuration, ending, binlogWordOf), 'kill' in ending)
}

async function leg(name: string, configuration: SharedConfiguration, values: readonly unknown[], killed: boolean): Promise<BinlogLeg> {
  const delivered = deliveredOf(values)
  const stored = await configuration.stored<BinlogFields>()
  return { name, delivered: delivered.map(({ what }) => what), places: delivered.map(({ place }) => place), last: undefined, killed, stored, offset: JSON.stringify(stored) }
}
