import { namedOutright, toWholeMatch } from '../table-pattern.ts'
import type { MysqlOptions } from './options.ts'

/** Debezium's `table.ignore.builtin`: databases of the server itself. */
const SYSTEM = new Set(['mysql', 'performance_schema', 'sys', 'information_schema'])

/** Decides which tables are captured, by database and by `database.table`. */
export class TableFilter {
  readonly #tables: readonly RegExp[] | undefined
  readonly #excludeTables: readonly RegExp[]
  readonly #databases: readonly RegExp[] | undefined
  readonly #excludeDatabases: readonly RegExp[]
  /** Tables named outright: each of them must exist. */
  readonly named: readonly string[]

  constructor(options: Pick<MysqlOptions, 'tables' | 'excludeTables' | 'databases' | 'excludeDatabases'>) {
    this.#tables = options.tables?.map(toWholeMatch)
    this.#excludeTables = (options.excludeTables ?? []).map(toWholeMatch)
    this.#databases = options.databases?.map(toWholeMatch)
    this.#excludeDatabases = (options.excludeDatabases ?? []).map(toWholeMatch)
    this.named = namedOutright(options.tables ?? [])
  }

  /** Of the server itself. */
  isBuiltIn(database: string): boolean {
    return SYSTEM.has(database.toLowerCase())
  }

  /** Which of the patterns in `tables` is the first that has it: Debezium reads tables in that order. */
  rank(database: string, table: string): number {
    return this.#tables?.findIndex((pattern) => pattern.test(`${database}.${table}`)) ?? 0
  }

  capturesDatabase(database: string): boolean {
    if (this.isBuiltIn(database)) return false
    if (this.#databases !== undefined && !this.#databases.some((pattern) => pattern.test(database))) return false
    return !this.#excludeDatabases.some((pattern) => pattern.test(database))
  }

  captures(database: string, table: string): boolean {
    if (!this.capturesDatabase(database)) return false
    const name = `${database}.${table}`
    if (this.#tables !== undefined && !this.#tables.some((pattern) => pattern.test(name))) return false
    return !this.#excludeTables.some((pattern) => pattern.test(name))
  }
}
