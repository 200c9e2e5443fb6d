import type { Finding, SourceContext } from '../source.ts'
import { isTailraceError, TailraceError } from '../../error/tailrace-error.ts'
import type { ErrorCode } from '../../error/code.ts'
import { listTables, type CatalogTable } from './catalog.ts'
import type { Query } from './control.ts'
import type { Flavor } from './flavor.ts'
import { readGrants, type Grants } from './grants.ts'
import { readServerFacts, type ServerFacts } from './server.ts'
import type { Settings } from './settings.ts'

const OLDEST = { mysql: 80_000, mariadb: 100_600 }
/** From here on InnoDB's foreign keys are the server's, and what they change is in the log (innodb_native_foreign_keys). */
const CASCADES_LOGGED = 90_600

class Findings {
  readonly list: Finding[] = []

  error(code: ErrorCode, message: string, remedy: string, where: Record<string, string | number> = {}): void {
    this.list.push({ level: 'error', error: new TailraceError(code, { message, remedy, where }) })
  }

  warning(code: ErrorCode, message: string, remedy: string, where: Record<string, string | number> = {}): void {
    this.list.push({ level: 'warning', error: new TailraceError(code, { message, remedy, where }) })
  }
}

/** Every problem at once, before anything is read. */
export async function preflight(query: Query, settings: Settings, flavor: Flavor, context: SourceContext): Promise<Finding[]> {
  const findings = new Findings()
  const facts = await readServerFacts(query, flavor.kind)
  checkServer(facts, settings, flavor, findings)
  const grants = await readGrants(query)
  checkPrivileges(grants, facts, settings, findings)
  const tables = (await listTables(query)).filter(({ database, name }) => settings.filter.captures(database, name))
  checkTables(settings, tables, findings)
  await checkEngines(query, tables, findings)
  await checkCascades(query, facts, tables, findings)
  await checkServerId(query, facts, settings, findings)
  context.logger.debug('preflight', { server: facts.version, tables: tables.length, findings: findings.list.length })
  return findings.list
}

function checkServer({ kind, version, versionNumber, variables }: ServerFacts, settings: Settings, flavor: Flavor, findings: Findings): void {
  if (versionNumber < OLDEST[kind]) findings.error('TR_MYSQL_VERSION', `${flavor.title} ${version} is too old`, kind === 'mysql' ? 'Use MySQL 8.0 or newer' : 'Use MariaDB 10.6 or newer', { version })
  const persist = kind === 'mysql' ? 'SET PERSIST' : 'SET GLOBAL (and in the configuration)'
  const { log_bin, binlog_format, binlog_row_image, binlog_row_metadata, log_slave_updates, log_replica_updates } = Object.fromEntries(variables)
  if (log_bin !== 'ON') findings.error('TR_MYSQL_SETTING', 'The server writes no binary log', 'Start it with log_bin and a server_id', { variable: 'log_bin', value: log_bin ?? 'OFF' })
  if (binlog_format !== 'ROW') findings.error('TR_MYSQL_SETTING', `binlog_format is ${binlog_format ?? 'unknown'}`, `${persist} binlog_format = ROW; sessions that are open keep what they have`, { variable: 'binlog_format', value: binlog_format ?? 'unknown' })
  if (binlog_row_image !== 'FULL') {
    findings.warning('TR_MYSQL_SETTING', `binlog_row_image is ${binlog_row_image ?? 'unknown'}: columns that are not logged are unavailable`, `${persist} binlog_row_image = FULL`, { variable: 'binlog_row_image', value: binlog_row_image ?? 'unknown' })
  }
  if (settings.history === undefined && binlog_row_metadata !== 'FULL') {
    findings.error('TR_MYSQL_HISTORY_MISSING', `binlog_row_metadata is ${binlog_row_metadata ?? 'unknown'}, and there is no schema history`, `${persist} binlog_row_metadata = FULL, or set history`, { variable: 'binlog_row_metadata', value: binlog_row_metadata ?? 'unknown' })
  }
  if ((log_replica_updates ?? log_slave_updates) === 'OFF') findings.warning('TR_MYSQL_SETTING', 'What this server replicates from another one is not in its own log', 'Start it with log_replica_updates (MariaDB: log_slave_updates)', { variable: 'log_replica_updates', value: 'OFF' })
}

function checkPrivileges(grants: Grants, { kind }: ServerFacts, settings: Settings, findings: Findings): void {
  const lacking = (privilege: string, purpose: string): void => findings.error('TR_MYSQL_PRIVILEGE', `The account ${grants.account} lacks ${privilege}, ${purpose}`, `GRANT ${privilege} ON *.* TO ${grants.account}`, { privilege })
  if (!grants.has('REPLICATION SLAVE', 'REPLICATION REPLICA')) lacking('REPLICATION SLAVE', 'which reading the log needs')
  if (!grants.has('REPLICATION CLIENT', 'BINLOG MONITOR', 'SUPER')) lacking(kind === 'mysql' ? 'REPLICATION CLIENT' : 'BINLOG MONITOR', 'which asking for the log’s end needs')
  const snapshots = settings.snapshotMode !== 'no_data' && settings.snapshotMode !== 'recovery'
  if (snapshots && !grants.anywhere('SELECT')) lacking('SELECT', 'which the snapshot needs')
  const locks = settings.locking === 'extended' || (settings.locking === 'minimal' && kind === 'mysql')
  if (locks && !grants.has('RELOAD', 'FLUSH_TABLES') && !grants.anywhere('LOCK TABLES')) lacking('RELOAD', 'which the snapshot’s lock needs (LOCK TABLES on the captured databases will do as well)')
}

function checkTables(settings: Settings, tables: readonly CatalogTable[], findings: Findings): void {
  for (const named of settings.filter.named) {
    if (tables.some(({ database, name }) => `${database}.${name}` === named)) continue
    findings.error('TR_MYSQL_TABLE_MISSING', `The table ${named} does not exist, or may not be seen`, 'Check the table lists, and SELECT on it', { table: named })
  }
  if (tables.length === 0) findings.warning('TR_MYSQL_TABLE_MISSING', 'No table is captured', 'Check the table lists')
}

/** What is not rolled back is in the log although its transaction is not. */
async function checkEngines(query: Query, tables: readonly CatalogTable[], findings: Findings): Promise<void> {
  const rows = await query("SELECT TABLE_SCHEMA AS d, TABLE_NAME AS t, t.ENGINE AS e FROM information_schema.TABLES t JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE WHERE e.TRANSACTIONS = 'NO' AND TABLE_TYPE = 'BASE TABLE'")
  for (const { database, name } of tables) {
    const found = rows.find((row) => row['d'] === database && row['t'] === name)
    if (found !== undefined) findings.warning('TR_MYSQL_SNAPSHOT', `The table ${database}.${name} has the engine ${String(found['e'])}, which knows no transactions: a snapshot of it is not of one moment`, 'ALTER TABLE … ENGINE = InnoDB', { table: `${database}.${name}` })
  }
}

async function checkCascades(query: Query, { kind, versionNumber, variables }: ServerFacts, tables: readonly CatalogTable[], findings: Findings): Promise<void> {
  if (kind === 'mysql' && versionNumber >= CASCADES_LOGGED && variables.get('innodb_native_foreign_keys') !== 'ON') return
  const rows = await query("SELECT CONSTRAINT_SCHEMA AS d, TABLE_NAME AS t, CONSTRAINT_NAME AS c FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE UPDATE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT') OR DELETE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT')")
  for (const row of rows) {
    const table = `${String(row['d'])}.${String(row['t'])}`
    if (!tables.some(({ database, name }) => `${database}.${name}` === table)) continue
    findings.warning('TR_MYSQL_CASCADE', `What the foreign key ${String(row['c'])} changes in ${table} is not in the log`, 'Do without its actions, or leave the table out', { table, constraint: String(row['c']) })
  }
}

async function checkServerId(query: Query, facts: ServerFacts, settings: Settings, findings: Findings): Promise<void> {
  const { serverId } = settings
  if (serverId === undefined) return
  if (serverId === facts.serverId) findings.error('TR_MYSQL_SERVER_ID', `The server id ${serverId} is the server’s own`, 'Choose another serverId', { serverId })
  const replicas = await query(facts.kind === 'mysql' && facts.versionNumber >= 80_022 ? 'SHOW REPLICAS' : 'SHOW SLAVE HOSTS').catch((error: unknown) => {
    // without the privilege, which is a finding of its own
    if (isTailraceError(error)) return []
    throw error
  })
  if (replicas.some((row) => Number(row['Server_Id'] ?? row['Server_id']) === serverId)) findings.error('TR_MYSQL_SERVER_ID', `Another replica has the server id ${serverId}`, 'Choose another serverId, or stop the other one', { serverId })
}
