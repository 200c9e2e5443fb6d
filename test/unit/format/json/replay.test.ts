import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { RecordBatch } from '../../../../src/format/record-batch.ts'
import { debeziumJson, type DebeziumJsonOptions } from '../../../../src/format/json/debezium-json.ts'
import { NDJSON, NdjsonLines } from '../../../../src/sink/stdout/ndjson-line.ts'
import { readScenario } from '../../../golden/scenario.ts'
import { Replay } from '../replay.ts'

const OFF = { key: false, value: false, header: false }
const NO_HEADER_SCHEMA = { key: true, value: true, header: false }

/** Captured with Debezium 3.6.1: the whole text of every line, from the first brace to the last. */
const SCENARIOS: Readonly<Record<string, Partial<DebeziumJsonOptions>>> = {
  basics: { schemasEnable: OFF },
  'schemas-basics': {},
  'tombstones-off': { schemasEnable: OFF, tombstones: false },
  'topic-names': { schemasEnable: OFF, logicalName: 'pre.fix_1', topicDelimiter: '-' },
  truncate: { schemasEnable: OFF },
  'replica-identity': { schemasEnable: OFF },
  messages: { schemasEnable: OFF },
  'messages-schemas': { schemasEnable: NO_HEADER_SCHEMA },
  'converter-null-default': { schemasEnable: OFF, contextHeaders: false },
  identifiers: { schemasEnable: OFF },
  'identifiers-schemas': { schemasEnable: NO_HEADER_SCHEMA, logicalName: 'my-lab.prefix', topicDelimiter: '_' },
  'identifiers-avro': { schemasEnable: NO_HEADER_SCHEMA, schemaNameAdjustment: 'avro', fieldNameAdjustment: 'avro' },
  'identifiers-avro_unicode': { schemasEnable: NO_HEADER_SCHEMA, schemaNameAdjustment: 'avro_unicode', fieldNameAdjustment: 'avro_unicode' },
  defaults: { schemasEnable: NO_HEADER_SCHEMA },
  'defaults-variants': { schemasEnable: NO_HEADER_SCHEMA },
  'schemas-types': {},
  'schemas-types-decimal-string': { schemasEnable: NO_HEADER_SCHEMA },
  'schemas-types-isostring': { schemasEnable: NO_HEADER_SCHEMA },
  'toast-schemas': { schemasEnable: NO_HEADER_SCHEMA },
  transactions: { schemasEnable: OFF },
  'transactions-schemas': { schemasEnable: NO_HEADER_SCHEMA, transactionTopic: 'my_tx' },
}
/** Of MySQL and MariaDB, as Debezium 3.6.1 and 3.5.0 wrote them; the headers of both have schemas. */
const SCHEMA_CHANGES = readFileSync(path.join(import.meta.dirname, '..', 'schema-change.ndjson'), 'utf8').trim().split('\n')

/** `_u0022` and `_u43a` are characters. */
const unescape = (name: string): string => name.replace(/_u([0-9a-f]{4}|[0-9a-f]{3})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))

/** Debezium's clock has nanoseconds, ours microseconds: of the processing time only the last three digits are taken from ours. */
const inMicroseconds = (line: string): string => line.replace(/("ts_us":(\d+),"ts_ns":)\d+(\}+,"headers":)/, '$1$2000$3')

function replay(lines: readonly string[], options: Partial<DebeziumJsonOptions>): string[] {
  const runId = /connectorName.*"__debezium\.context\.runId":(?:\{.*?"payload":)?"([0-9a-f-]+)"/.exec(lines.find((line) => line.includes('runId')) ?? '')?.[1]
  const format = debeziumJson({ logicalName: 'lab', version: '3.6.1.Final', ...(runId === undefined ? {} : { runId }), ...options })
  const events = new Replay(options.fieldNameAdjustment === 'avro_unicode' ? unescape : undefined)
  const batch = new RecordBatch(1024)
  for (const line of lines) {
    const replayed = events.event(line)
    if (replayed !== undefined) format.encode(replayed.event, batch, replayed.nowMicros)
  }
  const composer = new NdjsonLines()
  let text = ''
  for (let index = 0; index < batch.end; ) {
    index = composer.compose(batch, index)
    text += composer.bytes.toString('utf8', 0, composer.length)
  }
  return text.split('\n').slice(0, -1)
}

/** Lines have kilobytes: where `text` differs, what is there. */
function around(text: string | undefined, expected: string): string {
  if (text === undefined || text === expected) return text ?? 'no line'
  let at = 0
  while (text[at] === expected[at]) at++
  return `at ${at}: ${text.slice(Math.max(0, at - 60), at + 60)} instead of ${expected.slice(at, at + 60)}`
}

describe('captured lines are written again, byte for byte', () => {
  for (const [name, options] of Object.entries(SCENARIOS)) {
    test(name, () => {
      const expected = readScenario(name).runs[0]!.events.map(inMicroseconds)
      const got = replay(expected, options)
      expect(expected.length).toBeGreaterThan(0)
      for (const [index, line] of expected.entries()) expect(around(got[index], line), `line ${index + 1}`).toBe(around(line, line))
      expect(got.length).toBe(expected.length)
    })
  }

  test('changes of a schema, of either server', () => {
    for (const line of SCHEMA_CHANGES) {
      const [, version] = /"version":"(\d[^"]*)"/.exec(line)!
      const [got] = replay([line], { logicalName: 'srv', version: version! })
      expect(around(got, line)).toBe(around(line, line))
    }
  })

  test('and the same where the format writes whole lines', () => {
    const format = debeziumJson({ logicalName: 'srv', version: '3.6.1.Final', runId: 'r', schemasEnable: OFF })
    const events = [...SCHEMA_CHANGES, ...readScenario('transactions-schemas').runs[0]!.events].flatMap((line) => new Replay().event(line)?.event ?? [])
    const [framed, plain] = [new RecordBatch(64, NDJSON), new RecordBatch(64)]
    for (const event of events) for (const batch of [framed, plain]) format.encode(event, batch, 1n)
    expect(framed.framed).toBe(true)
    const composer = new NdjsonLines()
    composer.compose(plain, 0)
    expect(framed.bytes.toString('utf8', 0, framed.length)).toBe(composer.bytes.toString('utf8', 0, composer.length))
    expect(composer.bytes.toString('utf8', 0, composer.length)).toContain('{"destination":"srv","partition":0,"key":{"databaseName":"inv"},"value":{"source":{')
  })
})
