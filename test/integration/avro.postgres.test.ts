import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChangeEvent } from '../../src/event/change-event.ts'
import type { HandlingModes } from '../../src/event/handling-mode.ts'
import { debeziumAvro } from '../../src/format/avro/index.ts'
import { debeziumJson } from '../../src/format/json/debezium-json.ts'
import { RecordBatch } from '../../src/format/record-batch.ts'
import { parseJson } from '../golden/json.ts'
import { differenceToJson, readAvro } from '../oracle/avro-reader.ts'
import { startAvroData, type AvroDataPeer } from '../peer/avro-data/avro-data.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { startRegistry, type RegistryServer } from '../server/registry.ts'
import { requireAvroData, requirePostgres, requireRegistry } from '../server/require.ts'
import { offsetFolder, runEngine } from './engine-run.ts'
import { createTypeTables, type TypeTable } from './type-table.ts'

/*
  Every type that a column can have, from a real server: the registry takes the schemas, avsc reads the bytes and finds what the
  JSON of the same event says, and Confluent's converter makes the same schema and the same bytes of that JSON.
*/

const MAJOR = 18
const DB = 'avro'
const COPY = 1000

const MODES: Readonly<Record<string, Partial<HandlingModes>>> = {
  'Debezium’s defaults': {},
  'texts wherever there is a choice': { decimal: 'string', time: 'isostring', binary: 'hex', interval: 'string', includeUnknown: true },
  'doubles, nanoseconds, maps': { decimal: 'double', time: 'nanoseconds', binary: 'base64', hstore: 'map', includeUnknown: true, moneyFractionDigits: 0 },
  'Connect’s times': { time: 'connect' },
}

/** What one event became. */
interface Written {
  readonly label: string
  readonly mode: string
  readonly part: 'key' | 'value'
  readonly avro: Buffer
  readonly json: string
}

/** Payload and schema of a JSON record. */
const payloadOf = (json: string): string => json.slice(json.indexOf('},"payload":') + '},"payload":'.length, -1)
/** In a place for a float Connect's JsonConverter reads these texts as zero, and it knows no negative zero. */
const hasNoNumber = (json: string): boolean => /[:,[]("NaN"|"-?Infinity"|-0\.0\b)/.test(payloadOf(json))
/** Confluent's converter refuses what Debezium's schema does not allow, and so do we. */
const REFUSED = /null inside/

const withPostgres = await requirePostgres(MAJOR)
const withRegistry = await requireRegistry()
const withAvroData = await requireAvroData()
withPostgres('every type as Avro', () => {
  withRegistry('with a registry', () => {
    let server: PostgresServer
    let registry: RegistryServer
    let tables: TypeTable[]
    const written: Written[] = []
    const refused = new Set<string>()
    const schemas = new Map<number, string>()

    beforeAll(async () => {
      server = await startPostgres({ major: MAJOR })
      registry = await startRegistry({ compatibility: 'NONE' })
      using folder = offsetFolder()
      await server.createDatabase(DB)
      tables = await server.withClient(DB, createTypeTables)
      const pairs = Object.entries(MODES).map(([mode, modes]) => ({
        mode,
        avro: debeziumAvro({ logicalName: mode.replaceAll(/\W/g, '_'), modes, registry: { urls: registry.url }, ignoreDefaultForNullables: true }),
        json: debeziumJson({ logicalName: mode.replaceAll(/\W/g, '_'), modes, schemaNameAdjustment: 'avro', replaceNullWithDefault: { key: false, value: false } }),
      }))
      const handle = async (events: readonly ChangeEvent[], signal: AbortSignal): Promise<void> => {
        for (const { mode, avro, json } of pairs) {
          await avro.ready!(events, signal)
          for (const event of events) {
            try {
              written.push(...both(event, mode, avro, json))
            } catch (error) {
              if (!REFUSED.test(String(error))) throw error
              refused.add(`${mode}: ${String(error)}`)
            }
          }
        }
      }
      await using run = runEngine({ port: server.port, database: DB, name: 'avro', offsets: folder.file('avro'), engine: { limits: { maxBatchEvents: 64 } }, handle })
      const count = tables.reduce((sum, table) => sum + table.rows, 0)
      await run.until(() => run.seen.length >= count, 'the snapshot', 120_000)
      await run.streaming()
      for (const { name, types } of tables) await server.query(`insert into ${name} select id + ${COPY}, 0, ${types.map((_, index) => `c${index}`).join(', ')} from ${name}`, DB)
      await run.until(() => run.seen.length >= 2 * count, 'the copies', 120_000)
      for (const { name } of tables) await server.query(`delete from ${name} where id > ${COPY}`, DB)
      await run.until(() => run.seen.length >= 3 * count, 'the deletes', 120_000)
      await run.stop()
      for (const { avro } of written) {
        const id = avro.readInt32BE(1)
        if (!schemas.has(id)) schemas.set(id, ((await registry.fetch(`/schemas/ids/${id}`)).body as { schema: string }).schema)
      }
    }, 600_000)
    afterAll(async () => {
      await registry[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    })

    it('is written, but for nulls inside of arrays where Debezium’s schema does not allow them', () => {
      expect(written.length).toBeGreaterThan(1000)
      expect([...refused].filter((line) => !/\.c\d+ is null inside/.test(line))).toEqual([])
    })

    it('reads back as what the JSON of the event says', () => {
      for (const { label, avro, json } of written) {
        expect(avro[0]).toBe(0)
        const value = readAvro(schemas.get(avro.readInt32BE(1))!, avro.subarray(5))
        expect(differenceToJson(value, parseJson(payloadOf(json))), label).toBeUndefined()
      }
    }, 120_000)

    withAvroData('beside Confluent’s converter', () => {
      let peer: AvroDataPeer
      beforeAll(async () => {
        peer = await startAvroData()
      })
      afterAll(async () => await peer[Symbol.asyncDispose]())

      it('has the same schema, to the letter, and the same bytes', async () => {
        let compared = 0
        for (const { label, avro, json } of written) {
          if (hasNoNumber(json)) continue
          const expected = await peer.convert(json, { 'ignore.default.for.nullables': 'true' })
          expect(schemas.get(avro.readInt32BE(1)), label).toBe(expected.schema)
          expect(difference(avro.subarray(5), expected.bytes), label).toBe('')
          compared++
        }
        expect(compared).toBeGreaterThan(written.length * 0.8)
      }, 300_000)
    })
  })
})

const batch = new RecordBatch(1 << 20)

/** Key and value of one event in both formats. */
function both(event: ChangeEvent, mode: string, avro: ReturnType<typeof debeziumAvro>, json: ReturnType<typeof debeziumJson>): Written[] {
  const parts = [avro, json].map((format) => {
    batch.clear(1 << 20)
    format.encode(event, batch, 1_795_207_720_080_123n)
    return { key: Buffer.from(batch.bytes.subarray(batch.keyStart[0], batch.keyEnd[0])), value: Buffer.from(batch.bytes.subarray(batch.valueStart[0], batch.valueEnd[0])) }
  })
  return (['key', 'value'] as const).map((part) => ({
    label: `${mode}: ${event.op} ${event.table.name} ${String(event.key?.['id'])} ${part}`, mode, part, avro: parts[0]![part], json: parts[1]![part].toString(),
  }))
}

/** Values have kilobytes: where they differ, what is there. */
function difference(got: Buffer, expected: Buffer): string {
  if (got.equals(expected)) return ''
  let at = 0
  while (got[at] === expected[at]) at++
  const around = (bytes: Buffer): string => bytes.toString('hex', Math.max(0, at - 16), at + 16)
  return `at ${at} of ${got.length} and ${expected.length}: ${around(got)} instead of ${around(expected)}`
}

describe('the comparison', () => {
  const data = { a: 9007199254740993n, b: Math.fround(0.1), c: '1', d: Buffer.from('x'), e: NaN, f: [null, true], g: -0 }
  const text = '{"a":9007199254740993,"b":0.1,"c":"1","d":"eA==","e":"NaN","f":[null,true],"g":-0.0}'

  it('finds equal what is equal', () => {
    expect(differenceToJson(data, parseJson(text))).toBeUndefined()
  })

  it.each(['{"a":9007199254740992', '"b":0.2', '"c":1', '"d":"eQ=="', '"e":"Infinity"', '"f":[null,false]', '"f":[null]', '"g":0.0', '"h":1,"g":-0.0'])('finds %s', (other) => {
    const name = /"(\w)"/.exec(other)![1]!
    const changed = name === 'h' ? text.replace('"g"', '"h":1,"g"') : text.replace(new RegExp(`[{]?"${name}":(\\[.*?\\]|[^,}]*)`), other)
    expect(differenceToJson(data, parseJson(changed))).toBeDefined()
  })
})
