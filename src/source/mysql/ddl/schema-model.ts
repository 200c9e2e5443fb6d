import type { TableDefinition } from '../../../schema-history/table-definition.ts'
import { charsetName } from './charset-name.ts'
import { charsetOfCollationId } from './collation-id.ts'
import { tokenize } from './lexer.ts'
import type { DdlContext, SchemaModel, Statement } from './schema-contract.ts'
import { readStatement, type World } from './statement.ts'
import { TokenReader } from './token-reader.ts'

export interface SchemaModelOptions {
  readonly flavor: 'mysql' | 'mariadb'
  /** The server's `lower_case_table_names`: with 1 names are in lower case, with 2 they are the same in both. */
  readonly lowerCaseTableNames: 0 | 1 | 2
  /** `character_set_server`, for databases that say nothing else. */
  readonly serverCharset: string
  /** Executable comments for later versions are not read: 90704, 110806. Default: all are; the server has undone those that it did not read itself. */
  readonly version?: number
  /** Comments of columns and tables are kept. Default true. */
  readonly comments?: boolean
}

/** No table. Statements fill it, in the order of the log. */
export function createSchemaModel(options: SchemaModelOptions): SchemaModel {
  return new Model(options)
}

class Model implements SchemaModel, World {
  readonly flavor: 'mysql' | 'mariadb'
  readonly #options: SchemaModelOptions
  /** By database, then by name, both as they are compared. */
  readonly #tables = new Map<string, Map<string, TableDefinition>>()
  readonly #databases = new Map<string, string>()
  #serverCharset: string

  constructor(options: SchemaModelOptions) {
    this.flavor = options.flavor
    this.#options = options
    this.#serverCharset = charsetName(options.serverCharset)
  }

  get(database: string, table: string): TableDefinition | undefined {
    return this.#tables.get(this.#compared(database))?.get(this.#compared(table))
  }

  *tables(): Iterable<TableDefinition> {
    for (const tables of this.#tables.values()) yield* tables.values()
  }

  put(shape: TableDefinition): TableDefinition {
    const key = this.#compared(shape.database)
    const tables = this.#tables.get(key) ?? new Map<string, TableDefinition>()
    this.#tables.set(key, tables)
    const kept = this.#options.comments === false ? withoutComments(shape) : shape
    tables.set(this.#compared(shape.name), kept)
    return kept
  }

  remove(database: string, table: string): void {
    this.#tables.get(this.#compared(database))?.delete(this.#compared(table))
  }

  apply(ddl: string, context: DdlContext): Statement {
    const { flavor, version = Infinity } = this.#options
    const tokens = tokenize(ddl, { flavor, version, noBackslashEscapes: context.noBackslashEscapes })
    return readStatement(new TokenReader(ddl, tokens, context, (name) => this.#written(name)), this)
  }

  databaseCharset(database: string): string | undefined {
    return this.#databases.get(this.#compared(database))
  }

  charsetOf(database: string): string {
    return this.databaseCharset(database) ?? this.#serverCharset
  }

  create(name: string, charset: string | undefined, replace: boolean): void {
    if (replace) this.drop(name)
    this.#databases.set(this.#compared(name), charset ?? this.#serverCharset)
  }

  knows(name: string): boolean {
    return this.#databases.has(this.#compared(name))
  }

  alter(name: string, charset: string): void {
    this.#databases.set(this.#compared(name), charset)
  }

  drop(name: string): void {
    this.#tables.delete(this.#compared(name))
    this.#databases.delete(this.#compared(name))
  }

  charsetById(collation: number | undefined): string | undefined {
    return collation === undefined ? undefined : charsetOfCollationId(collation)
  }

  setServerCharset(charset: string): void {
    this.#serverCharset = charset
  }

  #written(name: string): string {
    return this.#options.lowerCaseTableNames === 1 ? name.toLowerCase() : name
  }

  #compared(name: string): string {
    return this.#options.lowerCaseTableNames === 0 ? name : name.toLowerCase()
  }
}

function withoutComments(shape: TableDefinition): TableDefinition {
  return { ...shape, comment: undefined, columns: shape.columns.map((column) => ({ ...column, comment: undefined })) }
}
