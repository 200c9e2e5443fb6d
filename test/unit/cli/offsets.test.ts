import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { command } from '../../../src/cli/command.ts'
import { debeziumFileOffsets } from '../../../src/offset/debezium/debezium-file-offsets.ts'
import { readJavaMap, writeJavaMap } from '../../../src/offset/debezium/java-map.ts'
import { fileOffsets } from '../../../src/offset/file/file-offsets.ts'
import type { OffsetStore, StoredOffset } from '../../../src/offset/offset-store.ts'
import { temporaryFolder } from '../offset/folder.ts'
import { Recorded } from './output.ts'

const DEBEZIUM = '{"lsn_proc":23803840,"messageType":"INSERT","lsn_commit":23803720,"lsn":23803840,"txId":773,"ts_usec":1795207719880519}'
const OURS: StoredOffset = {
  engine: 'orders', source: 'postgresql', identity: { system: '7318349394477056042', timeline: 1, database: 'shop', slot: 'orders' }, partial: 1,
  position: { phase: 'stream', lsn: '0/16B3748', transaction: { commitLsn: '0/16B3900', changes: 3, changeLsn: '0/16B3800', recordLsn: '0/16B37C0' } },
}

interface Place {
  readonly file: (name: string) => string
  readonly configuration: string
  readonly offsets: string
}

async function inPlace(use: (place: Place) => Promise<void>, more: Readonly<Record<string, string>> = {}): Promise<void> {
  await using folder = await temporaryFolder()
  const file = (name: string): string => path.join(folder.path, name)
  const place = { file, configuration: file('app.properties'), offsets: file('offsets.dat') }
  await configure(place.configuration, { 'offset.storage.file.filename': place.offsets, ...more })
  await use(place)
}

async function configure(file: string, more: Readonly<Record<string, string>>): Promise<void> {
  const properties = {
    'name': 'orders', 'connector.class': 'io.debezium.connector.postgresql.PostgresConnector', 'database.hostname': 'db', 'database.user': 'u', 'database.password': 'cAnArY-4711', 'database.dbname': 'shop',
    'topic.prefix': 'shop', 'plugin.name': 'pgoutput', ...more,
  }
  await writeFile(file, Object.entries(properties).map(([name, value]) => `${name}=${value}\n`).join(''))
}

async function debeziumFile(file: string, entries: Readonly<Record<string, string>> = { '["orders",{"server":"shop"}]': DEBEZIUM }): Promise<void> {
  await writeFile(file, writeJavaMap(Object.entries(entries).map(([key, value]) => [Buffer.from(key), Buffer.from(value)])))
}

async function put(store: OffsetStore, offset: StoredOffset): Promise<void> {
  await using opened = store
  await opened.load(offset.engine)
  await opened.save(offset)
}

async function tailrace(...argv: string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const [stdout, stderr] = [new Recorded(), new Recorded()]
  const code = await command(['offsets', ...argv], { stdout, stderr, environment: {}, signal: new AbortController().signal })
  expect(stdout.text + stderr.text).not.toContain('cAnArY')
  return { code, stdout: stdout.text, stderr: stderr.text }
}

test('show: of Debezium, of ours, of nobody', () => inPlace(async ({ configuration, offsets }) => {
  expect(await tailrace('show', configuration)).toEqual({
    code: 0, stderr: '', stdout: `engine:       orders\nstored in:    ${offsets}\nunder:        ["orders",{"server":"shop"}]\noffset:       none\n`,
  })
  await debeziumFile(offsets)
  expect((await tailrace('show', configuration)).stdout).toBe(
    `engine:       orders
stored in:    ${offsets}
under:        ["orders",{"server":"shop"}]
phase:        streaming
position:     everything committed before 0/16B3748, and of the transaction after it, everything up to the change at 0/16B37C0
bound to:     nothing yet: Debezium wrote it, the next start checks and binds it
for Debezium: lsn=23803840 lsn_proc=23803840 lsn_commit=23803720 messageType=INSERT
`)
  await put(debeziumFileOffsets(offsets, { server: 'shop' }), OURS)
  expect((await tailrace('show', configuration)).stdout.split('\n').slice(4)).toEqual([
    'position:     everything committed before 0/16B3748, and the first 3 changes of the transaction committed at 0/16B3900, and 1 record of the next change',
    'bound to:     system 7318349394477056042, timeline 1, database shop, slot orders',
    'for Debezium: lsn=23803840 lsn_proc=23803840 lsn_commit=23803720 messageType=INSERT',
    '',
  ])
  const { stdout } = await tailrace('show', configuration, '--json')
  expect(JSON.parse(stdout)).toEqual({ engine: 'orders', place: offsets, key: ['orders', { server: 'shop' }], offset: OURS, debezium: { lsn: 23803840, lsn_proc: 23803840, lsn_commit: 23803720, messageType: 'INSERT' } })
}))

test('show: while an engine holds the file, and changes nothing', () => inPlace(async ({ configuration, offsets }) => {
  await debeziumFile(offsets)
  const before = await readFile(offsets)
  await using store = debeziumFileOffsets(offsets, { server: 'shop' })
  await store.load('orders')
  expect(await tailrace('show', configuration)).toMatchObject({ code: 0, stdout: expect.stringContaining('0/16B3748') })
  expect(await readFile(offsets)).toEqual(before)
}))

test('show: what is damaged is an error, and an offset in memory cannot be shown', async () => {
  await inPlace(async ({ configuration, offsets }) => {
    await writeFile(offsets, '')
    expect(await tailrace('show', configuration)).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('TR_OFFSET_CORRUPT') })
  })
  await inPlace(async ({ configuration }) => {
    expect(await tailrace('show', configuration)).toMatchObject({ code: 2, stderr: expect.stringContaining('in memory') })
  }, { 'offset.storage': 'memory' })
})

test('import: from Debezium’s file, and only once without --force', () => inPlace(async ({ configuration, offsets, file }) => {
  await debeziumFile(file('old.dat'), { '["orders",{"server":"shop"}]': DEBEZIUM, '["stock",{"server":"store"}]': DEBEZIUM })
  expect(await tailrace('import', configuration, '--from', file('old.dat'))).toMatchObject({ code: 0, stdout: expect.stringContaining('up to the change at 0/16B37C0') })
  // the other engine's is not taken along
  expect(readJavaMap(await readFile(offsets))).toHaveLength(1)
  expect((await tailrace('show', configuration)).stdout).toContain('Debezium wrote it')
  expect(await tailrace('import', configuration, '--from', file('old.dat'))).toMatchObject({ code: 3, stderr: expect.stringContaining('TR_OFFSET_EXISTS') })
  expect(await tailrace('import', configuration, '--from', file('old.dat'), '--force')).toMatchObject({ code: 0 })
}))

test('import: under other names, ours of another name included', () => inPlace(async ({ configuration, file }) => {
  await debeziumFile(file('server.dat'), { '["kafka",{"server":"tutorial"}]': DEBEZIUM })
  expect(await tailrace('import', configuration, '--from', file('server.dat'))).toMatchObject({ code: 4, stderr: expect.stringContaining('TR_OFFSET_FOREIGN') })
  expect(await tailrace('import', configuration, '--from', file('server.dat'), '--name', 'kafka', '--server', 'tutorial')).toMatchObject({ code: 0 })
  await put(debeziumFileOffsets(file('renamed.dat'), { server: 'shop' }), { ...OURS, engine: 'sales' })
  expect(await tailrace('import', configuration, '--from', file('renamed.dat'))).toMatchObject({ code: 4 })
  expect(await tailrace('import', configuration, '--from', file('renamed.dat'), '--name', 'sales', '--force')).toMatchObject({ code: 0 })
  expect(JSON.parse((await tailrace('show', configuration, '--json')).stdout)).toMatchObject({ offset: OURS })
}))

test('import: from a file of our own form, and from where another configuration keeps its offset', () => inPlace(async ({ configuration, file }) => {
  await put(fileOffsets(file('orders.offset.json')), OURS)
  expect(await tailrace('import', configuration, '--from', file('orders.offset.json'))).toMatchObject({ code: 0 })
  await debeziumFile(file('other.dat'))
  await configure(file('other.properties'), { 'offset.storage.file.filename': file('other.dat') })
  expect(await tailrace('import', configuration, '--from', file('other.properties'), '--force')).toMatchObject({ code: 0, stdout: expect.stringContaining('Debezium wrote it') })
}))

test('import: what is missing, empty, damaged or of another source is refused, and nothing is stored', () => inPlace(async ({ configuration, file }) => {
  expect(await tailrace('import', configuration, '--from', file('nowhere'))).toMatchObject({ code: 3, stderr: expect.stringContaining('TR_OFFSET_READ') })
  await writeFile(file('empty.dat'), '')
  expect(await tailrace('import', configuration, '--from', file('empty.dat'))).toMatchObject({ code: 4, stderr: expect.stringContaining('TR_OFFSET_CORRUPT') })
  await debeziumFile(file('mysql.dat'), { '["orders",{"server":"shop"}]': '{"file":"binlog.000003","pos":154}' })
  expect(await tailrace('import', configuration, '--from', file('mysql.dat'))).toMatchObject({ code: 4, stderr: expect.stringContaining('MySQL') })
  await debeziumFile(file('snapshot.dat'), { '["orders",{"server":"shop"}]': '{"lsn":1,"incremental_snapshot_collections":"[]"}' })
  expect(await tailrace('import', configuration, '--from', file('snapshot.dat'))).toMatchObject({ code: 3, stderr: expect.stringContaining('TR_OFFSET_UNFINISHED') })
  await put(fileOffsets(file('made-up.json')), { ...OURS, source: 'made-up' })
  expect(await tailrace('import', configuration, '--from', file('made-up.json'))).toMatchObject({ code: 4, stderr: expect.stringContaining('TR_OFFSET_FOREIGN') })
  expect((await tailrace('show', configuration)).stdout).toContain('none')
}))

test('import and export refuse a file that an engine holds', () => inPlace(async ({ configuration, offsets, file }) => {
  await debeziumFile(offsets)
  await debeziumFile(file('old.dat'))
  await using store = debeziumFileOffsets(offsets, { server: 'shop' })
  await store.load('orders')
  expect(await tailrace('import', configuration, '--from', file('old.dat'), '--force')).toMatchObject({ code: 3, stderr: expect.stringContaining('TR_OFFSET_LOCKED') })
  expect(await tailrace('export', configuration, '--to', file('new.dat'))).toMatchObject({ code: 3, stderr: expect.stringContaining('TR_OFFSET_LOCKED') })
}))

test('export: beside the offsets of others, and only once without --force', () => inPlace(async ({ configuration, offsets, file }) => {
  expect(await tailrace('export', configuration, '--to', file('new.dat'))).toMatchObject({ code: 3, stderr: expect.stringContaining('There is no offset') })
  await put(fileOffsets(offsets), OURS)
  await debeziumFile(file('new.dat'), { '["stock",{"server":"store"}]': DEBEZIUM })
  expect(await tailrace('export', configuration, '--to', file('new.dat'))).toMatchObject({ code: 0, stdout: expect.stringContaining('lsn_proc=23803840') })
  const entries = readJavaMap(await readFile(file('new.dat'))).map(([key, value]) => [Buffer.from(key!).toString(), Buffer.from(value!).toString()])
  expect(entries).toEqual([['["stock",{"server":"store"}]', DEBEZIUM], ['["orders",{"server":"shop"}]', expect.stringMatching(/^\{"lsn":23803840,"lsn_proc":23803840,"lsn_commit":23803720,"messageType":"INSERT",/)]])
  expect(await tailrace('export', configuration, '--to', file('new.dat'))).toMatchObject({ code: 3, stderr: expect.stringContaining('TR_OFFSET_EXISTS') })
  expect(await tailrace('export', configuration, '--to', file('new.dat'), '--force')).toMatchObject({ code: 0 })
  expect(await tailrace('export', configuration, '--to', offsets)).toMatchObject({ code: 2, stderr: expect.stringContaining('goes on from it as it is') })
}))
