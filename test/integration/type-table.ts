import type pg from 'pg'
import { SAMPLES } from './type-sample.ts'

/** A type that a column can have, and the server's texts of values of it. */
export interface ColumnType {
  readonly name: string
  /** As SQL says it. */
  readonly sql: string
  /** In the server's own spelling; of arrays those of their elements, together. */
  readonly texts: readonly string[]
}

/** A table with a column `c0` … for each of its types, and rows with the ids 1 …: the n-th text of each type, NULL where it has fewer. */
export interface TypeTable {
  readonly name: string
  readonly types: readonly ColumnType[]
  readonly rows: number
}

/** Types whose input functions refuse every text: only the server itself makes values of them. */
export const WITHOUT_INPUT: ReadonlySet<string> = new Set(['pg_node_tree', 'pg_ndistinct', 'pg_dependencies', 'pg_mcv_list', 'pg_brin_bloom_summary', 'pg_brin_minmax_multi_summary', 'gtsvector', 'ghstore', 'ltree_gist'])
const EXTENSIONS = ['hstore', 'citext', 'ltree', 'isn', 'cube', 'seg', 'lo']
const COLUMNS = 30

const SETUP = `
create type mood as enum ('sad', 'ok', 'very "happy"', 'с');
create domain posint as int check (value > 0);
create domain posint2 as posint;
create domain money92 as numeric(9,2);
create domain moods as mood;
create domain texts as text[];
create type pair as (a int, b text);
create type textrange as range (subtype = text);
-- the output function's text of a value, null where the input function refuses it
create function spelled(sample text, type text) returns text language plpgsql as $$
declare result text;
begin
  execute format('select format(''%%s'', %L::%s)', sample, type) into result;
  return result;
exception when others then return null;
end $$;
`

/** With a modifier, which the types themselves do not show. */
const WITH_MODIFIER = ['numeric(38,10)', 'varchar(20)', 'char(8)', 'bit(4)', 'varbit(20)', 'timestamp(0)', 'timestamp(3)', 'timestamptz(3)', 'time(3)', 'timetz(0)', 'interval(3)', 'interval year to month', 'numeric(5,2)[]', 'timestamp(3)[]']

/** Makes tables with every type that the server knows, filled with every sample that is a value of the type. */
export async function createTypeTables(client: pg.Client): Promise<TypeTable[]> {
  const extensions = await client.query<{ name: string }>('select name from pg_available_extensions where name = any ($1)', [EXTENSIONS])
  for (const { name } of extensions.rows) await client.query(`create extension ${name}`)
  await client.query(SETUP)
  const types = await columnTypes(client)
  const tables: TypeTable[] = []
  for (let from = 0; from < types.length; from += COLUMNS) {
    const some = types.slice(from, from + COLUMNS)
    const name = `types_${tables.length}`
    const rows = Math.max(...some.map(({ texts }) => texts.length)) + 1
    tables.push({ name, types: some, rows })
    await client.query(`create table ${name} (id int primary key, touched int default 0, ${some.map(({ sql }, index) => `c${index} ${sql}`).join(', ')})`)
    for (let row = 0; row < rows; row++) {
      await client.query(`insert into ${name} values (${[String(row + 1), '0', ...some.map(({ sql }, index) => `$${index + 1}::${sql}`)].join(', ')})`, some.map(({ texts }) => texts[row] ?? null))
    }
  }
  return tables
}

async function columnTypes(client: pg.Client): Promise<ColumnType[]> {
  const { rows: known } = await client.query<{ name: string; sql: string; element: string | null; delimiter: string | null }>(`
    select t.typname as name, format_type(t.oid, null) as sql, (select format_type(e.oid, null) from pg_type e where e.typarray = t.oid) as element, e.typdelim as delimiter
    from pg_type t left join pg_class c on c.oid = t.typrelid left join pg_type e on e.typarray = t.oid left join pg_class ec on ec.oid = e.typrelid
    where t.typtype in ('b', 'r', 'm', 'e', 'd', 'c') and coalesce(c.relkind, 'c') = 'c' and coalesce(ec.relkind, 'c') = 'c' and coalesce(e.typtype, 'b') <> 'p'
      and t.typnamespace in ('pg_catalog'::regnamespace, 'public'::regnamespace)
    order by t.typtype, t.oid`)
  const types: ColumnType[] = []
  for (const { name, sql, element, delimiter } of [...known, ...WITH_MODIFIER.map((each) => ({ name: each, sql: each, element: each.endsWith('[]') ? each.slice(0, -2) : null, delimiter: ',' }))]) {
    const texts = await spell(client, element ?? sql)
    types.push({ name, sql, texts: element === null ? texts : await arrays(client, sql, texts, delimiter ?? ',') })
  }
  return types
}

async function spell(client: pg.Client, sql: string): Promise<string[]> {
  // a number is a value of regoper, but the operator of that oid may have a name that others have as well
  const { rows } = await client.query<{ text: string }>('select distinct text from unnest($1::text[]) s, spelled(s, $2) text where spelled(text, $2) = text order by 1', [SAMPLES, sql])
  return rows.map(({ text }) => text)
}

/** None, one with NULL, all at once, two dimensions. Each as the server spells it. */
async function arrays(client: pg.Client, sql: string, texts: readonly string[], delimiter: string): Promise<string[]> {
  const quote = (text: string | null): string => (text === null ? 'NULL' : `"${text.replaceAll(/["\\]/g, '\\$&')}"`)
  const array = (items: readonly string[]): string => `{${items.join(delimiter)}}`
  const two = texts.slice(0, 2).map(quote)
  const samples = [array([]), array(['NULL']), ...two.map((item) => array([item])), array([...texts, null].map(quote)), ...(two.length === 0 ? [] : [array([array(two), array(two)])])]
  const { rows } = await client.query<{ text: string }>('select distinct spelled(s, $2) as text from unnest($1::text[]) s order by 1', [samples, sql])
  return rows.map(({ text }) => text)
}
