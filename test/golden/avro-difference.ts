import type { Mismatch } from './compare.ts'
import type { Scenario } from './scenario.ts'

/**
 * Where data that went through Avro cannot be what Debezium's JSON says, whoever wrote it: what Avro, or Confluent's converter, has no
 * place for. A rule names the place and both values, and what it excuses is counted: anything else is a difference.
 */
interface AvroDifference {
  readonly reason: string
  readonly path: RegExp
  readonly excuses: (expected: string, got: string) => boolean
}

const NOTHING = '(nothing)'
const MOODS = '["sad","very \\"happy\\""'

export const AVRO_DIFFERENCES: readonly AvroDifference[] = [
  { reason: 'a schema that comes from a registry has the version it has in its subject', path: /^(?:key|value)\.schema\.version$/, excuses: (expected, got) => expected === NOTHING && /^\d+$/.test(got) },
  { reason: 'Avro has no default that is NaN or infinite', path: /^value\.schema(?:\.fields\[\d+\])+\.default$/, excuses: (expected, got) => /^"(?:NaN|-?Infinity)"$/.test(expected) && got === NOTHING },
  { reason: 'Debezium’s schema of an array of enums has no room for null: it was taken out of the table', path: /\.(?:before|after)\.aen$/, excuses: (expected, got) => expected === `3 items ${MOODS},null]` && got === `2 items ${MOODS}]` },
  { reason: 'Avro carries a float’s bits, and Java writes them with more digits', path: /\.(?:before|after)\.(?:f24|r)$/, excuses: (expected, got) => expected !== got && Math.fround(Number(expected)) === Math.fround(Number(got)) },
  { reason: 'Java reads a map in an order of its own; its members are compared', path: /\.(?:before|after)\.h$/, excuses: (expected, got) => sorted(expected.replace(/^fields in order /, '')) === sorted(got) },
]

/** As compareRecords names members in a wrong order. */
function sorted(names: string): string {
  return names.split(', ').sort().join(', ')
}

/** Values that cannot be written in Avro at all are changed before a scenario begins: [theirs, ours]. */
const UNWRITABLE: readonly (readonly [theirs: string, ours: string])[] = [[`'{sad,"very \\"happy\\"",NULL}'`, `'{sad,"very \\"happy\\""}'`]]

export function writableSetup(sql: string): string {
  return UNWRITABLE.reduce((changed, [theirs, ours]) => changed.replaceAll(theirs, ours), sql)
}

/** Scenarios that there cannot be in Avro, and why. */
export const NOT_IN_AVRO: ReadonlyMap<string, string> = new Map([
  ...['identifiers', 'identifiers-schemas'].map((name) => [name, 'two of its columns get one name in Avro; identifiers-avro and identifiers-avro_unicode have the others'] as const),
])

/** What has to be said otherwise to Confluent's converter than to Connect's for JSON. */
export function avroProperties({ config }: Scenario): Record<string, string> {
  return {
    // adds to schemas, which this scenario's JSON has not, and Avro always
    'column.propagate.source.type': '',
    'converter.ignore.default.for.nullables': String(/^value\.converter\.replace\.null\.with\.default=false$/m.test(config)),
  }
}

/** Counts what was excused, and says so. */
export class Excuses {
  readonly #places = new Map<AvroDifference, number>()

  take({ path, expected, got }: Mismatch): boolean {
    const rule = AVRO_DIFFERENCES.find((each) => each.path.test(path) && each.excuses(expected, got))
    if (rule !== undefined) this.#places.set(rule, (this.#places.get(rule) ?? 0) + 1)
    return rule !== undefined
  }

  /** One line a rule. */
  describe(): string[] {
    return AVRO_DIFFERENCES.map((rule) => `excused, ${rule.reason}: ${this.#places.get(rule) ?? 0} places`)
  }
}
