import { toWholeMatch } from '../table-pattern.ts'
import type { CatalogTable } from './catalog.ts'
import { listTables } from './catalog.ts'
import type { Query } from './control.ts'
import { quoteIdentifier, quoteTable } from './identifier.ts'
import { createPublicationSql, readPublication, type Publication } from './publication.ts'
import type { Settings } from './settings.ts'

/** The captured tables as the catalog has them, in the order the snapshot reads them. */
export async function capturedTables(query: Query, settings: Settings): Promise<CatalogTable[]> {
  return (await listTables(query)).filter((table) => settings.filter.captures(table.schema, table.name))
}

/**
 * Rows are stored in partitions; their parents have them all. Which of the two is read follows what the stream will name: with
 * publish_via_partition_root the topmost table of the tree that is published, perhaps a branch or a leaf (get_rel_sync_entry in
 * src/backend/replication/pgoutput/pgoutput.c).
 */
export function snapshotTables(tables: readonly CatalogTable[], publication: Publication | undefined): CatalogTable[] {
  if (publication?.viaRoot !== true) return tables.filter((table) => table.relkind !== 'p')
  const { members } = publication
  if (publication.allTables) return tables.filter((table) => !table.partition)
  return tables.filter(({ oid, partition, ancestors }) => {
    if (partition) return members.has(oid) && !ancestors.some((ancestor) => members.has(ancestor))
    return members.has(oid) || !tables.some((other) => other.ancestors.includes(oid) && members.has(other.oid))
  })
}

/** What a publication for these tables lists: `CREATE PUBLICATION` refuses unlogged tables. */
export function publishableTables(tables: readonly CatalogTable[]): CatalogTable[] {
  return snapshotTables(tables, undefined).filter((table) => table.logged)
}

/** Applies the `replicaIdentity` option: `ALTER TABLE … REPLICA IDENTITY` where it differs. */
export async function setReplicaIdentities(query: Query, settings: Settings, tables: readonly CatalogTable[]): Promise<void> {
  for (const table of tables) {
    const rule = settings.replicaIdentity.find((candidate) => toWholeMatch(candidate.table).test(`${table.schema}.${table.name}`))
    if (rule === undefined) continue
    const [kind, index] = rule.identity.split(/ (.*)/s)
    const letter = { DEFAULT: 'd', FULL: 'f', NOTHING: 'n' }[kind!]
    if (letter === table.replicaIdentity) continue
    await query(`ALTER TABLE ${quoteTable(table.schema, table.name)} REPLICA IDENTITY ${index === undefined ? kind! : `USING INDEX ${quoteIdentifier(index)}`}`)
  }
}

/** Reads the publication, or makes it as the options say. Always before the slot: an older slot would not know it. */
export async function ensurePublication(query: Query, settings: Settings, tables: readonly CatalogTable[], serverVersion: number): Promise<Publication | undefined> {
  const present = await readPublication(query, settings.publication, serverVersion)
  if (present !== undefined || settings.publicationMode === 'disabled') return present
  await query(createPublicationSql(settings.publication, settings.publicationMode, publishableTables(tables)))
  return readPublication(query, settings.publication, serverVersion)
}
