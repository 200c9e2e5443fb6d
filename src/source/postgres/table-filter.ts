import { namedOutright, toWholeMatch } from '../table-pattern.ts'
import type { PostgresOptions } from './options.ts'

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
    this.named = namedOutright(options.tables ?? [])
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
