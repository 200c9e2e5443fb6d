import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { debeziumAvro, type DebeziumAvroOptions } from '../../../../src/format/avro/index.ts'
import { ABSENT, RecordBatch } from '../../../../src/format/record-batch.ts'
import { field, isNull, parseJson, printJson, type Json } from '../../../golden/json.ts'
import { readScenario } from '../../../golden/scenario.ts'
import { startAvroData, type AvroDataPeer } from '../../../peer/avro-data/avro-data.ts'
import { requireAvroData } from '../../../server/require.ts'
import { Replay } from '../replay.ts'
import { IdServer } from './id-server.ts'

/*
  What Debezium's engine emitted as JSON with schemas, given to Confluent's AvroConverter and, cell by cell, to ours: the same text of
  the schema, and the same bytes.
*/

const SCENARIOS: Readonly<Record<string, Partial<DebeziumAvroOptions>>> = {
  'schemas-basics': {},
  'messages-schemas': {},
  'identifiers-avro': { schemaNameAdjustment: 'avro', fieldNameAdjustment: 'avro' },
  'identifiers-avro_unicode': { schemaNameAdjustment: 'avro_unicode', fieldNameAdjustment: 'avro_unicode' },
  defaults: {},
  'defaults-variants': {},
  'schemas-types': {},
  'schemas-types-decimal-string': {},
  'schemas-types-isostring': {},
  'toast-schemas': {},
  'transactions-schemas': { transactionTopic: 'my_tx' },
}
const SCHEMA_CHANGES = readFileSync(path.join(import.meta.dirname, '..', 'schema-change.ndjson'), 'utf8').trim().split('\n')

/** `_u0022` and `_u43a` are characters. */
const unescape = (name: string): string => name.replace(/_u([0-9a-f]{4}|[0-9a-f]{3})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
/** Debezium's clock has nanoseconds, ours microseconds. */
const inMicroseconds = (line: string): string => line.replace(/("ts_us":(\d+),"ts_ns":)\d+(\}+,"headers":)/, '$1$2000$3')
/** JsonConverter reads the texts "NaN" and "Infinity" as zero. */
const hasNoNumber = (node: Json): boolean => /[:,[]"(NaN|-?Infinity)"/.test(printJson(node))

const withAvroData = await requireAvroData()
withAvroData('captured records are what Confluent’s converter makes of them', () => {
  let peer: AvroDataPeer
  let registry: IdServer

  beforeAll(async () => {
    peer = await startAvroData()
  })
  afterAll(async () => await peer[Symbol.asyncDispose]())
  beforeAll(async () => {
    registry = await IdServer.start()
  })
  afterAll(async () => await registry[Symbol.asyncDispose]())

  async function same(framed: Buffer, node: Json, line: string): Promise<void> {
    const expected = await peer.convert(printJson(node))
    expect(registry.schemaOf(framed), line).toBe(expected.schema)
    expect(framed[0]).toBe(0)
    expect(framed.subarray(5).toString('hex'), line).toBe(expected.bytes.toString('hex'))
  }

  test.each(Object.entries(SCENARIOS))('%s', async (name, options) => {
    const format = debeziumAvro({ logicalName: 'lab', version: '3.6.1.Final', schemaNameAdjustment: 'none', registry: { urls: registry.url }, ...options })
    const replay = new Replay(options.fieldNameAdjustment === 'avro_unicode' ? unescape : undefined)
    const batch = new RecordBatch(1024)
    let compared = 0
    for (const line of readScenario(name).runs[0]!.events.map(inMicroseconds)) {
      const replayed = replay.event(line)
      if (replayed === undefined) continue
      batch.clear(1 << 20)
      await format.ready!([replayed.event], AbortSignal.timeout(10_000))
      format.encode(replayed.event, batch, replayed.nowMicros)
      const record = parseJson(line)
      const [key, value] = [field(record, 'key')!, field(record, 'value')!]
      if (isNull(key)) expect(batch.keyStart[0]).toBe(ABSENT)
      else await same(batch.bytes.subarray(batch.keyStart[0], batch.keyEnd[0]), key, line)
      if (hasNoNumber(value)) continue
      await same(batch.bytes.subarray(batch.valueStart[0], batch.valueEnd[0]), value, line)
      compared++
    }
    expect(compared).toBeGreaterThan(2)
  })

  test('changes of a schema, of either server', async () => {
    for (const line of SCHEMA_CHANGES) {
      const [, version] = /"version":"(\d[^"]*)"/.exec(line)!
      const format = debeziumAvro({ logicalName: 'srv', version: version!, registry: { urls: registry.url } })
      const { event, nowMicros } = new Replay().event(line)!
      const batch = new RecordBatch(1024)
      await format.ready!([event], AbortSignal.timeout(10_000))
      format.encode(event, batch, nowMicros)
      expect([batch.count, batch.destination[0], batch.placed.get(0)]).toEqual([1, 'srv', 0])
      const record = parseJson(line)
      await same(batch.bytes.subarray(batch.keyStart[0], batch.keyEnd[0]), field(record, 'key')!, line)
      await same(batch.bytes.subarray(batch.valueStart[0], batch.valueEnd[0]), field(record, 'value')!, line)
    }
  })
})
