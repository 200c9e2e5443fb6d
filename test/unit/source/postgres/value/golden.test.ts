import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TailraceError } from '../../../../../src/error/tailrace-error.ts'
import { DEFAULT_HANDLING_MODES, type HandlingModes } from '../../../../../src/event/handling-mode.ts'
import type { Field } from '../../../../../src/event/schema.ts'
import type { RowCodec, RowImage } from '../../../../../src/event/table.ts'
import { columnLayout } from '../../../../../src/format/json/json-layout.ts'
import { renderJson } from '../../../../../src/format/json/render-json.ts'
import { writeSchema } from '../../../../../src/format/json/schema-json.ts'
import type { PgTableShape } from '../../../../../src/source/postgres/column.ts'
import { createRowCodec } from '../../../../../src/source/postgres/value/row-codec.ts'
import { compareRecords, describeMismatches } from '../../../../golden/compare.ts'
import { amend, describeTally, type Tally } from '../../../../golden/difference.ts'
import { field, parseJson, scalar, type Json } from '../../../../golden/json.ts'
import { normaliser, payload } from '../../../../golden/normalise.ts'
import { readScenario, scenarioNames, type Scenario } from '../../../../golden/scenario.ts'
import { startPostgres, type PostgresServer } from '../../../../server/postgres.ts'
import { requirePostgres } from '../../../../server/require.ts'
import { Log, SESSION, snapshotRows, type RowChange } from './sql-rows.ts'

/*
  The value layer alone against Debezium's output: rows of a real server, as a snapshot and as pgoutput write them, through the
  readers and the JSON writer; key, before, after and their schemas must equal the goldens. The engine is not part of it.
*/

const SCENARIOS = scenarioNames().filter((name) => /^(types|schemas-types|defaults|toast|numeric-|float-format$|replica-identity$|generated$|identifiers(-schemas)?$)/.test(name) && readScenario(name).runs.every((run) => !run.fails))

/** Java 17 writes more digits of some float32 than are needed to tell it from its neighbours, the server never does. */
const FLOAT32 = /^(before|after)\.(r|f24)$/

const withPostgres = await requirePostgres(15)
withPostgres('values equal Debezium’s', () => {
  const tally: Tally = []
  const report: string[] = []
  let server: PostgresServer

  beforeAll(async () => {
    server = await startPostgres({ major: 15 })
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    process.stdout.write(`\n${[...report, ...describeTally(tally).map((line) => `excused, ${line}`)].join('\n')}\n`)
  })

  it.each(SCENARIOS)('%s', { timeout: 60_000 }, async (name) => {
    const scenario = readScenario(name)
    const expected = scenario.runs[0]!.events.map((line) => parseJson(line)).filter(isRow)
    const normalise = normaliser()
    const golden = expected.map((record) => core(amend(name, normalise(record), tally)))
    const ours = await rows(scenario, server)
    const differences = compareRecords(golden, ours).filter(({ path, expected, got }) => !(FLOAT32.test(path) && Math.fround(Number(expected)) === Math.fround(Number(got))))
    report.push(`${name}: ${golden.length} records, ${differences.length} differences`)
    if (differences.length > 0) expect.fail(describeMismatches(name, differences, ours, 12))
  })
})

/** No tombstone; and the value layer has nothing to say on whether a snapshot reads unlogged tables. */
function isRow(record: Json): boolean {
  const value = payload(field(record, 'value'))
  return scalar(field(value, 'op')) !== undefined && scalar(field(field(value, 'source'), 'table')) !== 'gen_unlogged'
}

/** The part of a record that is made of columns. */
function core(record: Json): Json {
  const value = field(record, 'value')
  const body = payload(value)
  const schema = field(value, 'schema')
  const key = field(record, 'key')
  const rowSchema = field(schema, 'fields')
  return {
    kind: 'object',
    fields: [
      { name: 'table', value: field(field(body, 'source'), 'table')! },
      { name: 'op', value: field(body, 'op')! },
      { name: 'key', value: payload(key) ?? NULL },
      { name: 'keySchema', value: field(field(key, 'schema'), 'fields') ?? NULL },
      { name: 'before', value: field(body, 'before') ?? NULL },
      { name: 'after', value: field(body, 'after') ?? NULL },
      { name: 'schema', value: (rowSchema?.kind === 'array' ? field(rowSchema.items[1], 'fields') : undefined) ?? NULL },
    ],
  }
}

const NULL: Json = { kind: 'word', text: 'null' }

async function rows(scenario: Scenario, server: PostgresServer): Promise<Json[]> {
  const settings = new Map([...scenario.config.matchAll(/^([\w.]+)=(.*)$/gm)].map(([, name, value]) => [name!, value!.trim()]))
  await server.createDatabase('values')
  await server.script('values', scenario.setup)
  const printer = new Printer(settings)
  return await server.withClient('values', async (client) => {
    await client.query(SESSION)
    const log = await Log.open(client, 'value_test', settings.get('publication.name'))
    const records = (await snapshotRows(client)).flatMap((change) => printer.records(change))
    // All of it before the log is read: Debezium, too, asked the catalog when the last ALTER TABLE was done.
    await server.script('values', scenario.runs[0]!.stream)
    records.push(...(await log.changes()).flatMap((change) => printer.records(change)))
    await log.close()
    return records
  })
}

class Printer {
  readonly #modes: HandlingModes
  readonly #replaceNull: boolean
  readonly #schemas: boolean
  readonly #codecs = new Map<PgTableShape, RowCodec>()
  readonly warnings: TailraceError[] = []

  constructor(settings: ReadonlyMap<string, string>) {
    this.#modes = handlingModes(settings)
    this.#replaceNull = settings.get('value.converter.replace.null.with.default') !== 'false'
    this.#schemas = settings.get('value.converter.schemas.enable') === 'true'
  }

  /** One record, or two for a change of the key: a delete and a create. */
  records({ op, shape, before, after }: RowChange): Json[] {
    let codec = this.#codecs.get(shape)
    if (codec === undefined) this.#codecs.set(shape, (codec = createRowCodec(shape, this.#modes, (error) => this.warnings.push(error))))
    const key = (image: RowImage | undefined): string => (image === undefined || codec.keyFields === undefined ? 'null' : this.#print(codec.keyFields, (writer) => codec.writeKey(image, writer)))
    if (op === 'u' && before !== undefined && key(before) !== key(after)) {
      return [this.#record('d', shape, codec, key(before), before, undefined), this.#record('c', shape, codec, key(after), undefined, after)]
    }
    return [this.#record(op, shape, codec, key(after ?? before), before, after)]
  }

  #record(op: string, shape: PgTableShape, codec: RowCodec, key: string, before: RowImage | undefined, after: RowImage | undefined): Json {
    const row = (image: RowImage | undefined): string => (image === undefined ? 'null' : this.#print(codec.fields, (writer) => codec.write(image, writer)))
    const schema = (fields: readonly Field[] | undefined): string => (!this.#schemas || fields === undefined ? 'null' : `[${fields.map((each) => renderJson((writer) => writeSchema(writer, each.schema, each.name)).toString()).join(',')}]`)
    return parseJson(`{"table":${JSON.stringify(shape.name)},"op":"${op}","key":${key},"keySchema":${schema(codec.keyFields)},"before":${row(before)},"after":${row(after)},"schema":${schema(codec.fields)}}`)
  }

  #print(fields: readonly Field[], write: (writer: Parameters<RowCodec['write']>[1]) => void): string {
    return renderJson((writer) => {
      writer.use(columnLayout('{', fields, this.#replaceNull))
      write(writer)
      writer.endStruct()
    }).toString()
  }
}

function handlingModes(settings: ReadonlyMap<string, string>): HandlingModes {
  const chosen = <Name extends keyof HandlingModes>(name: Name, property: string): HandlingModes[Name] => (settings.get(property) as HandlingModes[Name] | undefined) ?? DEFAULT_HANDLING_MODES[name]
  const placeholder = settings.get('unavailable.value.placeholder')
  return {
    decimal: chosen('decimal', 'decimal.handling.mode'),
    time: chosen('time', 'time.precision.mode'),
    binary: chosen('binary', 'binary.handling.mode'),
    interval: chosen('interval', 'interval.handling.mode'),
    hstore: chosen('hstore', 'hstore.handling.mode'),
    moneyFractionDigits: Number(settings.get('money.fraction.digits') ?? 2),
    includeUnknown: settings.get('include.unknown.datatypes') === 'true',
    unavailablePlaceholder: placeholder === undefined ? DEFAULT_HANDLING_MODES.unavailablePlaceholder : placeholder.startsWith('hex:') ? Buffer.from(placeholder.slice(4), 'hex') : Buffer.from(placeholder),
    conversionFailure: chosen('conversionFailure', 'event.converting.failure.handling.mode'),
  }
}

