import { TailraceError } from '../error/tailrace-error.ts'
import { textHash } from './column-hash.ts'
import type { ColumnOptions, ColumnPattern } from './column-options.ts'
import type { ValueChange } from './column-change.ts'
import { KeyColumns } from './key-columns.ts'
import { toWholeMatch } from './table-pattern.ts'

/** What rules ask of a column. */
export interface ColumnFacts {
  /** `schema.table`. */
  readonly table: string
  readonly name: string
  /** The type's name without length and scale. */
  readonly typeName: string
  /** As Debezium has it; undefined where it has none. */
  readonly length: number | undefined
  readonly scale: number | undefined
  readonly comment: string | undefined
  /** Of a character type: one that masks and hashes are for. */
  readonly isCharacter: boolean
  /** A text in events, and something else to code: JSON, hstore, SET. */
  readonly isDocument: boolean
}

/** What rules make of a column. */
export interface ColumnChange {
  /** More parameters for the field's schema, behind those of its type. */
  readonly parameters: Readonly<Record<string, string>>
  /** Undefined: values stay as they are. */
  readonly values: ValueChange | undefined
}

interface Rule {
  readonly columns: readonly RegExp[]
  readonly change: (facts: ColumnFacts) => ColumnChange | undefined
}

/** {@link ColumnOptions}, compiled: asked once for each column of a table version. */
export class ColumnRules {
  /** In the order in which they are tried. */
  readonly #rules: readonly Rule[]
  readonly #sourceType: readonly RegExp[]
  readonly #sourceTypeOf: readonly RegExp[]
  readonly #key: KeyColumns

  /** Errors: TR_CONFIG_INVALID. */
  constructor({ truncate = [], mask = [], hash = [], sourceType = [], sourceTypeOf = [], key = [] }: ColumnOptions) {
    this.#rules = [
      ...mask.map(({ columns, chars }) => ({ columns: compile(columns), change: masked(checked('mask', chars)) })),
      ...hash.map(({ columns, algorithm, salt, form = 2 }) => ({ columns: compile(columns), change: hashed(textHash(algorithm, salt, form)) })),
      ...truncate.map(({ columns, chars }) => ({ columns: compile(columns), change: truncated(checked('truncate', chars)) })),
    ]
    this.#sourceType = compile(sourceType)
    this.#sourceTypeOf = compile(sourceTypeOf)
    this.#key = new KeyColumns(key)
  }

  /** Undefined: the column is as without rules. */
  of(facts: ColumnFacts): ColumnChange | undefined {
    const name = `${facts.table}.${facts.name}`
    const change = this.#rules.find(({ columns }) => columns.some((pattern) => pattern.test(name)))?.change(facts)
    const told = this.#sourceType.some((pattern) => pattern.test(name)) || this.#sourceTypeOf.some((pattern) => pattern.test(`${facts.table}.${facts.typeName}`))
    if (!told) return change
    return { parameters: { ...sourceParameters(facts), ...change?.parameters }, values: change?.values }
  }

  /** Of all columns of a table; undefined where no column changes. */
  ofAll(columns: readonly ColumnFacts[]): readonly (ColumnChange | undefined)[] | undefined {
    const changes = columns.map((facts) => this.of(facts))
    return changes.some((change) => change !== undefined) ? changes : undefined
  }

  /** The table with the key of its events; `table`: `schema.table`. Errors: TR_CONFIG_INVALID. */
  keyed<Shape extends Parameters<KeyColumns['keyed']>[1]>(table: string, shape: Shape): Shape {
    return this.#key.keyed(table, shape)
  }
}

/** Undefined without any rule. Errors: TR_CONFIG_INVALID. */
export function columnRules(options: ColumnOptions | undefined): ColumnRules | undefined {
  return options === undefined ? undefined : new ColumnRules(options)
}

function compile(patterns: readonly ColumnPattern[]): readonly RegExp[] {
  return patterns.map(toWholeMatch)
}

function checked(option: string, chars: number): number {
  if (Number.isInteger(chars) && chars >= 0) return chars
  throw new TailraceError('TR_CONFIG_INVALID', { message: `columns.${option}: chars must be a whole number of at least 0` })
}

/** MaskStrings: the schema says so even of a column of another type, whose values stay. */
function masked(chars: number): Rule['change'] {
  const constant = '*'.repeat(chars)
  return ({ isCharacter }) => ({ parameters: { masked: 'true' }, values: isCharacter ? { constant } : undefined })
}

function hashed(hash: (text: string) => string): Rule['change'] {
  return ({ isCharacter, length = 0 }) => {
    const text = length > 0 ? (value: string): string => hash(value).slice(0, length) : hash
    return { parameters: { masked: 'true' }, values: isCharacter ? { text } : undefined }
  }
}

/** TruncateColumn: not where the column cannot hold more. */
function truncated(chars: number): Rule['change'] {
  return ({ length, isDocument }) => {
    if (length !== undefined && length <= chars) return undefined
    return { parameters: { truncateLength: String(chars) }, values: { longest: chars, isDocument } }
  }
}

/** PropagateSourceMetadataToSchemaParameter. */
function sourceParameters({ name, typeName, length, scale, comment }: ColumnFacts): Record<string, string> {
  const prefix = '__debezium.source.column'
  return {
    [`${prefix}.type`]: typeName.toUpperCase(),
    ...(length === undefined ? {} : { [`${prefix}.length`]: String(length) }),
    ...(scale === undefined ? {} : { [`${prefix}.scale`]: String(scale) }),
    ...(comment === undefined || comment === '' ? {} : { [`${prefix}.comment`]: comment }),
    [`${prefix}.name`]: name,
  }
}
