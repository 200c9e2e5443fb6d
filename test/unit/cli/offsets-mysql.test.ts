import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { command } from '../../../src/cli/command.ts'
import { debeziumFileOffsets } from '../../../src/offset/debezium/debezium-file-offsets.ts'
import { writeJavaMap } from '../../../src/offset/debezium/java-map.ts'
import type { StoredOffset } from '../../../src/offset/offset-store.ts'
import { temporaryFolder } from '../offset/folder.ts'
import { Recorded } from './output.ts'

const UUID = '5a9ae1a4-cb8b-11f0-8d4e-000000000001'
const POSITION = { phase: 'stream', file: 'binlog.000004', pos: 1234, gtids: `${UUID}:1-20`, serverId: 1, seconds: 1795207719 }
const OFFSET: StoredOffset = { engine: 'orders', source: 'mysql', identity: { kind: 'mysql', server: UUID, serverId: 1 }, position: POSITION }

interface Place {
  readonly configuration: string
  readonly offsets: string
  readonly file: (name: string) => string
}

async function inPlace(connector: 'mysql.MySql' | 'mariadb.MariaDb', use: (place: Place) => Promise<void>): Promise<void> {
  await using folder = await temporaryFolder()
  const file = (name: string): string => path.join(folder.path, name)
  const properties = {
    'name': 'orders', 'connector.class': `io.debezium.connector.${connector}Connector`, 'database.hostname': 'db', 'database.user': 'u', 'database.password': 'x', 'database.server.id': '5401', 'topic.prefix': 'shop',
    'schema.history.internal': 'io.debezium.storage.file.history.FileSchemaHistory', 'schema.history.internal.file.filename': file('history.dat'), 'offset.storage.file.filename': file('offsets.dat'),
  }
  await writeFile(file('app.properties'), Object.entries(properties).map(([name, value]) => `${name}=${value}\n`).join(''))
  await use({ configuration: file('app.properties'), offsets: file('offsets.dat'), file })
}

async function store(file: string, offset: StoredOffset): Promise<void> {
  await using opened = debeziumFileOffsets(file, { server: 'shop', source: offset.source })
  await opened.load(offset.engine)
  await opened.save(offset)
}

async function tailrace(...argv: string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const [stdout, stderr] = [new Recorded(), new Recorded()]
  const code = await command(['offsets', ...argv], { stdout, stderr, environment: {}, signal: new AbortController().signal })
  return { code, stdout: stdout.text, stderr: stderr.text }
}

/** The facts, without where it lies. */
async function shown(configuration: string): Promise<string[]> {
  const { stdout, stderr } = await tailrace('show', configuration)
  expect(stderr).toBe('')
  return stdout.split('\n').slice(3, -1).map((line) => line.replace(/: +/, ': '))
}

test('a position of MySQL, with its GTIDs', () => inPlace('mysql.MySql', async ({ configuration, offsets }) => {
  await store(offsets, OFFSET)
  expect(await shown(configuration)).toEqual([
    'phase: streaming', `position: everything in the GTIDs ${UUID}:1-20, which is before binlog.000004:1234`, `bound to: server ${UUID}, server id 1`,
    `for Debezium: ts_sec=1795207719 file=binlog.000004 pos=1234 gtids=${UUID}:1-20 server_id=1`,
  ])
}))

test('inside of a transaction, without GTIDs; and while XA transactions are prepared, which Debezium has no form for', () => inPlace('mysql.MySql', async ({ configuration, offsets }) => {
  const place = { phase: 'stream', file: 'binlog.000004', pos: 1234 }
  await store(offsets, { ...OFFSET, partial: 1, position: { ...place, transaction: { rows: 17, event: 4, row: 2, begin: 1300 } } })
  expect((await shown(configuration))[1]).toBe('position: everything before binlog.000004:1234, and of the transaction after it, the first 17 rows, and 1 record of the next change')
  await store(offsets, { ...OFFSET, position: { ...place, xa: [{ xid: "X'61',X'',1", file: 'binlog.000003', pos: 99 }] } })
  expect((await shown(configuration)).filter((line) => /position|Debezium/.test(line))).toEqual(["position: everything before binlog.000004:1234, and 1 XA transaction prepared: X'61',X'',1 at binlog.000003:99", 'for Debezium: none, until the XA transactions are at their end'])
}))

test('what Debezium wrote is shown, taken over and handed back, for the server that it is of', () => inPlace('mariadb.MariaDb', async ({ configuration, file }) => {
  const key = Buffer.from('["orders",{"server":"shop"}]')
  await writeFile(file('theirs.dat'), writeJavaMap([[key, Buffer.from('{"ts_sec":1795207719,"file":"binlog.000002","pos":700,"gtids":"0-1-9","row":1,"server_id":1,"event":4}')]]))
  expect(await tailrace('import', configuration, '--from', file('theirs.dat'))).toMatchObject({ code: 0, stderr: '' })
  expect((await shown(configuration)).slice(0, 3)).toEqual(['phase: streaming', 'position: everything in the GTIDs 0-1-9, which is before binlog.000002:700, and of the transaction after it, 4 events and 1 row of the next one', 'bound to: nothing yet: Debezium wrote it, the next start checks and binds it'])
  expect(await tailrace('export', configuration, '--to', file('back.dat'))).toMatchObject({ code: 0, stdout: expect.stringContaining('file=binlog.000002 pos=700 gtids=0-1-9 row=1 server_id=1 event=4') })
  await store(file('other.dat'), OFFSET)
  expect(await tailrace('import', configuration, '--from', file('other.dat'), '--force')).toMatchObject({ code: 4, stderr: expect.stringContaining('belongs to a mysql source') })
  await writeFile(file('postgres.dat'), writeJavaMap([[key, Buffer.from('{"lsn_proc":23803840,"messageType":"INSERT","lsn":23803840,"txId":773,"ts_usec":1}')]]))
  expect(await tailrace('import', configuration, '--from', file('postgres.dat'), '--force')).toMatchObject({ code: 4, stderr: expect.stringContaining('PostgreSQL') })
}))
