import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { readJavaMap } from '../../src/offset/debezium/java-map.ts'
import { GtidSet } from '../../src/source/mysql/gtid/gtid-set.ts'
import { MariadbGtidList } from '../../src/source/mysql/gtid/mariadb-gtid-list.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { compareRecords } from './compare.ts'
import { comparableHistories, type HistoryLine } from './difference-history.ts'
import { parseJson, type Json } from './json.ts'
import { placeOf, type Scenario, type ScenarioRun } from './scenario.ts'

/** What Debezium left behind a run beside its records. */
export interface LeftBehind {
  /** Of the offset file: the values. */
  readonly offset: Fields | undefined
  /** Of the schema history, all of it so far. */
  readonly history: readonly string[] | undefined
}

type Fields = Readonly<Record<string, unknown>>

/** Compares what one run has left in `folder` with what Debezium left there. The log has not gone on since. */
export async function compareLeftBehind(scenario: Scenario, i: number, folder: string, server: MysqlServer): Promise<string[]> {
  const run = scenario.runs[i]!
  const name = `${scenario.name} run ${i + 1}`
  const isMysql = scenario.folder === 'mysql'
  return [
    ...(await compareOffset(run, path.join(folder, 'offsets.dat'), server, isMysql)).map((text) => `${name}: offset: ${text}`),
    ...compareHistory(placeOf(scenario), run, path.join(folder, 'schema-history.ndjson'), isMysql).map((text) => `${name}: schema history: ${text}`),
  ]
}

/**
 * A run that stopped by itself after some records has Debezium's offset, but that the place in the file may be some bytes off: a statement has three bytes for
 * its microseconds unless they are zero. Behind any other run it is the end of the log, where Debezium's names the last transaction that it sent something of.
 */
async function compareOffset(run: ScenarioRun, file: string, server: MysqlServer, isMysql: boolean): Promise<string[]> {
  const theirs = run.left?.offset
  // where it is when there is an error is chance
  if (theirs === undefined || (run.fails && run.ours === undefined)) return []
  const ours = readOffset(file)
  if (ours === undefined) return [`${file} is not there`]
  const [wanted, got] = [fields(theirs, isMysql), fields(ours, isMysql)]
  if (run.stopAfter !== undefined) return [...differing({ ...wanted, pos: 0 }, { ...got, pos: 0 }), ...(await wrongPlace(got, server, isMysql))]
  // where nothing was sent of the log, there is no number of the server
  const [sent, done] = [wanted, got].map(({ gtids }) => parseGtids(typeof gtids === 'string' ? gtids : '', isMysql)) as [GtidSet, GtidSet]
  const end = await logEnd(server, isMysql)
  const pos = (await hasCheckpointsBehind(got, server)) ? end['pos'] : got['pos']
  return [...differing({ server_id: 1, ...end }, { server_id: 1, ...got, pos }), ...(sent.isSubsetOf(done) ? [] : [`Debezium has sent ${sent.toString()}, which is not in ${done.toString()}`])]
}

function readOffset(file: string): Fields | undefined {
  if (!existsSync(file)) return undefined
  const [entry, ...more] = readJavaMap(readFileSync(file))
  if (entry?.[0] == null || entry[1] == null || more.length > 0) throw new Error(`${file} has not one offset`)
  const key = Buffer.from(entry[0]).toString('utf8')
  if (key !== '["engine",{"server":"srv"}]') throw new Error(`the offset's key is ${key}`)
  return JSON.parse(Buffer.from(entry[1]).toString('utf8')) as Fields
}

/** Without the time, and what counts a transaction's events: here that begins anew with each transaction. */
function fields(offset: Fields, isMysql: boolean): Fields {
  const kept = Object.entries(offset).filter(([name]) => name !== 'ts_sec' && name !== 'tailrace' && !name.startsWith('transaction_'))
  return Object.fromEntries(kept.map(([name, value]) => [name, name === 'gtids' ? parseGtids(String(value), isMysql).toString() : value]))
}

/** The transaction whose rows are counted begins there. While the snapshot is read, nothing is written behind it. */
async function wrongPlace({ file, pos, event, snapshot }: Fields, server: MysqlServer, isMysql: boolean): Promise<string[]> {
  if (snapshot !== undefined) return differing({ pos: (await logEnd(server, isMysql))['pos'] }, { pos })
  const events = await server.query<{ Pos: number; Event_type: string; Info: string }>(`show binlog events in '${String(file)}'`)
  const found = events.find(({ Pos }) => Pos === pos)
  if (found === undefined) return [`there is no event at ${String(file)}:${String(pos)}`]
  return event === undefined || /^BEGIN/.test(found.Info) ? [] : [`at ${String(file)}:${String(pos)} is ${found.Event_type} ${found.Info}`]
}

/** A MariaDB notes how far its storage engines are whenever it finds the time. */
async function hasCheckpointsBehind({ file, pos }: Fields, server: MysqlServer): Promise<boolean> {
  const events = await server.query<{ Pos: number; Event_type: string }>(`show binlog events in '${String(file)}'`)
  const behind = events.filter(({ Pos }) => Pos >= Number(pos))
  return behind[0]?.Pos === pos && behind.every(({ Event_type: type }) => type === 'Binlog_checkpoint')
}

async function logEnd(server: MysqlServer, isMysql: boolean): Promise<Fields> {
  const [status] = await server.query<{ File: string; Position: number; Executed_Gtid_Set: string }>(isMysql ? 'show binary log status' : 'show master status')
  const { File: file = '', Position: pos = 0, Executed_Gtid_Set: executed = '' } = status ?? {}
  if (isMysql && (await server.value('select @@gtid_mode')) !== 'ON') return { file, pos }
  return { file, pos, gtids: parseGtids(isMysql ? executed : await server.value<string>('select @@global.gtid_binlog_pos'), isMysql).toString() }
}

function parseGtids(text: string, isMysql: boolean): GtidSet | MariadbGtidList {
  return isMysql ? GtidSet.parse(text) : MariadbGtidList.parse(text)
}

function compareHistory(place: string, run: ScenarioRun, file: string, isMysql: boolean): string[] {
  const theirs = run.left?.history
  if (theirs === undefined) return []
  const ours = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
  const lines = (texts: readonly string[]): HistoryLine[] => texts.map((line) => JSON.parse(line) as HistoryLine)
  const compared = comparableHistories(place, lines(theirs), lines(ours), run.ours !== undefined)
  const [wanted, got] = compared.map((records) => normaliseHistory(records, isMysql).map((record) => parseJson(JSON.stringify(record)))) as [Json[], Json[]]
  return compareRecords(wanted, got).slice(0, 5).map((at) => `record ${at.record} (${compared[1][at.record]?.ddl?.slice(0, 60) ?? 'none'}) at ${at.path}: expected ${at.expected}, got ${at.got}`)
}

/** Places are numbered in the order in which they come, for the same reason as above; times are not compared. */
function normaliseHistory(records: readonly HistoryLine[], isMysql: boolean): HistoryLine[] {
  const places = new Map<string, number>()
  return records.map((record) => {
    const { file, pos } = record.position
    const place = `${String(file)}:${String(pos)}`
    places.set(place, places.get(place) ?? places.size + 1)
    const position = { ...fields(record.position, isMysql), ...(pos === undefined ? {} : { pos: places.get(place) }) }
    return { ...record, position: Object.fromEntries(Object.entries(position).sort(([one], [other]) => (one < other ? -1 : 1))), ts_ms: typeof record.ts_ms === 'number' ? 0 : record.ts_ms }
  })
}

function differing(wanted: Fields, got: Fields): string[] {
  return Object.keys({ ...wanted, ...got }).filter((name) => wanted[name] !== got[name]).map((name) => `${name} is ${String(got[name])} and not ${String(wanted[name])}`)
}
