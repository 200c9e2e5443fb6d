import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { listTables } from '../../src/source/postgres/catalog.ts'
import { ResolvedConnection } from '../../src/source/postgres/connection.ts'
import { ControlConnection } from '../../src/source/postgres/control.ts'
import { quoteTable } from '../../src/source/postgres/identifier.ts'
import { identifySystem } from '../../src/source/postgres/server.ts'
import { resolveTypes } from '../../src/source/postgres/type-catalog.ts'
import { queryMessage } from '../../src/source/postgres/wire/copy-both.ts'
import { connect } from '../../src/source/postgres/wire/connect.ts'
import type { PostgresServer } from '../server/postgres.ts'
import { splitMessages, type Capture, type TypeEntry } from './capture.ts'

const SLOT = 'capture'
const MARK = 'end of the capture'
const NOTICES = [
  "do $$ begin raise notice 'a notice'; end $$",
  "do $$ begin raise warning 'naïve ✓' using detail = 'detail with a value', hint = 'a hint'; end $$",
  'select 1 / 0', 'select * from no_such_table', "select 'x'::int", 'syntax error', "do $$ begin raise exception using errcode = '55006', message = repeat('long ', 400); end $$",
]

/** Runs the workload on a server and keeps what it sends. */
export async function record(server: PostgresServer): Promise<Capture> {
  const database = 'capture'
  await server.createDatabase(database)
  const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8')
  const [setup, workload] = read('capture/workload.sql').split('-- from here on it is streamed')
  await server.script(database, forMajor(read('../golden/postgresql/types/setup.sql'), server.major))
  await server.script(database, setup!)
  await server.query('create publication capture for all tables', database)
  const from = await server.value<string>(`select lsn::text from pg_create_logical_replication_slot('${SLOT}', 'pgoutput')`, database)
  await server.script(database, workload!)
  await server.script(database, read('../golden/postgresql/types/stream.sql'))
  await server.query(`select pg_logical_emit_message(false, 'mark', '${MARK}')`, database)
  const to = new ResolvedConnection({ host: server.host, port: server.port, database, user: 'postgres', sslmode: 'disable' }, undefined)
  const { signal } = new AbortController()
  await using control = new ControlConnection(to, signal)
  const asked = new Map<string, Record<string, unknown>>()
  const tables = await listTables(async (sql, values) => {
    const rows = await control.query(sql, values)
    for (const row of rows) asked.set(String(row['oid']), row)
    return rows
  })
  const types: TypeEntry[] = []
  await resolveTypes(async (sql, values) => {
    const rows = await control.query(sql, values)
    types.push(...(JSON.parse(rows[0]!['types'] as string) as TypeEntry[]))
    return rows
  }, [...new Set(tables.flatMap((table) => table.columns.map((column) => column.typeOid)))])
  const walsender = await connect(to, 'replication', signal)
  const { systemId } = await identifySystem(walsender)
  const stream = await rawAnswer(walsender, `START_REPLICATION SLOT "${SLOT}" LOGICAL ${from} (proto_version '1', publication_names '"capture"', messages 'true')`, (bytes) => bytes.includes(MARK))
  const results: { oid: number; columns: number; bytes: Buffer }[] = []
  const notices: Buffer[] = []
  for (const table of tables.filter((each) => each.relkind === 'r')) {
    results.push({ oid: table.oid, columns: table.columns.length, bytes: await rawAnswer(await connect(to, 'query', signal), `select * from only ${quoteTable(table.schema, table.name)}`, isReady) })
  }
  for (const sql of NOTICES) notices.push(...splitMessages(await rawAnswer(await connect(to, 'query', signal), sql, isReady)).filter((message) => message[0] === 0x45 || message[0] === 0x4e))
  return {
    major: server.major, version: await server.value<string>('show server_version', database), database, origin: `pg:${systemId}:${database}`, from,
    tables: [...asked.values()], types, stream, results, notices,
  }
}

/** Before 15 the scale of a numeric is neither negative nor greater than its precision. */
export function forMajor(sql: string, major: number): string {
  return major >= 15 ? sql : sql.replaceAll('numeric(3,-2)', 'numeric(6)').replaceAll('numeric(3,5)', 'numeric(6,5)')
}

const isReady = (bytes: Buffer): boolean => splitMessages(bytes).at(-1)?.[0] === 0x5a

/** Takes a connection over, sends a query, and returns whole messages of the answer once it is complete. */
async function rawAnswer(client: pg.Client, sql: string, complete: (bytes: Buffer) => boolean): Promise<Buffer> {
  const socket = (client as unknown as { connection: { stream: Socket } }).connection.stream
  socket.removeAllListeners('data')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.write(queryMessage(sql))
  const deadline = performance.now() + 20_000
  for (;;) {
    const whole = Buffer.concat(splitMessages(Buffer.concat(chunks)))
    if (complete(whole)) {
      socket.destroy()
      return whole
    }
    if (performance.now() > deadline) throw new Error(`no complete answer to ${sql}: ${whole.length} bytes`)
    await delay(20)
  }
}
