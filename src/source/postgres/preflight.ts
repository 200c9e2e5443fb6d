import { Findings } from '../findings.ts'
import type { Finding, SourceContext } from '../source.ts'
import { toWholeMatch } from '../table-pattern.ts'
import { capturedTables, publishableTables, snapshotTables } from './capture.ts'
import type { CatalogTable } from './catalog.ts'
import type { Query } from './control.ts'
import { quoteIdentifier, quoteTable } from './identifier.ts'
import { createPublicationSql, isPublished, readPublication, type Publication } from './publication.ts'
import { readServerFacts, type ServerFacts } from './server.ts'
import type { Settings } from './settings.ts'
import { readSlot, whyUnsuitable } from './slot.ts'

/**
 * Tables whose rows UPDATE and DELETE could not name in the WAL. DEFAULT is the primary key alone, and no deferrable one: a unique
 * index, which serves as a key here, does not count (RelationGetIndexList in src/backend/utils/cache/relcache.c).
 */
const UNIDENTIFIED = `select c.oid::int8::text as oid from pg_class c where c.oid = any ($1::int8[]::oid[]) and c.relkind = 'r' and c.relpersistence = 'p'
  and not case c.relreplident when 'f' then true when 'n' then false
    else exists (select from pg_index i where i.indrelid = c.oid and i.indisvalid and i.indimmediate and case c.relreplident when 'd' then i.indisprimary else i.indisreplident end) end`

/** Every problem at once, before anything is made on the server. */
export async function preflight(query: Query, settings: Settings, context: SourceContext): Promise<Finding[]> {
  const findings = new Findings()
  const facts = await readServerFacts(query)
  checkServer(facts, settings, findings)
  await checkRole(query, findings)
  await checkRoom(query, settings, facts.database, findings)
  const tables = await capturedTables(query, settings)
  const publication = await readPublication(query, settings.publication, facts.version)
  await checkTables(query, settings, tables, findings)
  checkPartitioned(settings, tables, publication, findings)
  await checkPublication(query, settings, tables, publication, findings)
  context.logger.debug('preflight', { server: facts.versionText, tables: tables.length, findings: findings.list.length })
  return findings.list
}

function checkServer(facts: ServerFacts, settings: Settings, findings: Findings): void {
  if (facts.version < 140000) findings.error('TR_PG_VERSION', `PostgreSQL ${facts.versionText} is too old`, 'Use PostgreSQL 14 or newer')
  if (facts.walLevel !== 'logical') findings.error('TR_PG_WAL_LEVEL', `wal_level is ${facts.walLevel}`, 'ALTER SYSTEM SET wal_level = logical; then restart the server')
  if (facts.encoding !== 'UTF8') findings.error('TR_PG_ENCODING', `The database ${facts.database} has the encoding ${facts.encoding}`, 'Use a database created with ENCODING UTF8')
  if (facts.inRecovery && settings.publicationMode !== 'disabled') findings.warning('TR_PG_PUBLICATION_MISSING', 'The server is a standby: nothing can be created on it', 'Create the publication on the primary')
}

async function checkRole(query: Query, findings: Findings): Promise<void> {
  // managed services grant replication through a role of their own
  const [role] = await query(`select rolname, rolsuper or rolreplication or exists (select from pg_roles g where g.rolname in ('rds_replication', 'cloudsqlsuperuser', 'azure_pg_admin') and pg_has_role(r.rolname, g.oid, 'member')) as may from pg_roles r where rolname = current_user`)
  if (role?.['may'] === false) findings.error('TR_PG_PRIVILEGE', `The role ${String(role['rolname'])} may not replicate`, `ALTER ROLE ${quoteIdentifier(String(role['rolname']))} REPLICATION`, { role: String(role['rolname']) })
}

/** Free slots and senders; a slot of that name. */
async function checkRoom(query: Query, settings: Settings, database: string, findings: Findings): Promise<void> {
  const slot = await readSlot(query, settings.slot)
  const [room] = await query("select current_setting('max_replication_slots')::int - (select count(*) from pg_replication_slots)::int as slots, current_setting('max_wal_senders')::int as senders")
  if (slot === undefined && Number(room!['slots']) < 1) findings.error('TR_PG_LIMIT', 'All replication slots are in use', 'Raise max_replication_slots and restart, or drop slots that nobody uses')
  if (Number(room!['senders']) < 1) findings.error('TR_PG_LIMIT', 'max_wal_senders is 0', 'Raise max_wal_senders and restart')
  const unsuitable = slot === undefined ? undefined : whyUnsuitable(slot, database)
  if (unsuitable !== undefined) findings.error('TR_PG_SLOT_UNSUITABLE', `The slot ${settings.slot} cannot be used: ${unsuitable}`, 'Use another slot name, or drop that slot', { slot: settings.slot })
  if (slot === undefined && !settings.createSlot && settings.snapshotMode !== 'initial_only') {
    findings.error('TR_PG_SLOT_MISSING', `The slot ${settings.slot} does not exist and may not be created`, `select pg_create_logical_replication_slot('${settings.slot}', 'pgoutput')`, { slot: settings.slot })
  }
}

async function checkTables(query: Query, settings: Settings, tables: readonly CatalogTable[], findings: Findings): Promise<void> {
  const names = new Set(tables.map((table) => `${table.schema}.${table.name}`))
  for (const name of settings.filter.named) {
    if (!names.has(name)) findings.error('TR_PG_TABLE_MISSING', `The table ${name} does not exist`, 'Create it, or correct the name (schema.table)', { table: name })
  }
  if (tables.length === 0 && settings.filter.named.length === 0) findings.warning('TR_PG_TABLE_MISSING', 'No table matches: nothing will be captured', 'Check the table and schema lists')
  for (const table of tables) {
    if (table.logged) continue
    const name = `${table.schema}.${table.name}`
    findings.warning('TR_PG_UNLOGGED', `The table ${name} is unlogged: a snapshot reads it, but its changes are not in the WAL`, `ALTER TABLE ${quoteTable(table.schema, table.name)} SET LOGGED; or leave the table out`, { table: name })
  }
  if (settings.snapshotMode === 'no_data') return
  const rows = await query('select c.oid::int8::text as oid, has_schema_privilege(c.relnamespace, \'usage\') as usage, has_table_privilege(c.oid, \'select\') as read, c.relrowsecurity and row_security_active(c.oid) as secured from pg_class c where c.oid = any ($1::int8[]::oid[])', [tables.map((table) => table.oid)])
  for (const row of rows) {
    const table = tables.find((candidate) => candidate.oid === Number(row['oid']))!
    const name = quoteTable(table.schema, table.name)
    if (row['usage'] === false) findings.error('TR_PG_PRIVILEGE', `The schema of ${name} may not be used`, `GRANT USAGE ON SCHEMA ${quoteIdentifier(table.schema)} TO the role`, { table: name })
    else if (row['read'] === false) findings.error('TR_PG_PRIVILEGE', `${name} may not be read`, `GRANT SELECT ON ${name} TO the role`, { table: name })
    if (row['secured'] === true) findings.error('TR_PG_PRIVILEGE', `Row-level security would hide rows of ${name} from the snapshot`, 'ALTER ROLE … BYPASSRLS', { table: name })
  }
}

/** Rows and changes of a partitioned table come under the names of its partitions: who lists only its own name gets nothing. */
function checkPartitioned(settings: Settings, tables: readonly CatalogTable[], publication: Publication | undefined, findings: Findings): void {
  const roots = tables.filter((table) => table.relkind === 'p' && settings.filter.named.includes(`${table.schema}.${table.name}`))
  if (roots.length === 0 || publication?.viaRoot === true) return
  for (const root of roots) {
    if (tables.some((table) => table.ancestors.includes(root.oid))) continue
    const name = `${root.schema}.${root.name}`
    findings.error('TR_PG_TABLE_MISSING', `The table ${name} is partitioned, its changes name its partitions, and none of them is captured`,
      `Capture the partitions as well, or use a publication of ${name} WITH (publish_via_partition_root = true)`, { table: name })
  }
}

async function checkPublication(query: Query, settings: Settings, tables: readonly CatalogTable[], publication: Publication | undefined, findings: Findings): Promise<void> {
  if (publication === undefined) return checkCreation(query, settings, tables, findings)
  for (const table of snapshotTables(tables, publication)) {
    if (!table.logged || isPublished(publication, table)) continue
    const name = `${table.schema}.${table.name}`
    const report = settings.filter.named.includes(name) ? 'error' : 'warning'
    findings[report]('TR_PG_PUBLICATION_CHANGED', `The publication ${publication.name} does not publish ${name}: its changes would not arrive`, `ALTER PUBLICATION ${quoteIdentifier(publication.name)} ADD TABLE ${quoteTable(table.schema, table.name)}`, { table: name })
  }
}

async function checkCreation(query: Query, settings: Settings, tables: readonly CatalogTable[], findings: Findings): Promise<void> {
  const { publication: name, publicationMode: mode } = settings
  const create = createPublicationSql(name, mode === 'disabled' ? 'filtered' : mode, publishableTables(tables))
  if (mode === 'disabled') return findings.error('TR_PG_PUBLICATION_MISSING', `The publication ${name} does not exist`, create, { publication: name })
  const [may] = await query("select has_database_privilege(current_database(), 'create') as create, (select rolsuper from pg_roles where rolname = current_user) as super")
  if (may?.['create'] === false) findings.error('TR_PG_PRIVILEGE', `The role may not create the publication ${name}`, `Run as the owner: ${create}`, { publication: name })
  if (may?.['super'] !== true && mode === 'all_tables') findings.error('TR_PG_PRIVILEGE', 'Only a superuser may publish all tables', `Run as a superuser: ${create}`, { publication: name })
  if (may?.['super'] !== true && mode === 'filtered' && tables.length > 0) {
    const foreign = await query('select c.oid::int8::text as oid from pg_class c where c.oid = any ($1::int8[]::oid[]) and not pg_has_role(c.relowner, \'usage\')', [tables.map((table) => table.oid)])
    if (foreign.length > 0) findings.error('TR_PG_PRIVILEGE', `The role owns not all captured tables and so may not publish them`, `Run as their owner: ${create}`, { publication: name })
  }
  const unidentified = new Set((await query(UNIDENTIFIED, [tables.map((table) => table.oid)])).map((row) => Number(row['oid'])))
  for (const table of tables) {
    if (!unidentified.has(table.oid) || settings.replicaIdentity.some((rule) => rule.identity !== 'NOTHING' && toWholeMatch(rule.table).test(`${table.schema}.${table.name}`))) continue
    const where = { table: `${table.schema}.${table.name}` }
    // a published table without a replica identity makes the application's own UPDATE and DELETE fail (SQLSTATE 55000)
    const report = mode === 'filtered' ? 'error' : 'warning'
    findings[report]('TR_PG_REPLICA_IDENTITY', `Once ${where.table} is published, UPDATE and DELETE on it fail: it has no replica identity`, `ALTER TABLE ${quoteTable(table.schema, table.name)} REPLICA IDENTITY FULL; or leave the table out`, where)
  }
}
