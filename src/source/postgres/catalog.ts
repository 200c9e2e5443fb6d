import type { PgColumn, PgTableShape, PgType } from './column.ts'
import type { Query, Row } from './control.ts'
import { resolveTypes } from './type-catalog.ts'

/** What the catalog knows of a table and a RELATION message does not. */
export interface CatalogTable {
  readonly oid: number
  readonly schema: string
  readonly name: string
  /** `r` table, `p` partitioned table. */
  readonly relkind: string
  readonly partition: boolean
  /** A partition's parents up to the root, by oid; otherwise empty. */
  readonly ancestors: readonly number[]
  /** False for an unlogged table: a snapshot can read it, but its changes are not in the WAL and it cannot be published. */
  readonly logged: boolean
  readonly replicaIdentity: 'd' | 'n' | 'f' | 'i'
  /** The planner's row estimate, -1 when never analysed. */
  readonly estimatedRows: number
  readonly columns: readonly CatalogColumn[]
  /** Names of the key's columns in key order: the primary key, else the first unique index without NULLs, partial predicate or expression. */
  readonly key: readonly string[]
}

export interface CatalogColumn {
  readonly name: string
  readonly typeOid: number
  readonly typmod: number
  readonly optional: boolean
  readonly default: string | undefined
  readonly identity: boolean
  readonly generated: boolean
}

const TABLES = `
select c.oid::int8::text as oid, n.nspname as schema, c.relname as name, c.relkind::text as relkind, c.relispartition as partition,
  case when c.relispartition then (select json_agg(a.relid::oid::int8) from pg_partition_ancestors(c.oid) a where a.relid <> c.oid) end as ancestors, c.relpersistence = 'p' as logged, c.relreplident::text as ident, c.reltuples::float8 as rows,
  (select json_agg(json_build_object('name', a.attname, 'type', a.atttypid::int8, 'typmod', a.atttypmod, 'notnull', a.attnotnull,
     'default', pg_get_expr(d.adbin, d.adrelid), 'identity', a.attidentity <> '', 'generated', a.attgenerated <> '') order by a.attnum)
   from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
  (select json_agg(a.attname order by k.place)
   from (select i.indexrelid, i.indkey, i.indnkeyatts from pg_index i
         where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
           and (i.indisprimary or not exists (select from pg_attribute u where u.attrelid = c.oid and u.attnum = any (i.indkey) and not u.attnotnull))
         order by i.indisprimary desc, i.indexrelid limit 1) i,
        unnest(i.indkey) with ordinality as k (attnum, place), pg_attribute a
   where a.attrelid = c.oid and a.attnum = k.attnum and k.place <= i.indnkeyatts) as key
from pg_class c join pg_namespace n on n.oid = c.relnamespace`

/** Ordinary and partitioned tables that are not temporary, outside the system schemas, by schema and name. */
export async function listTables(query: Query): Promise<CatalogTable[]> {
  const rows = await query(`${TABLES} where c.relkind in ('r', 'p') and c.relpersistence <> 't' and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') order by n.nspname collate "C", c.relname collate "C"`)
  return rows.map(toTable)
}

/** One table by oid, undefined when it is gone. */
export async function readTable(query: Query, oid: number): Promise<CatalogTable | undefined> {
  const [row] = await query(`${TABLES} where c.oid = $1::int8::oid`, [oid])
  return row === undefined ? undefined : toTable(row)
}

function toTable(row: Row): CatalogTable {
  const columns = (row['columns'] ?? []) as { name: string; type: number; typmod: number; notnull: boolean; default: string | null; identity: boolean; generated: boolean }[]
  return {
    oid: Number(row['oid']), schema: row['schema'] as string, name: row['name'] as string, relkind: row['relkind'] as string, partition: row['partition'] as boolean, ancestors: (row['ancestors'] ?? []) as number[], logged: row['logged'] as boolean,
    replicaIdentity: row['ident'] as CatalogTable['replicaIdentity'], estimatedRows: Number(row['rows']),
    columns: columns.map((column) => ({
      name: column.name, typeOid: column.type, typmod: column.typmod, optional: !column.notnull, default: column.default ?? undefined, identity: column.identity, generated: column.generated,
    })),
    key: (row['key'] ?? []) as string[],
  }
}

/** Types by oid, kept: a type's own definition changes only by enum labels, which values do not depend on. */
export class TypeCache {
  readonly #types = new Map<number, PgType>()
  readonly #query: Query

  constructor(query: Query) {
    this.#query = query
  }

  /** Enums are asked for again: `ALTER TYPE … ADD VALUE` tells nobody. */
  async resolve(oids: readonly number[]): Promise<ReadonlyMap<number, PgType>> {
    const missing = [...new Set(oids)].filter((oid) => !this.#types.has(oid) || usesEnum(this.#types.get(oid)!))
    if (missing.length > 0) for (const [oid, type] of await resolveTypes(this.#query, missing)) this.#types.set(oid, type)
    return this.#types
  }
}

function usesEnum(type: PgType): boolean {
  return type.kind === 'enum' || (type.element !== undefined && usesEnum(type.element)) || (type.base !== undefined && usesEnum(type.base))
}

/** A type the catalog does not know any more: its values are text. */
export function unknownType(oid: number): PgType {
  return { oid, name: `oid ${oid}`, schema: 'pg_catalog', kind: 'pseudo' }
}

/** The shape of a table as the catalog has it now. */
export function toShape(table: CatalogTable, database: string, types: ReadonlyMap<number, PgType>): PgTableShape {
  const columns = table.columns.map((column): PgColumn => ({
    name: column.name, type: types.get(column.typeOid) ?? unknownType(column.typeOid), typmod: column.typmod, optional: column.optional,
    ...(column.default === undefined ? {} : { default: column.default }), identity: column.identity, generated: column.generated,
  }))
  return { oid: table.oid, database, schema: table.schema, name: table.name, columns, key: table.key.map((name) => columns.findIndex((column) => column.name === name)) }
}
