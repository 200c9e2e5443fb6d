import type { Connector } from './connector.ts'
import { LIST, type ValueType } from './value-type.ts'

/** What tailrace knows of one of Debezium's properties, or of a family of them. */
export interface PropertyRule {
  /** As it is written in a file. For a family the variable parts stand in angle brackets. */
  readonly name: string
  /** A family: all names that match. */
  readonly family?: RegExp
  /** The names it is for, where the one that is shown stands for several. */
  readonly spellings?: readonly string[]
  readonly type: ValueType
  /** Debezium's own default. */
  readonly fallback?: string
  readonly required?: true
  /** `mapped`: it does here what it does there. `idle`: accepted, nothing here depends on it. `refused`: asks for what is not there. */
  readonly use: 'mapped' | 'idle' | 'refused'
  /** The only values that are accepted in either case; all others are refused. */
  readonly accepts?: readonly string[]
  /** Refused even where leniency is asked for: anything else in its place would be wrong. */
  readonly essential?: true
  /** Never shown. */
  readonly secret?: true
  /** The connectors that have it; default all. */
  readonly connectors?: readonly Connector[]
  /** For docs/debezium.md. */
  readonly note: string
}

type Extra = Partial<Omit<PropertyRule, 'name' | 'type' | 'use' | 'note'>>

/** The same properties, of these connectors alone. */
export function only(connectors: readonly Connector[], rules: readonly PropertyRule[]): readonly PropertyRule[] {
  return rules.map((rule) => ({ ...rule, connectors }))
}

/** A property that works. */
export function mapped(name: string, type: ValueType, note: string, extra: Extra = {}): PropertyRule {
  return { name, type, use: 'mapped', note, ...extra }
}

/** A property that is accepted and has no effect. The note says why. */
export function idle(name: string, type: ValueType, note: string, extra: Extra = {}): PropertyRule {
  return { name, type, use: 'idle', note, ...extra }
}

/** A property that is not supported, or only where its value asks for nothing (`accepts`). */
export function refused(name: string, note: string, extra: Extra & { readonly type?: ValueType } = {}): PropertyRule {
  return { name, type: LIST, use: 'refused', note, ...extra }
}

/** A family of refused names: `prefix.<anything>`. */
export function refusedFamily(prefix: string, note: string): PropertyRule {
  return refused(`${prefix}.<…>`, note, { family: startsWith(prefix) })
}

/** A family of names without effect. */
export function idleFamily(prefix: string, note: string): PropertyRule {
  return idle(`${prefix}.<…>`, LIST, note, { family: startsWith(prefix) })
}

function startsWith(prefix: string): RegExp {
  return new RegExp(`^${prefix.replaceAll('.', '\\.')}\\.`)
}
