import { TailraceError } from '../../error/tailrace-error.ts'
import type { PostgresOptions, TablePattern } from './options.ts'

/** Decides which tables are captured, by schema and by `schema.table`. */
export class TableFilter {
  readonly #tables: readonly RegExp[] | undefined
  readonly #excludeTables: readonly RegExp[]
  readonly #schemas: readonly RegExp[] | undefined
  readonly #excludeSchemas: readonly RegExp[]
  /** Tables named outright: each of them must exist. */
  readonly named: readonly string[]

  constructor(options: Pick<PostgresOptions, 'tables' | 'excludeTables' | 'schemas' | 'excludeSchemas'>) {
    this.#tables = options.tables?.map(toWholeMatch)
    this.#excludeTables = (options.excludeTables ?? []).map(toWholeMatch)
    this.#schemas = options.schemas?.map(toWholeMatch)
    this.#excludeSchemas = (options.excludeSchemas ?? []).map(toWholeMatch)
    this.named = (options.tables ?? []).filter((pattern): pattern is string => typeof pattern === 'string' && !pattern.includes('*'))
  }

  captures(schema: string, table: string): boolean {
    if (schema === 'pg_catalog' || schema === 'information_schema' || schema === 'pg_toast' || schema.startsWith('pg_temp_')) return false
    if (this.#schemas !== undefined && !this.#schemas.some((pattern) => pattern.test(schema))) return false
    if (this.#excludeSchemas.some((pattern) => pattern.test(schema))) return false
    const name = `${schema}.${table}`
    if (this.#tables !== undefined && !this.#tables.some((pattern) => pattern.test(name))) return false
    return !this.#excludeTables.some((pattern) => pattern.test(name))
  }
}

/** A string is a name in which `*` stands for any characters; a regular expression must match the whole name. */
export function toWholeMatch(pattern: TablePattern): RegExp {
  if (typeof pattern === 'string') return new RegExp(`^${pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('.*')}$`, 's')
  try {
    return new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gy]/g, ''))
  } catch (cause) {
    throw new TailraceError('TR_CONFIG_INVALID', { message: `The table pattern ${pattern.source} is not a valid expression`, cause })
  }
}
