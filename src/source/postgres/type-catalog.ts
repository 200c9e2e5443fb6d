import type { PgType } from './column.ts'

/** Runs one statement. A row's values may be typed or text: only one text column is read. */
export type TypeQuery = (sql: string, values?: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>

/** One type as the query describes it; the types it refers to are other entries. */
interface TypeEntry {
  readonly oid: number
  readonly name: string
  readonly schema: string
  readonly kind: string
  readonly delimiter: string
  /** 0: not an array. */
  readonly element: number
  /** 0: not a domain. */
  readonly base: number
  readonly typmod: number
  readonly labels: readonly string[] | null
}

/**
 * The types asked for and all they are made of. An array is a type that its element names as its array (`typarray`): point,
 * name and int2vector have elements too, but are no arrays to a reader. The result is one JSON text, so that nothing depends
 * on how the client parses oids and arrays.
 */
const RESOLVE = `
with recursive wanted (oid) as (
  select unnest($1::int8[])::oid
  union
  select needed.oid from wanted
  join pg_catalog.pg_type t on t.oid = wanted.oid
  left join pg_catalog.pg_type e on e.oid = t.typelem and e.typarray = t.oid
  cross join lateral (values (e.oid), (nullif(t.typbasetype, 0))) needed (oid)
  where needed.oid is not null
)
select coalesce(json_agg(json_build_object(
  'oid', t.oid::int8, 'name', t.typname, 'schema', n.nspname, 'kind', t.typtype, 'delimiter', t.typdelim,
  'element', coalesce(e.oid::int8, 0), 'base', t.typbasetype::int8, 'typmod', t.typtypmod,
  'labels', (select json_agg(l.enumlabel order by l.enumsortorder) from pg_catalog.pg_enum l where l.enumtypid = t.oid)
)), '[]')::text as types
from wanted
join pg_catalog.pg_type t on t.oid = wanted.oid
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
left join pg_catalog.pg_type e on e.oid = t.typelem and e.typarray = t.oid`

const KINDS: Readonly<Record<string, PgType['kind']>> = { b: 'base', c: 'composite', d: 'domain', e: 'enum', p: 'pseudo', r: 'range', m: 'multirange' }

/** Resolves types by oid, with elements, base types and labels. Oids the catalog does not know are not in the result. */
export async function resolveTypes(query: TypeQuery, oids: readonly number[]): Promise<ReadonlyMap<number, PgType>> {
  if (oids.length === 0) return new Map()
  const [row] = await query(RESOLVE, [`{${oids.join(',')}}`])
  const found = JSON.parse(row?.['types'] as string) as TypeEntry[]
  const entries = new Map(found.map((entry) => [entry.oid, entry]))
  const types = new Map<number, PgType>()
  for (const entry of entries.values()) build(entry, entries, types)
  return types
}

function build(entry: TypeEntry, entries: ReadonlyMap<number, TypeEntry>, types: Map<number, PgType>): PgType {
  const known = types.get(entry.oid)
  if (known !== undefined) return known
  const element = entries.get(entry.element)
  const base = entries.get(entry.base)
  const type: PgType = {
    oid: entry.oid, name: entry.name, schema: entry.schema, kind: KINDS[entry.kind] ?? 'pseudo',
    ...(element === undefined ? {} : { element: build(element, entries, types) }),
    ...(base === undefined ? {} : { base: build(base, entries, types), baseTypmod: entry.typmod }),
    ...(entry.delimiter === ',' ? {} : { delimiter: entry.delimiter }),
    ...(entry.labels === null ? {} : { labels: entry.labels }),
  }
  types.set(entry.oid, type)
  return type
}
