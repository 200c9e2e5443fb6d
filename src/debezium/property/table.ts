import { AVRO } from './avro.ts'
import { CAPTURE } from './capture.ts'
import { CONNECTION } from './connection.ts'
import { CONVERTER, OTHER_CONVERTER } from './converter.ts'
import { EVENT } from './event.ts'
import { EXTENSION } from './extension.ts'
import { KAFKA_SINK } from './kafka.ts'
import { KINESIS_SINK } from './kinesis.ts'
import { OFFSET } from './offset.ts'
import { OPERATION } from './operation.ts'
import { REPLICATION } from './replication.ts'
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
  { title: 'What is captured', rules: CAPTURE },
  { title: 'Events and topics', rules: EVENT },
  { title: 'Snapshots', rules: SNAPSHOT },
  { title: 'Offsets', rules: OFFSET },
  { title: 'Conversion', rules: CONVERTER },
  { title: 'Avro and its registry', rules: [...AVRO, OTHER_CONVERTER] },
  { title: 'Kafka sink', rules: KAFKA_SINK },
  { title: 'Kinesis sink', rules: KINESIS_SINK },
  { title: 'Signals, transformations, Debezium Server', rules: EXTENSION },
]

const ALL: readonly PropertyRule[] = PROPERTY_GROUPS.flatMap((group) => group.rules)
const BY_NAME: ReadonlyMap<string, PropertyRule> = new Map(ALL.filter((rule) => rule.family === undefined).flatMap((rule) => (rule.spellings ?? [rule.name]).map((name) => [name, rule])))
const FAMILIES: readonly PropertyRule[] = ALL.filter((rule) => rule.family !== undefined)

/** The rule for a name as it stands in a configuration, or undefined for a name nobody knows. */
export function findRule(name: string): PropertyRule | undefined {
  return BY_NAME.get(name) ?? FAMILIES.find((rule) => rule.family?.test(name))
}

/** The names that can be meant, for suggestions. */
export const PROPERTY_NAMES: readonly string[] = [...BY_NAME.keys()]

/** Names that must be given. */
export const REQUIRED_NAMES: readonly string[] = ALL.filter((rule) => rule.required).map((rule) => rule.name)
