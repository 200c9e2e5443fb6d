import { pause } from '../../async/abort.ts'
import { isTailraceError } from '../../error/tailrace-error.ts'
import { Findings } from '../findings.ts'
import type { Finding, SourceContext } from '../source.ts'
import { listTables, showCreateTable, type CatalogTable, type TableName } from './catalog.ts'
import type { Query } from './control.ts'
import type { Flavor } from './flavor.ts'
import { readGrants, type Grants } from './grants.ts'
import { quoteIdentifier, quoteTable } from './identifier.ts'
import { readServerFacts, type ServerFacts } from './server.ts'
import type { Settings } from './settings.ts'
import { isDenied } from './wire/server-error.ts'

const OLDEST = { mysql: 80_000, mariadb: 100_600 }
/** From here on InnoDB's foreign keys are the server's, and what they change is in the log (innodb_native_foreign_keys). */
const CASCADES_LOGGED = 90_600
/** SHOW REPLICAS, SHOW REPLICA STATUS. */
const REPLICA_WORDS = 80_022
/** FULL_NODUP leaves out of the new row what it has in the old one. */
const WHOLE_IMAGES = ['FULL', 'FULL_NODUP']

/** Every problem at once, before anything is read. */
export async function preflight(query: Query, settings: Settings, flavor: Flavor, context: SourceContext, signal: AbortSignal): Promise<Finding[]> {
  const findings = new Findings()
  const facts = await readServerFacts(query, flavor.kind)
  checkServer(facts, settings, flavor, findings)
  await checkReplication(query, facts, findings)
  const tables = (await listTables(query)).filter(({ database, name, sequence }) => !sequence && settings.filter.captures(database, name))
  checkPrivileges(await readGrants(query), facts, settings, tables, findings)
  checkTables(settings, tables, findings)
  await checkEngines(query, tables, findings)
  await checkCascades(query, facts, tables, findings)
  await checkServerId(query, facts, settings, context, signal, findings)
  context.logger.debug('preflight', { server: facts.version, tables: tables.length, findings: findings.list.length })
  return findings.list
}

function checkServer({ kind, version, versionNumber, variables, gtids }: ServerFacts, settings: Settings, flavor: Flavor, findings: Findings): void {
  if (versionNumber < OLDEST[kind]) findings.error('TR_MYSQL_VERSION', `${flavor.title} ${version} is too old`, kind === 'mysql' ? 'Use MySQL 8.0 or newer' : 'Use MariaDB 10.6 or newer', { version })
  const set = (assignment: string): string => (kind === 'mysql' ? `SET PERSIST ${assignment}` : `SET GLOBAL ${assignment}, and the same in the server’s configuration`)
  const { log_bin, binlog_format = 'ROW', binlog_row_image = 'FULL', binlog_row_metadata = 'not known' } = Object.fromEntries(variables)
  if (log_bin !== 'ON') findings.error('TR_MYSQL_SETTING', 'The server writes no binary log', 'Start it with log_bin and a server_id', { variable: 'log_bin', value: log_bin ?? 'OFF' })
  if (binlog_format !== 'ROW') findings.error('TR_MYSQL_SETTING', `binlog_format is ${binlog_format}`, `${set('binlog_format = ROW')}; sessions that are open keep what they have`, { variable: 'binlog_format', value: binlog_format })
  if (!WHOLE_IMAGES.includes(binlog_row_image)) {
    findings.warning('TR_MYSQL_SETTING', `binlog_row_image is ${binlog_row_image}: columns that are not logged are unavailable`, `${set('binlog_row_image = FULL')}; sessions that are open keep what they have`, { variable: 'binlog_row_image', value: binlog_row_image })
  }
  if (settings.history === undefined && binlog_row_metadata !== 'FULL') {
    findings.error('TR_MYSQL_HISTORY_MISSING', `binlog_row_metadata is ${binlog_row_metadata}, and there is no schema history`, `${set('binlog_row_metadata = FULL')}; or set history`, { variable: 'binlog_row_metadata', value: binlog_row_metadata })
  }
  if (settings.locking === 'none' && kind === 'mysql' && !gtids) {
    // an engine that goes on from an offset needs no snapshot
    findings.warning('TR_MYSQL_SETTING', 'No snapshot can be taken: without a lock, only GTIDs say where the log stands behind one, and the server has none', 'Set snapshot.locking to minimal, or gtid_mode=ON', { variable: 'gtid_mode', value: variables.get('gtid_mode') ?? 'OFF' })
  }
}

/** A replica that does not log what it is sent has nothing to tell of it. */
async function checkReplication(query: Query, facts: ServerFacts, findings: Findings): Promise<void> {
  const { variables } = facts
  if ((variables.get('log_replica_updates') ?? variables.get('log_slave_updates')) !== 'OFF' || !(await isReplica(query, facts))) return
  findings.warning('TR_MYSQL_SETTING', 'What this server replicates from another one is not in its own log', 'Start it with log_replica_updates (MariaDB: log_slave_updates)', { variable: 'log_replica_updates', value: 'OFF' })
}

async function isReplica(query: Query, { kind, versionNumber }: ServerFacts): Promise<boolean> {
  const sources = await unlessDenied(query(kind === 'mariadb' ? 'SHOW ALL SLAVES STATUS' : versionNumber >= REPLICA_WORDS ? 'SHOW REPLICA STATUS' : 'SHOW SLAVE STATUS'))
  if (sources !== undefined) return sources.length > 0
  // MariaDB wants REPLICA MONITOR for that; how many of them run it tells everybody
  const [running] = await query("SHOW GLOBAL STATUS LIKE 'Slaves_running'")
  return Number(running?.['Value'] ?? 0) > 0
}

function checkPrivileges(grants: Grants, { kind }: ServerFacts, settings: Settings, tables: readonly CatalogTable[], findings: Findings): void {
  const lacking = (privilege: string, purpose: string, objects = '*.*'): void =>
    findings.error('TR_MYSQL_PRIVILEGE', `The account ${grants.account} lacks ${privilege}${objects === '*.*' ? '' : ` on ${objects}`}, ${purpose}`, `GRANT ${privilege} ON ${objects} TO ${grants.account}`, { privilege })
  if (!grants.has('REPLICATION SLAVE', 'REPLICATION REPLICA')) lacking('REPLICATION SLAVE', 'which reading the log needs')
  if (!grants.has('REPLICATION CLIENT', 'BINLOG MONITOR', 'SUPER')) lacking(kind === 'mysql' ? 'REPLICATION CLIENT' : 'BINLOG MONITOR', 'which asking for the log’s end needs')
  if (settings.snapshotMode !== 'no_data' && settings.snapshotMode !== 'recovery') {
    // an account sees no tables that it has no privilege on
    if (tables.length === 0 && !grants.has('SELECT')) lacking('SELECT', 'which the snapshot needs (on the captured databases will do as well)')
    const unread = tables.filter(({ database, name }) => !grants.on('SELECT', database, name))
    for (const database of new Set(unread.map((table) => table.database))) lacking('SELECT', 'which the snapshot needs', `${quoteIdentifier(database)}.*`)
  }
  const locks = settings.locking === 'extended' || (settings.locking === 'minimal' && kind === 'mysql')
  if (!locks || grants.has('RELOAD', 'FLUSH_TABLES') || (tables.length > 0 && tables.every(({ database }) => grants.on('LOCK TABLES', database)))) return
  lacking('RELOAD', 'which the snapshot’s lock needs (LOCK TABLES on the captured databases will do as well)')
}

function checkTables(settings: Settings, tables: readonly CatalogTable[], findings: Findings): void {
  for (const named of settings.filter.named) {
    if (tables.some(({ database, name }) => `${database}.${name}` === named)) continue
    findings.error('TR_MYSQL_TABLE_MISSING', `The table ${named} does not exist, or may not be seen`, 'Check the table lists, and SELECT on it', { table: named })
  }
  if (tables.length === 0) findings.warning('TR_MYSQL_TABLE_MISSING', 'No table is captured', 'Check the table lists, and SELECT on the tables: what an account has no privilege on is not shown to it')
}

/** What is not rolled back is in the log although its transaction is not. */
async function checkEngines(query: Query, tables: readonly CatalogTable[], findings: Findings): Promise<void> {
  const rows = await query("SELECT TABLE_SCHEMA AS d, TABLE_NAME AS t, t.ENGINE AS e FROM information_schema.TABLES t JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE WHERE e.TRANSACTIONS = 'NO' AND TABLE_TYPE = 'BASE TABLE'")
  for (const { database, name } of tables) {
    const found = rows.find((row) => row['d'] === database && row['t'] === name)
    if (found === undefined) continue
    findings.warning('TR_MYSQL_SNAPSHOT', `The table ${database}.${name} has the engine ${String(found['e'])}, which knows no transactions: a snapshot of it is not of one moment, and what a rolled back transaction did to it stays done`, `ALTER TABLE ${quoteTable(database, name)} ENGINE = InnoDB`, { table: `${database}.${name}` })
  }
}

async function checkCascades(query: Query, { kind, versionNumber, variables }: ServerFacts, tables: readonly CatalogTable[], findings: Findings): Promise<void> {
  if (kind === 'mysql' && versionNumber >= CASCADES_LOGGED && variables.get('innodb_native_foreign_keys') !== 'ON') return
  const other = kind === 'mysql' && versionNumber >= CASCADES_LOGGED ? ', or start the server with innodb_native_foreign_keys=OFF' : ''
  for (const { database, name, constraint } of kind === 'mysql' ? await readCascades(query) : await readCascadesOf(tables, query)) {
    if (!tables.some((table) => table.database === database && table.name === name)) continue
    const table = `${database}.${name}`
    findings.warning('TR_MYSQL_CASCADE', `What the foreign key ${constraint} changes in ${table} is not in the log`, `Do without its actions (ON DELETE, ON UPDATE), or leave the table out${other}`, { table, constraint })
  }
}

interface Cascade extends TableName {
  readonly constraint: string
}

async function readCascades(query: Query): Promise<Cascade[]> {
  const rows = await query("SELECT CONSTRAINT_SCHEMA AS d, TABLE_NAME AS t, CONSTRAINT_NAME AS c FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE UPDATE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT') OR DELETE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT')")
  return rows.map((row) => ({ database: String(row['d']), name: String(row['t']), constraint: String(row['c']) }))
}

/** MariaDB's information_schema shows constraints to those only who may do more with a table than read it (sql/sql_show.cc, get_referential_constraints_record). */
async function readCascadesOf(tables: readonly CatalogTable[], query: Query): Promise<Cascade[]> {
  const found: Cascade[] = []
  for (const table of tables) {
    const definition = await unlessGone(unlessDenied(showCreateTable(query, table)))
    for (const [, constraint = ''] of definition?.matchAll(CASCADING) ?? []) found.push({ ...table, constraint: constraint.replaceAll('``', '`') })
  }
  return found
}

/** One constraint is one line; those of comments and defaults are escaped. */
const CASCADING = /^ {2}CONSTRAINT `((?:[^`]|``)*)` FOREIGN KEY .* ON (?:DELETE|UPDATE) (?:CASCADE|SET NULL|SET DEFAULT)/gm

/** How often a server id that is in use is asked for again, milliseconds. */
const ASK_AGAIN_MS = 500

async function checkServerId(query: Query, facts: ServerFacts, settings: Settings, { clock }: SourceContext, signal: AbortSignal, findings: Findings): Promise<void> {
  const { serverId } = settings
  if (serverId === undefined) return
  if (serverId === facts.serverId) return findings.error('TR_MYSQL_SERVER_ID', `The server id ${serverId} is the server’s own`, 'Choose another serverId', { serverId })
  // the server sees with its second heartbeat that an engine is gone which was killed: this one may be its successor
  const end = clock.monotonicMs() + 2 * settings.heartbeatMs + ASK_AGAIN_MS
  while (await isRegistered(query, facts, serverId)) {
    if (clock.monotonicMs() >= end || signal.aborted) return findings.error('TR_MYSQL_SERVER_ID', `Another replica has the server id ${serverId}`, 'Choose another serverId, or stop the other one', { serverId })
    await pause(ASK_AGAIN_MS, clock, signal)
  }
}

async function isRegistered(query: Query, { kind, versionNumber }: ServerFacts, serverId: number): Promise<boolean> {
  const replicas = await unlessDenied(query(kind === 'mysql' && versionNumber >= REPLICA_WORDS ? 'SHOW REPLICAS' : 'SHOW SLAVE HOSTS'))
  return replicas?.some((row) => Number(row['Server_Id'] ?? row['Server_id']) === serverId) === true
}

/** Undefined where a privilege is missing that not everybody needs, or that is a finding of its own. */
async function unlessDenied<Answer>(asking: Promise<Answer>): Promise<Answer | undefined> {
  return await asking.catch((error: unknown) => {
    if (isDenied(error)) return undefined
    throw error
  })
}

/** Dropped or renamed since the tables were listed. */
async function unlessGone<Answer>(asking: Promise<Answer>): Promise<Answer | undefined> {
  return await asking.catch((error: unknown) => {
    if (isTailraceError(error) && error.code === 'TR_MYSQL_TABLE_MISSING') return undefined
    throw error
  })
}
