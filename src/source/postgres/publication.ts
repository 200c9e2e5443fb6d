import type { JsonValue } from '../../event/position.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { CatalogTable } from './catalog.ts'
import type { Query } from './control.ts'
import { quoteIdentifier, quoteTable } from './identifier.ts'
import type { PublicationMode } from './options.ts'

/** What a publication publishes. */
export interface Publication {
  readonly oid: number
  readonly name: string
  readonly allTables: boolean
  /** Changes of partitions are published under the root's name. */
  readonly viaRoot: boolean
  /** What of `insert`, `update`, `delete`, `truncate` is published. */
  readonly operations: readonly string[]
  /** Tables published by name or by schema. For a table listed by name: the oid of its pg_publication_rel row, which changes when it is removed and added again, or gets another column list or row filter (AlterPublicationTables in publicationcmds.c). */
  readonly members: ReadonlyMap<number, PublicationMember>
}

export interface PublicationMember {
  readonly membershipOid: number
  /** Published columns, undefined: all. */
  readonly columns: readonly string[] | undefined
  /** Row filter as an SQL expression. */
  readonly filter: string | undefined
}

export async function readPublication(query: Query, name: string, serverVersion: number): Promise<Publication | undefined> {
  const [row] = await query('select oid::int8::text as oid, puballtables, pubviaroot, pubinsert, pubupdate, pubdelete, pubtruncate from pg_publication where pubname = $1', [name])
  if (row === undefined) return undefined
  const oid = Number(row['oid'])
  // column lists, row filters and FOR TABLES IN SCHEMA came with version 15
  const details = serverVersion >= 150000
    ? `pg_get_expr(r.prqual, r.prrelid) as filter, (select json_agg(a.attname) from unnest(r.prattrs) k join pg_attribute a on a.attrelid = r.prrelid and a.attnum = k) as columns`
    : 'null as filter, null as columns'
  const listed = await query(`select r.prrelid::int8::text as relation, r.oid::int8::text as membership, ${details} from pg_publication_rel r where r.prpubid = $1::int8::oid`, [oid])
  const bySchema = serverVersion >= 150000
    ? await query('select c.oid::int8::text as relation, n.oid::int8::text as membership from pg_publication_namespace n join pg_class c on c.relnamespace = n.pnnspid where n.pnpubid = $1::int8::oid', [oid])
    : []
  const members = new Map<number, PublicationMember>()
  for (const member of [...bySchema, ...listed]) {
    members.set(Number(member['relation']), { membershipOid: Number(member['membership']), columns: (member['columns'] as string[] | null) ?? undefined, filter: (member['filter'] as string | null) ?? undefined })
  }
  const operations = OPERATIONS.filter((operation) => row[`pub${operation}`] === true)
  return { oid, name, allTables: row['puballtables'] as boolean, viaRoot: row['pubviaroot'] as boolean, operations, members }
}

const OPERATIONS = ['insert', 'update', 'delete', 'truncate']

/** The statement that makes the publication. */
export function createPublicationSql(name: string, mode: PublicationMode, tables: readonly CatalogTable[]): string {
  const head = `CREATE PUBLICATION ${quoteIdentifier(name)}`
  if (mode === 'all_tables') return `${head} FOR ALL TABLES`
  if (mode === 'no_tables' || tables.length === 0) return head
  return `${head} FOR TABLE ${tables.map((table) => quoteTable(table.schema, table.name)).join(', ')}`
}

/** A partition is published through an ancestor's membership as well. */
export function isPublished(publication: Publication, { oid, ancestors }: CatalogTable): boolean {
  return publication.allTables || [oid, ...ancestors].some((table) => publication.members.has(table))
}

/** What of the publication an offset is bound to. Changes while nobody looked would leave rows out without a trace. */
export function fingerprint(publication: Publication): Readonly<Record<string, JsonValue>> {
  const members = [...publication.members].sort(([a], [b]) => a - b).map(([table, member]) => [table, member.membershipOid])
  return { name: publication.name, oid: publication.oid, operations: publication.operations, members }
}

/** Errors: TR_PG_PUBLICATION_CHANGED when rows may be missing since `stored`. Tables that were added are fine, and so are those that were dropped altogether. */
export async function checkFingerprint(query: Query, stored: JsonValue | undefined, publication: Publication): Promise<void> {
  if (stored === undefined || stored === null || typeof stored !== 'object' || Array.isArray(stored)) return
  const before = stored as { oid?: JsonValue; name?: JsonValue; operations?: readonly string[]; members?: readonly (readonly [table: number, membership: number])[] }
  if (before.name !== publication.name) return
  const where = { publication: publication.name }
  if (before.oid !== publication.oid) throw new TailraceError('TR_PG_PUBLICATION_CHANGED', { message: `The publication ${publication.name} was dropped and created again`, where })
  const dropped = (before.operations ?? []).filter((operation) => !publication.operations.includes(operation))
  if (dropped.length > 0) throw new TailraceError('TR_PG_PUBLICATION_CHANGED', { message: `The publication ${publication.name} does not publish ${dropped.join(', ')} any more`, where })
  for (const [table, membership] of before.members ?? []) {
    const now = publication.members.get(table)
    if (now === undefined && !publication.allTables && (await isRelation(query, table))) throw new TailraceError('TR_PG_PUBLICATION_CHANGED', { message: `A table was removed from the publication ${publication.name}`, where: { ...where, relation: table } })
    if (now !== undefined && now.membershipOid !== membership) throw new TailraceError('TR_PG_PUBLICATION_CHANGED', { message: `A table was removed from the publication ${publication.name} and added again`, where: { ...where, relation: table } })
  }
}

async function isRelation(query: Query, oid: number): Promise<boolean> {
  const rows = await query('select from pg_class where oid = $1::int8::oid', [oid])
  return rows.length > 0
}
