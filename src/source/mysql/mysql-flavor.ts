import { TailraceError } from '../../error/tailrace-error.ts'
import type { Query, Row } from './control.ts'
import type { DumpFrom, Flavor, LogEnd, StoredIdentity } from './flavor.ts'
import type { GtidPosition } from './gtid/gtid-position.ts'
import { GtidSet } from './gtid/gtid-set.ts'
import { checkFile, dumpSettings, purged } from './log-files.ts'
import type { MysqlPosition } from './position.ts'
import type { ServerFacts } from './server.ts'

/** 8.2 renamed it; 8.4 has the new name only. */
const NEW_STATUS_NAME = 80_200
const UUID_LENGTH = 36

/** MySQL 8.0 and later. */
export const MYSQL: Flavor = {
  kind: 'mysql',
  title: 'MySQL',
  parseGtids: (text) => GtidSet.parse(text),
  // without the tag that may stand behind it
  sourceOf: ({ group }) => group.slice(0, UUID_LENGTH),
  beginsWithGtid: false,
  readLogEnd,
  showsInstantDdl: false,
  resume,
  dumpFlags: () => 0,
  dumpSettings: (options) => dumpSettings(options, 'source'),
}

async function readLogEnd(query: Query, facts: ServerFacts): Promise<LogEnd> {
  const [row] = await query(facts.versionNumber >= NEW_STATUS_NAME ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS')
  if (row === undefined) throw new TailraceError('TR_MYSQL_SETTING', { message: 'The server writes no binary log', where: { variable: 'log_bin' } })
  return { file: String(row['File']), pos: Number(row['Position']), gtids: facts.gtids ? GtidSet.parse(String(row['Executed_Gtid_Set'])) : undefined }
}

async function resume(position: MysqlPosition, identity: StoredIdentity, facts: ServerFacts, query: Query): Promise<DumpFrom> {
  if (position.gtids !== undefined && facts.gtids) return resumeByGtids(position.gtids, query)
  if (identity.uuid !== undefined && identity.uuid !== facts.uuid) {
    throw new TailraceError('TR_MYSQL_SERVER_CHANGED', {
      message: `The stored offset is a place in the log of the server ${identity.uuid}; this is ${facts.uuid ?? 'another'}`, where: { stored: identity.uuid, found: facts.uuid ?? 'unknown' },
    })
  }
  await checkFile(position, query)
  return { by: 'place', file: position.file, pos: position.pos }
}

async function resumeByGtids(stored: GtidPosition, query: Query): Promise<DumpFrom> {
  const [row] = await query('SELECT @@GLOBAL.gtid_executed AS executed, @@GLOBAL.gtid_purged AS purged')
  const executed = GtidSet.parse(text(row, 'executed'))
  // the server looks at its own uuid only (rpl_source.cc): a transaction that it has lost would come back as another one
  if (!stored.isSubsetOf(executed)) {
    throw new TailraceError('TR_MYSQL_GTID_DIVERGED', { message: 'Transactions were delivered that this server does not have', where: { missing: (stored as GtidSet).subtract(executed).toString() } })
  }
  const gone = GtidSet.parse(text(row, 'purged'))
  if (!gone.isSubsetOf(stored)) throw purged(`transactions ${gone.subtract(stored as GtidSet).toString()}`)
  return { by: 'gtid-set', gtids: stored }
}

function text(row: Row | undefined, name: string): string {
  return String(row?.[name] ?? '')
}
