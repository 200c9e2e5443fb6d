import { TailraceError } from '../error/tailrace-error.ts'
import { readRegexList, splitList } from './pattern/regex-list.ts'
import type { Connector } from './property/connector.ts'
import { parseReplicaIdentities, type ReplicaIdentity } from './property/replica-identity.ts'
import type { PropertyTable } from './property/table.ts'

/** Checked values, read as what they are; Debezium's default where nothing is given. */
export class Settings {
  readonly #values: ReadonlyMap<string, string>

  readonly #table: PropertyTable

  constructor(values: ReadonlyMap<string, string>, table: PropertyTable) {
    this.#values = values
    this.#table = table
  }

  get connector(): Connector {
    return this.#table.connector
  }

  /** The text that was given. Empty counts as not given. */
  given(name: string): string | undefined {
    if (this.#table.find(name) === undefined) throw new TailraceError('TR_ENGINE_INVARIANT', { message: `The property table does not have ${name}` })
    const value = this.#values.get(name)
    return value === '' ? undefined : value
  }

  /** Given, and nothing: where that says something. */
  isEmpty(name: string): boolean {
    return this.#values.get(name) === ''
  }

  /** What was given under a prefix, without it. */
  family(prefix: string): ReadonlyMap<string, string> {
    return new Map([...this.#values].filter(([name]) => name.startsWith(prefix)).map(([name, value]) => [name.slice(prefix.length), value]))
  }

  /** The text that was given, or the default. */
  text(name: string): string {
    return this.given(name) ?? this.#table.find(name)?.fallback ?? ''
  }

  integer(name: string): number {
    return Number(this.text(name))
  }

  flag(name: string): boolean {
    return this.text(name).trim().toLowerCase() === 'true'
  }

  /** One word of a choice. The property table has checked that it is one of `Word`. */
  word<Word extends string>(name: string): Word {
    return this.text(name).trim().toLowerCase() as Word
  }

  /** Whether the word, or class name, is one of these in either case. */
  isOneOf(name: string, words: readonly string[]): boolean {
    const word = this.word(name)
    return words.some((each) => each.toLowerCase() === word)
  }

  list(name: string): string[] {
    return splitList(this.text(name))
  }

  expressions(name: string): RegExp[] {
    return readRegexList(this.text(name)).expressions
  }

  replicaIdentities(name: string): ReplicaIdentity[] {
    const value = this.given(name)
    return value === undefined ? [] : parseReplicaIdentities(value).identities
  }
}

/** Only what is there. */
export function defined<Members extends object>(members: Members): { [Name in keyof Members]?: Exclude<Members[Name], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as { [Name in keyof Members]?: Exclude<Members[Name], undefined> }
}
