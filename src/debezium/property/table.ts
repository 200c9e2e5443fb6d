import { AVRO } from './avro.ts'
import { CAPTURE } from './capture.ts'
import { BINLOG } from './binlog.ts'
import { CONNECTION } from './connection.ts'
import type { Connector } from './connector.ts'
import { CONVERTER, OTHER_CONVERTER } from './converter.ts'
import { EVENT } from './event.ts'
import { EXTENSION } from './extension.ts'
import { KAFKA_SINK } from './kafka.ts'
import { KINESIS_SINK } from './kinesis.ts'
import { OFFSET } from './offset.ts'
import { OPERATION } from './operation.ts'
import { REPLICATION } from './replication.ts'
import { SCHEMA_HISTORY } from './schema-history.ts'
import type { PropertyRule } from './rule.ts'
import { SNAPSHOT } from './snapshot.ts'

/** One part of docs/debezium.md. */
export interface PropertyGroup {
  readonly title: string
  readonly rules: readonly PropertyRule[]
}

/** Every property that is known, by subject. Families come after the names they would cover. */
export const PROPERTY_GROUPS: readonly PropertyGroup[] = [
  { title: 'Engine', rules: OPERATION },
  { title: 'Connection', rules: CONNECTION },
  { title: 'Slot and publication', rules: REPLICATION },
  { title: 'Binary log', rules: BINLOG },
  { title: 'What is captured', rules: CAPTURE },
  { title: 'Events and topics', rules: EVENT },
  { title: 'Snapshots', rules: SNAPSHOT },
  { title: 'Offsets', rules: OFFSET },
  { title: 'Schema history', rules: SCHEMA_HISTORY },
  { title: 'Conversion', rules: CONVERTER },
  { title: 'Avro and its registry', rules: [...AVRO, OTHER_CONVERTER] },
  { title: 'Kafka sink', rules: KAFKA_SINK },
  { title: 'Kinesis sink', rules: KINESIS_SINK },
  { title: 'Signals, transformations, Debezium Server', rules: EXTENSION },
]

/** The properties of one connector. */
export interface PropertyTable {
  readonly connector: Connector
  /** The rule for a name as it stands in a configuration, or undefined for a name that this connector does not have. */
  find(name: string): PropertyRule | undefined
  /** The names that can be meant, for suggestions. */
  readonly names: readonly string[]
  /** Names that must be given. */
  readonly required: readonly string[]
}

function makeTable(connector: Connector): PropertyTable {
  const all = PROPERTY_GROUPS.flatMap((group) => group.rules).filter((rule) => rule.connectors?.includes(connector) ?? true)
  const byName = new Map(all.filter((rule) => rule.family === undefined).flatMap((rule) => (rule.spellings ?? [rule.name]).map((name) => [name, rule])))
  const families = all.filter((rule) => rule.family !== undefined)
  return {
    connector,
    find: (name) => byName.get(name) ?? families.find((rule) => rule.family?.test(name)),
    names: [...byName.keys()],
    required: all.filter((rule) => rule.required).map((rule) => rule.name),
  }
}

/** By connector. */
export const PROPERTY_TABLES: Readonly<Record<Connector, PropertyTable>> = { postgresql: makeTable('postgresql'), mysql: makeTable('mysql'), mariadb: makeTable('mariadb') }
