import type pg from 'pg'
import { cellText, toRow, type Cell, type Row } from './row.ts'

/** A captured table as the oracle knows it, from nobody but this file. */
export interface Table {
  readonly name: string
  readonly columns: readonly string[]
  /** Primary key, empty without one. */
  readonly key: readonly string[]
  readonly identity: 'default' | 'full'
}

const versioned = ['id', 'ver', 'tag', 'note', 'open'] as const

export const TABLES: readonly Table[] = [
  { name: 'public.account', columns: versioned, key: ['id'], identity: 'default' },
  { name: 'public.account_full', columns: versioned, key: ['id'], identity: 'full' },
  { name: 'public.document', columns: ['id', 'ver', 'tag', 'body'], key: ['id'], identity: 'default' },
  { name: 'public.document_full', columns: ['id', 'ver', 'tag', 'body'], key: ['id'], identity: 'full' },
  { name: 'public.pair', columns: ['a', 'ver', 'tag', 'b'], key: ['b', 'a'], identity: 'default' },
  { name: 'public.entry', columns: ['n', 'ver', 'tag', 'note'], key: [], identity: 'full' },
  { name: 'public.scratch', columns: ['id', 'ver', 'tag'], key: ['id'], identity: 'default' },
  { name: 'public.scratch_other', columns: ['id', 'ver', 'tag'], key: ['id'], identity: 'default' },
  { name: 'public.marker', columns: ['id', 'ver', 'tag'], key: ['id'], identity: 'default' },
]

/** `unrelated` is not captured: its changes make WAL that the engine only hears of by keepalives. */
export const SCHEMA = `
create table account (id int primary key, ver bigint not null, tag text not null, note text, open boolean);
create table account_full (id int primary key, ver bigint not null, tag text not null, note text, open boolean);
alter table account_full replica identity full;
create table document (id int primary key, ver bigint not null, tag text not null, body text);
alter table document alter body set storage external;
create table document_full (id int primary key, ver bigint not null, tag text not null, body text);
alter table document_full alter body set storage external;
alter table document_full replica identity full;
create table pair (a int, ver bigint not null, tag text not null, b text, primary key (b, a));
create table entry (n int, ver bigint not null, tag text not null, note text);
alter table entry replica identity full;
create table scratch (id int primary key, ver bigint not null, tag text not null);
create table scratch_other (id int primary key, ver bigint not null, tag text not null);
create table marker (id serial primary key, ver bigint not null default 1, tag text not null);
create table unrelated (id bigserial primary key, filler text);
create sequence epoch;
`

export const PREFILL = `
insert into account select i, 1, 'prefill', case when i % 3 = 0 then null else 'n' || i end, i % 2 = 0 from generate_series(1, 400) i;
insert into account_full select i, 1, 'prefill', case when i % 3 = 0 then null else 'n' || i end, null from generate_series(1, 400) i;
insert into document select i, 1, 'prefill', repeat(md5(i::text), 90) from generate_series(1, 60) i;
insert into document_full select i, 1, 'prefill', repeat(md5(i::text), 90) from generate_series(1, 60) i;
insert into pair select i, 1, 'prefill', 'b' || i from generate_series(1, 60) i;
insert into entry select i, 1, 'prefill', null from generate_series(1, 400) i;
`

export function tableNamed(name: string): Table | undefined {
  return TABLES.find((table) => table.name === name)
}

/** What the tables hold now. */
export async function readTables(client: pg.Client): Promise<Map<string, Row[]>> {
  const contents = new Map<string, Row[]>()
  for (const { name, columns } of TABLES) {
    const { rows } = await client.query<Record<string, string | null>>(`select ${columns.map((column) => `${column}::text`).join(', ')} from ${name}`)
    contents.set(name, rows.map((row) => toRow(columns.map((column): [string, Cell] => [column, row[column] == null ? null : cellText(row[column])]))))
  }
  return contents
}
