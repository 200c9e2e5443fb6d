import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileSchemaHistory } from '../../../src/index.ts'
import { kafkaSchemaHistory } from '../../../src/kafka.ts'
import type { SchemaHistory } from '../../../src/schema-history/history.ts'
import { decodeRecord, encodeRecord } from '../../../src/schema-history/record-json.ts'
import type { HistoryRecord } from '../../../src/schema-history/record.ts'
import { encodeLabel } from '../../../src/schema-history/enum-label.ts'
import type { TableDefinition } from '../../../src/schema-history/table-definition.ts'
import { richHistoryRecords, sampleHistoryRecord } from '../../../src/testing/index.ts'
import { startKafka, type KafkaServer } from '../../server/kafka.ts'
import { requireKafka, requireSchemaHistoryPeer } from '../../server/require.ts'
import { temporaryFolder } from '../../unit/offset/folder.ts'
import { all, context, SIGNAL } from '../../unit/schema-history/file-reading.ts'
import { goldenHistories } from '../../unit/schema-history/golden-history.ts'
import { startSchemaHistoryPeer, type HistoryStorage, type PeerTable, type SchemaHistoryPeer } from './schema-history.ts'

const withPeer = await requireSchemaHistoryPeer()
const withKafka = await requireKafka()

/** Every type of column and every kind of statement. */
const SCENARIOS = ['mysql/types', 'mysql/ddl', 'mysql/signal-log-schema', 'mariadb/types', 'mariadb/ddl']

/** Records that Debezium wrote, and those with everything that needs care. */
function records(): HistoryRecord[] {
  const golden = goldenHistories()
  const lines = SCENARIOS.flatMap((scenario) => golden.get(`${scenario}/schema-history`) ?? [])
  return [...lines.map(decodeRecord), ...richHistoryRecords().filter(({ source }) => 'server' in source)].map((record) => ({ ...record, source: { server: 'shop' } }))
}

/** The tables after every record, as Debezium shows them: it forgets the comment of a table (JsonTableChangeSerializer.fromDocument looks for it inside). */
function tablesAfter(history: readonly HistoryRecord[]): PeerTable[] {
  const tables = new Map<string, TableDefinition>()
  const key = (database: string, table: string): string => JSON.stringify([database, table])
  for (const { changes } of history) {
    for (const { type, database, table, previous, shape } of changes) {
      if (previous !== undefined) tables.delete(key(previous.database, previous.table))
      if (type === 'DROP') tables.delete(key(database, table))
      else if (shape !== undefined) tables.set(key(database, table), shape)
    }
  }
  return [...tables.values()].map(({ database, name, charset, key: columnsOfKey, columns }) => ({
    database, schema: null, table: name, charset: charset ?? null, comment: null, key: columnsOfKey.map((index) => columns[index]!.name),
    columns: columns.map((column, index) => ({
      name: column.name, position: index + 1, jdbcType: column.jdbcType, typeName: column.typeName, typeExpression: column.typeExpression, charset: column.charset ?? null, length: column.length ?? -1,
      optional: column.optional, autoIncremented: column.autoIncremented, generated: column.generated, comment: column.comment ?? null, hasDefault: column.hasDefault,
      ...(column.scale === undefined ? {} : { scale: column.scale }), ...(column.default === undefined ? {} : { default: column.default }), labels: column.labels.map(encodeLabel),
    })),
  }))
}

function sorted(tables: readonly PeerTable[]): PeerTable[] {
  const name = ({ database, table }: PeerTable): string => JSON.stringify([database, table])
  return [...tables].sort((one, other) => (name(one) < name(other) ? -1 : 1))
}

/** What Debezium reads and writes again has lost the comments of tables. */
function without(record: HistoryRecord): HistoryRecord {
  return { ...record, changes: record.changes.map((change) => (change.shape === undefined ? change : { ...change, shape: { ...change.shape, comment: undefined } })) }
}

/** Debezium writes a name that ends with a quote without quotes around it (TableId.quote), and cannot read that again. */
function isWritten({ changes }: HistoryRecord): boolean {
  return !changes.some(({ database }) => database.endsWith('"'))
}

async function held<Result>(history: SchemaHistory, act: (history: SchemaHistory) => Promise<Result>): Promise<Result> {
  await using open = history
  await open.open(context(), SIGNAL)
  return await act(open)
}

/** One storage, used by both in turn. */
async function interchange(peer: SchemaHistoryPeer, ours: () => SchemaHistory, storage: HistoryStorage): Promise<void> {
  const written = records()
  expect(written.length).toBeGreaterThan(200)
  // ours, read by Debezium
  await held(ours(), (history) => history.append(written))
  expect(await peer.exists(storage)).toBe(true)
  const tables = await peer.recover(storage, 'shop')
  expect(tables.length).toBeGreaterThan(10)
  expect(sorted(tables)).toEqual(sorted(tablesAfter(written)))
  expect(await peer.recover(storage, 'another')).toEqual([])
  // Debezium's, read by us, behind ours
  const more = written.filter(isWritten).map((record, index) => ({ ...record, timestampMs: index }))
  await peer.record(storage, more.map(encodeRecord))
  const read = await held(ours(), all)
  expect(read).toEqual([...written, ...more.map(without)])
  // and ours behind Debezium's
  await held(ours(), (history) => history.append([sampleHistoryRecord(1)]))
  expect(sorted(await peer.recover(storage, 'shop'))).toEqual(sorted(tablesAfter(read)))
  expect((await held(ours(), all)).at(-1)).toEqual(sampleHistoryRecord(1))
}

withPeer('a schema history, used by Debezium and by us in turn', () => {
  let peer: SchemaHistoryPeer
  beforeAll(async () => {
    peer = await startSchemaHistoryPeer()
  }, 120_000)
  afterAll(async () => peer?.[Symbol.asyncDispose]())

  test('in a file', { timeout: 60_000 }, async () => {
    await using folder = await temporaryFolder()
    const file = `${folder.path}/history.dat`
    await interchange(peer, () => fileSchemaHistory(file), { file })
  })

  test('a file that Debezium made has the bytes that we write', { timeout: 60_000 }, async () => {
    await using folder = await temporaryFolder()
    const written = records().map(without).filter(isWritten)
    await peer.record({ file: `${folder.path}/theirs` }, written.map(encodeRecord))
    await held(fileSchemaHistory(`${folder.path}/ours`), (history) => history.append(written))
    const lines = async (name: string): Promise<string[]> => (await readFile(`${folder.path}/${name}`, 'utf8')).split('\n')
    const [theirs, ours] = [await lines('theirs'), await lines('ours')]
    expect(ours).toEqual(theirs)
  })

  describe('in Kafka', () => {
    withKafka('with a broker', () => {
      let kafka: KafkaServer
      beforeAll(async () => {
        kafka = await startKafka()
      }, 120_000)
      afterAll(async () => kafka?.[Symbol.asyncDispose]())

      test('in a topic that we made', { timeout: 120_000 }, async () => {
        await interchange(peer, () => kafkaSchemaHistory({ brokers: [kafka.url], topic: 'ours' }), { kafka: kafka.url, topic: 'ours' })
      })

      test('in a topic that Debezium made', { timeout: 120_000 }, async () => {
        const storage = { kafka: kafka.url, topic: 'theirs' }
        expect(await peer.exists(storage)).toBe(false)
        await interchange(peer, () => kafkaSchemaHistory({ brokers: [kafka.url], topic: 'theirs' }), storage)
      })
    })
  })
})
