import type { TailraceError } from '../../error/tailrace-error.ts'
import type { ColumnRules } from '../column-rule.ts'
import type { PgColumn, PgTableShape } from './column.ts'
import type { Query } from './control.ts'
import { readTable, TypeCache, unknownType, type CatalogTable } from './catalog.ts'
import type { Relation } from './pgoutput/relation.ts'
import { PgTable } from './table.ts'
import type { TableFilter } from './table-filter.ts'
import type { Parsers } from './value/row-decoder.ts'

/** A relation as rows refer to it on one connection. */
export interface KnownRelation {
  readonly relation: Relation
  /** Undefined for a table that is not captured. */
  readonly table: PgTable | undefined
}

/**
 * RELATION messages, resolved to table versions. The message is exact for its place in the WAL (names, types, identity);
 * what it lacks (NOT NULL, defaults, the key of a table with REPLICA IDENTITY FULL) comes from the catalog of now, column by
 * column and only where both agree. One cache a connection: the server sends every relation again.
 */
export class RelationCache {
  readonly #known = new Map<number, KnownRelation>()
  /** The last shape of each table, for columns that the catalog has dropped or renamed since. */
  readonly #shapes: Map<number, PgTableShape>
  readonly #types: TypeCache
  readonly #query: Query
  readonly #database: string
  readonly #filter: TableFilter
  readonly #parsers: Parsers
  readonly #warn: (error: TailraceError) => void
  readonly #rules: ColumnRules | undefined

  constructor(query: Query, database: string, filter: TableFilter, parsers: Parsers, warn: (error: TailraceError) => void, shapes: Map<number, PgTableShape>, rules?: ColumnRules) {
    this.#query = query
    this.#types = new TypeCache(query)
    this.#database = database
    this.#filter = filter
    this.#parsers = parsers
    this.#warn = warn
    this.#rules = rules
    this.#shapes = shapes
  }

  get(oid: number): KnownRelation | undefined {
    return this.#known.get(oid)
  }

  /** Takes a RELATION message. False: the catalog must be asked first, by {@link resolve}. */
  take(relation: Relation): boolean {
    if (this.#filter.captures(relation.schema, relation.name)) return false
    this.#known.set(relation.oid, { relation, table: undefined })
    return true
  }

  async resolve(relation: Relation): Promise<void> {
    const [catalog, types] = await Promise.all([readTable(this.#query, relation.oid), this.#types.resolve(relation.columns.map((column) => column.typeOid))])
    const before = this.#shapes.get(relation.oid)
    // the columns of a primary key or of an index that is a replica identity are NOT NULL; FULL marks every column
    const keyed = (column: { readonly identity: boolean }): boolean => column.identity && relation.replicaIdentity !== 'f'
    const columns = relation.columns.map((column): PgColumn => {
      const now = catalog?.columns.find((other) => other.name === column.name && other.typeOid === column.typeOid)
      const then = before?.columns.find((other) => other.name === column.name && other.type.oid === column.typeOid)
      const known = now ?? then
      return {
        name: column.name, type: types.get(column.typeOid) ?? unknownType(column.typeOid), typmod: column.typmod, optional: known?.optional ?? !keyed(column),
        ...(known?.default === undefined ? {} : { default: known.default }), identity: known?.identity ?? false, generated: known?.generated ?? false,
      }
    })
    const shape = { oid: relation.oid, database: this.#database, schema: relation.schema, name: relation.name, columns, key: keyOf(relation, catalog, before) }
    this.#shapes.set(relation.oid, shape)
    this.#known.set(relation.oid, { relation, table: new PgTable(shape, this.#parsers, this.#warn, this.#rules) })
  }
}

/**
 * The key. With REPLICA IDENTITY DEFAULT the message itself marks the primary key's columns as they were at this place;
 * the catalog only lends their order, while it still names the same columns. Otherwise (FULL, an index, NOTHING) the
 * catalog's key counts, as long as its columns exist.
 */
function keyOf(relation: Relation, catalog: CatalogTable | undefined, before: PgTableShape | undefined): readonly number[] {
  const place = (name: string): number => relation.columns.findIndex((column) => column.name === name)
  const fromCatalog = (catalog?.key ?? []).map(place)
  const usable = fromCatalog.length > 0 && !fromCatalog.includes(-1)
  const marked = relation.columns.flatMap((column, index) => (column.identity ? [index] : []))
  if (relation.replicaIdentity === 'd' && marked.length > 0) {
    const same = (key: readonly number[]): boolean => key.length === marked.length && key.every((index) => marked.includes(index))
    if (usable && same(fromCatalog)) return fromCatalog
    const earlier = (before?.key ?? []).map((index) => place(before!.columns[index]!.name))
    return same(earlier) ? earlier : marked
  }
  if (usable) return fromCatalog
  return relation.replicaIdentity === 'i' ? marked : []
}
