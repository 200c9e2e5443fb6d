import type { Problem } from './problem.ts'
import { PARTS } from './property/converter.ts'

/** A property under the engine's name for it. */
export interface Entry {
  readonly name: string
  readonly value: string
  /** The name in the file, for messages. */
  readonly written: string
}

/** Environment variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

const SERVER_NAME = /^(?:debezium|quarkus)\./

/** Debezium Server's prefixes and what its DebeziumServer class turns them into, the most specific first. */
const PREFIXES: readonly (readonly [from: string, to: string])[] = [
  ['debezium.source.', ''],
  ...PARTS.map((part) => [`debezium.format.${part}.`, `${part}.converter.`] as const),
  ['debezium.transforms.', 'transforms.'],
  ['debezium.predicates.', 'predicates.'],
]

function engineName(written: string): string {
  for (const [from, to] of PREFIXES) if (written.startsWith(from)) return to + written.slice(from.length)
  if (written === 'debezium.transforms' || written === 'debezium.predicates') return written.slice('debezium.'.length)
  if (PARTS.some((part) => written === `debezium.format.${part}`)) return written
  if (written.startsWith('debezium.format.')) return `converter.${written.slice('debezium.format.'.length)}`
  return written
}

/** True where a configuration is Debezium Server's. */
export function isServerForm(properties: ReadonlyMap<string, string>): boolean {
  return [...properties.keys()].some((name) => name.startsWith('debezium.source.'))
}

/**
 * The engine's properties of a configuration in either form. In Debezium Server's, `${NAME}` and `${NAME:default}` stand for
 * another property or an environment variable, as MicroProfile Config has it.
 */
export function toEntries(properties: ReadonlyMap<string, string>, environment: Environment): { readonly entries: Entry[]; readonly problems: Problem[] } {
  const problems: Problem[] = []
  const variables = new Set<string>()
  const entries = [...properties].map(([written, text]): Entry => {
    const name = engineName(written)
    // Transformations use ${…} for themselves.
    if (!SERVER_NAME.test(written) || /^(?:transforms|predicates)(?:\.|$)/.test(name)) return { name, value: text, written }
    const value = text.replace(/\$\{([^}:]+)(?::([^}]*))?\}/g, (_, variable: string, fallback: string | undefined) => {
      variables.add(variable)
      const found = properties.get(variable) ?? environment[variable] ?? environment[variable.replace(/[^A-Za-z0-9]/g, '_').toUpperCase()] ?? fallback
      if (found === undefined) problems.push({ kind: 'invalid', property: written, text: `the environment variable ${variable} is not set` })
      return found ?? ''
    })
    return { name, value, written }
  })
  // What is only there to be referred to is not a property of the engine.
  const own = entries.filter((entry) => !variables.has(entry.written))
  // One property under two names: the later counts, as with one name.
  return { entries: [...new Map(own.map((entry) => [entry.name, entry])).values()], problems }
}
