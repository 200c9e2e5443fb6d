import { TailraceError } from '../../error/tailrace-error.ts'
import type { Query } from '../mysql/control.ts'
import type { DumpFrom, Flavor, LogEnd, StoredIdentity } from '../mysql/flavor.ts'
import { MariadbGtidList } from '../mysql/gtid/mariadb-gtid-list.ts'
import { checkFile, dumpSettings } from '../mysql/log-files.ts'
import type { MysqlPosition } from '../mysql/position.ts'
import type { ServerFacts } from '../mysql/server.ts'
import { SEND_ANNOTATIONS } from '../mysql/wire/dump.ts'

/** MARIA_SLAVE_CAPABILITY_GTID (log_event.h): without it, GTID events are sent as plain queries. */
const CAPABILITY_GTID = 4

/** From here on, events inside of groups do not say where they end: what is not sent would be missing in the places of all that follow. */
const WITHOUT_ENDS = 110_400

/** MariaDB 10.6 and later. */
export const MARIADB: Flavor = {
  kind: 'mariadb',
  title: 'MariaDB',
  parseGtids: (text) => MariadbGtidList.parse(text),
  sourceOf: ({ group, server }) => `${group}-${server}`,
  beginsWithGtid: true,
  readLogEnd,
  readSnapshotPlace,
  showsInstantDdl: true,
  resume,
  dumpFlags: (includeQuery, { versionNumber }) => (includeQuery || versionNumber >= WITHOUT_ENDS ? SEND_ANNOTATIONS : 0),
  dumpSettings: (options) => [...dumpSettings(options, 'master'), `SET @mariadb_slave_capability = ${CAPABILITY_GTID}`, 'SET @slave_gtid_strict_mode = 0, @slave_gtid_ignore_duplicates = 0'],
}

async function readLogEnd(query: Query): Promise<LogEnd> {
  const [row] = await query('SHOW MASTER STATUS')
  if (row === undefined) throw new TailraceError('TR_MYSQL_SETTING', { message: 'The server writes no binary log', where: { variable: 'log_bin' } })
  return await withGtids(String(row['File']), Number(row['Position']), query)
}

/** Exact without a lock: the place is taken in the same moment as the snapshot (sql/handler.cc, ha_start_consistent_snapshot). */
async function readSnapshotPlace(query: Query): Promise<LogEnd> {
  const rows = await query("SHOW STATUS LIKE 'binlog_snapshot_%'")
  const status = new Map(rows.map((row) => [String(row['Variable_name']).toLowerCase(), String(row['Value'])]))
  return await withGtids(status.get('binlog_snapshot_file') ?? '', Number(status.get('binlog_snapshot_position')), query)
}

/** `@@gtid_binlog_pos` may be ahead of what is visible; this is of the place itself. */
async function withGtids(file: string, pos: number, query: Query): Promise<LogEnd> {
  const [row] = await query(`SELECT BINLOG_GTID_POS('${file.replace(/['\\]/g, '')}', ${pos}) AS gtids`)
  return { file, pos, gtids: MariadbGtidList.parse(String(row?.['gtids'] ?? '')) }
}

/** At the same server the place says all. At another one the GTIDs do, unless it has a domain that they do not know: the server would send it from its oldest file on. */
async function resume(position: MysqlPosition, identity: StoredIdentity, facts: ServerFacts, query: Query): Promise<DumpFrom> {
  const same = identity.uuid === undefined ? identity.serverId === undefined || identity.serverId === facts.serverId : identity.uuid === facts.uuid
  if (same) {
    await checkFile(position, query)
    return { by: 'place', file: position.file, pos: position.pos }
  }
  // the file may be there under the same name, and be as old
  if (position.gtids === undefined) {
    const [was, is] = [identity.uuid ?? String(identity.serverId), facts.uuid ?? String(facts.serverId)]
    throw new TailraceError('TR_MYSQL_SERVER_CHANGED', { message: `The stored offset is a place in the log of the server ${was}; this is ${is}`, where: { stored: was, found: is } })
  }
  const [row] = await query('SELECT @@GLOBAL.gtid_binlog_pos AS here')
  const here = MariadbGtidList.parse(String(row?.['here'] ?? ''))
  const stored = position.gtids as MariadbGtidList
  if (!stored.isSubsetOf(here)) throw new TailraceError('TR_MYSQL_GTID_DIVERGED', { message: 'Transactions were delivered that this server does not have', where: { stored: stored.toString(), found: here.toString() } })
  const unknown = here.domains().filter((domain) => !stored.domains().includes(domain))
  if (unknown.length > 0) throw new TailraceError('TR_MYSQL_GTID_DIVERGED', { message: `The server has GTID domains that the stored offset does not know: ${unknown.join(', ')}`, where: { stored: stored.toString(), found: here.toString() } })
  return { by: 'connect-state', gtids: stored }
}

