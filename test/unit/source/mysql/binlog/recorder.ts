import { readFileSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import type { Connection } from 'mysql2/promise'
import { startMariadb, type MariadbVersion } from '../../../../server/mariadb.ts'
import type { MysqlServer } from '../../../../server/mysql-server.ts'
import { startMysql } from '../../../../server/mysql.ts'
import { ResolvedConnection } from '../../../../../src/source/mysql/connection.ts'
import { EVENT } from '../../../../../src/source/mysql/binlog/event-type.ts'
import { BinlogSocket } from '../../../../../src/source/mysql/wire/binlog-socket.ts'
import { connect } from '../../../../../src/source/mysql/wire/connect.ts'
import { dumpCommand } from '../../../../../src/source/mysql/wire/dump.ts'
import { systemClock } from '../../../../../src/time/clock.ts'
import type { Capture, CapturedServer } from './capture.ts'

const MAGIC_BYTES = 4
/** USE_HEARTBEAT_EVENT_V2 (sql/rpl_constants.h). */
const HEARTBEAT_V2 = 2

/** A server of its own, so that positions and table numbers are the same in every run. */
export async function startCaptured(server: CapturedServer): Promise<MysqlServer> {
  if (server === 'mysql-9.7') return await startMysql({ uuid: '97979797-0000-11ee-8000-000000000001' })
  return await startMariadb({ version: server.slice('mariadb-'.length) as MariadbVersion, metadata: 'NO_LOG' })
}

/** Runs the workload, and takes each section's part of the log. */
export async function record(name: CapturedServer, server: MysqlServer): Promise<Capture> {
  const sections: Record<string, Buffer> = {}
  for (const { section, statements } of workload(name)) {
    await server.createDatabase(section)
    await server.query('flush binary logs')
    const before = await logFiles(server)
    await server.withClient(section, async (client) => {
      for (const statement of statements) await run(client, section, statement)
    })
    await server.query('flush binary logs')
    const files = (await logFiles(server)).slice(before.length - 1, -1)
    const logs = await Promise.all(files.map((file) => readFile(path.join(server.dataDir, file))))
    sections[section] = Buffer.concat(logs.map((log) => log.subarray(MAGIC_BYTES)))
  }
  sections['dump'] = await recordDump(server, 0)
  if (name === 'mysql-9.7') sections['dump_v2'] = await recordDump(server, HEARTBEAT_V2)
  return { version: await server.value<string>('select version()'), sections }
}

async function run(client: Connection, section: string, statement: string): Promise<void> {
  const fails = statement.startsWith('-- fails: ')
  const failure = await client.query(statement.replace('-- fails: ', '')).then(() => undefined, (error: unknown) => error)
  if ((failure !== undefined) !== fails) throw new Error(`${section}: ${statement.slice(0, 200)}`, { cause: failure })
}

/** What a server sends of an empty file: events of its own making, and a heartbeat. */
async function recordDump(server: MysqlServer, flags: number): Promise<Buffer> {
  const to = new ResolvedConnection({ host: server.host, port: server.port, user: 'root', sslMode: 'disabled' }, undefined)
  const abort = new AbortController()
  const client = await connect(to, abort.signal)
  for (const word of ['source', 'master']) await client.query(`SET @${word}_binlog_checksum = 'CRC32', @${word}_heartbeat_period = 200000000`)
  await client.query('SET @mariadb_slave_capability = 4')
  const file = (await logFiles(server)).at(-1)!
  const events: Buffer[] = []
  await new Promise<void>((resolve, reject) => {
    const socket = new BinlogSocket(client, {
      clock: systemClock, maxPacketBytes: 1_000_000, onRead: () => undefined, onFailure: reject,
      take: (bytes, start, end) => {
        const event = Buffer.from(bytes.subarray(start + 1, end))
        events.push(event)
        if (event[4] === EVENT.heartbeat || event[4] === EVENT.heartbeatV2) resolve()
        return true
      },
    })
    socket.send(dumpCommand({ by: 'place', file, pos: MAGIC_BYTES }, 4711, flags))
  })
  abort.abort()
  await client.close()
  return Buffer.concat(events)
}

async function logFiles(server: MysqlServer): Promise<string[]> {
  return (await readdir(server.dataDir)).filter((file) => /^binlog\.\d+$/.test(file)).sort()
}

function workload(name: CapturedServer): { readonly section: string; readonly statements: readonly string[] }[] {
  const file = name.startsWith('mysql') ? 'mysql' : 'mariadb'
  const text = readFileSync(new URL(`capture/${file}.sql`, import.meta.url), 'utf8').replaceAll(`-- only ${name.slice(name.indexOf('-') + 1)}: `, '')
  return text.split('-- section ').slice(1).map((part) => {
    const [section, ...lines] = part.split('\n')
    return { section: section!, statements: lines.flatMap((line) => (line === '-- made: wide table' ? wideTable() : line === '' || (line.startsWith('-- ') && !line.startsWith('-- fails: ')) ? [] : [line])) }
  })
}

/** 350 columns, of which every third is NULL, and cells that are longer than 65535 bytes. */
function wideTable(): string[] {
  const columns = Array.from({ length: 350 }, (_, index) => `c${index} ${index % 7 === 0 ? 'varchar(20)' : 'int'}`)
  const cells = Array.from({ length: 350 }, (_, index) => (index % 3 === 0 ? 'null' : index % 7 === 0 ? `'text ${index}'` : String(index)))
  return [
    `create table wide (${columns.join(', ')})`,
    `insert into wide values (${cells.join(', ')})`,
    "update wide set c3 = 3 where c1 = 1",
    'create table long_rows (id int primary key, a mediumtext, b longblob, c varchar(16000))',
    "insert into long_rows values (1, repeat('a', 70000), repeat('b', 300000), repeat('é', 16000))",
    "insert into long_rows values (2, '', repeat('b', 65536), 'c'), (3, repeat('a', 65535), null, '')",
  ]
}
