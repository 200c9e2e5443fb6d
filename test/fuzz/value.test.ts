import { expect, test } from 'vitest'
import { isTailraceError } from '../../src/error/tailrace-error.ts'
import { DEFAULT_HANDLING_MODES, type HandlingModes } from '../../src/event/handling-mode.ts'
import { RecordBatch } from '../../src/format/record-batch.ts'
import { JsonWriter } from '../../src/json/json-writer.ts'
import { readTable, toShape, TypeCache } from '../../src/source/postgres/catalog.ts'
import type { PgColumn } from '../../src/source/postgres/column.ts'
import { compileColumn } from '../../src/source/postgres/value/column-codec.ts'
import { createDecoder } from '../../src/source/postgres/value/decoder.ts'
import { CAPTURED_MAJORS, catalogOf, readCapture, splitMessages } from './capture.ts'
import { campaign, quote, withinLimits, type Random } from './campaign.ts'
import { mutate } from './mutation.ts'

/*
  The text of every type, damaged: the JavaScript decoder gives a value or an error with a code, the JSON encoder writes
  text that JSON.parse reads or gives such an error. The texts are those of the captures' rows, and made up ones.
*/

const MODES: readonly HandlingModes[] = [
  { ...DEFAULT_HANDLING_MODES, includeUnknown: true, conversionFailure: 'fail' },
  { ...DEFAULT_HANDLING_MODES, decimal: 'string', time: 'isostring', binary: 'base64', interval: 'string', hstore: 'map', moneyFractionDigits: 4, includeUnknown: true, conversionFailure: 'skip' },
  { ...DEFAULT_HANDLING_MODES, decimal: 'double', time: 'nanoseconds', binary: 'hex', conversionFailure: 'fail' },
  { ...DEFAULT_HANDLING_MODES, time: 'connect', binary: 'base64-url-safe', moneyFractionDigits: 0, conversionFailure: 'skip' },
]

interface Target {
  readonly name: string
  readonly samples: readonly Buffer[]
  readonly decode: (bytes: Buffer, start: number, end: number) => unknown
  readonly writers: readonly ((writer: JsonWriter, bytes: Buffer, start: number, end: number) => void)[]
}

const targets = await targetsOf()
const batch = new RecordBatch(1 << 21)
const writer = new JsonWriter()

test('the captures have every kind of type', () => {
  const names = new Set(targets.map(({ name }) => name.replace(/\(.*/, '')))
  for (const name of ['bool', 'int8', 'numeric', 'money', 'float4', 'bytea', 'varbit', 'date', 'timetz', 'timestamptz', 'interval', 'uuid', 'jsonb', 'xml', 'inet', 'tstzrange', 'tsvector', 'point', 'polygon', 'hstore', 'ltree', 'citext', 'mood', 'pair', '_int4', '_text', '_numeric', '_bytea', 'posint2']) {
    expect(names, name).toContain(name)
  }
})

test('what servers write is decoded and encoded', () => {
  for (const target of targets) {
    for (const sample of target.samples) {
      // NaN has no precise decimal, far years no nanoseconds: that is an error with a code, too
      for (const outcome of outcomes(target, sample)) expect([undefined, 'TR_VALUE_CONVERSION'], `${target.name} ${sample.toString()}`).toContain(outcome)
    }
  }
})

test('damaged texts end in a value or an error', { timeout: 600_000 }, async () => {
  const seen = { value: 0, error: 0 }
  const all = targets.flatMap(({ samples }) => samples)
  await campaign('values', 150_000, (random) => {
    const target = random.pick(targets)
    const text = random.chance(5) ? random.pick(all) : mutate(random.pick(target.samples), random, all)
    for (const outcome of outcomes(target, text)) seen[outcome === undefined ? 'value' : 'error']++
  })
  expect(seen.value).toBeGreaterThan(10_000)
  expect(seen.error).toBeGreaterThan(10_000)
})

test('made up texts end in a value or an error', { timeout: 600_000 }, async () => {
  await campaign('made up values', 100_000, (random) => {
    outcomes(random.pick(targets), madeUp(random))
  })
})

test('long texts take no more time and memory than they are worth', { timeout: 600_000 }, async () => {
  const units = ['9', '{', '}', '{1,', '"', '\\', '{"', '\\\\', ',', '(', '[', '0.', '-', ' ', 'NULL,', '"a"=>"b",', '"a"=>', '1 day ', '1,', 'é', '\0', '\\x', '\\xff', "'a':1 ", '<', '[1,2),', ':', '.0', '1e9']
  await campaign('long values', 3000, async (random) => {
    const target = random.pick(targets)
    const unit = random.pick(units)
    const lead = random.pick(['', '{', '\\x', '1.', '"', random.pick(target.samples).toString()])
    const text = Buffer.from(lead + unit.repeat(Math.floor(16_384 / unit.length)))
    await withinLimits(text, () => outcomes(target, text), 1 + target.writers.length).catch((cause: unknown) => {
      throw new Error(`${target.name}: ${lead} and many of ${unit}`, { cause })
    })
  })
})

test('numbers that JSON does not have are refused, not copied', () => {
  const codes = (name: string, text: string): unknown[] => outcomes(targets.find((target) => target.name === `${name}(-1)`)!, Buffer.from(text)).slice(0, 2)
  const refused = ['TR_PG_PROTOCOL', 'TR_VALUE_CONVERSION']
  for (const text of ['007', '-00', '+1', '']) expect(codes('int4', text), text).toEqual(refused)
  for (const text of ['01.5', '1.', '.5', '1.2.3', '1e', '1e+', '0x10', '1 ', '--1', '']) expect(codes('float8', text), text).toEqual(refused)
  for (const text of ['0', '-0', '1.5', '1e-10', '1e+308', 'NaN', '-Infinity']) expect(codes('float8', text), text).toEqual([undefined, undefined])
})

test('a second with more digits than there are is refused, not written beyond what was set aside', () => {
  const [date, clock] = ['2024-02-29', `13:14:15.${'9'.repeat(60)}`]
  for (const [name, text] of [['time', clock], ['timetz', `${clock}+00`], ['timestamp', `${date} ${clock}`], ['timestamptz', `${date} ${clock}+00`]] as const) {
    // decodeTime gives the text as it is: only the encoder reads it
    expect(outcomes(targets.find((target) => target.name === `${name}(-1)`)!, Buffer.from(text))[1], name).toBe('TR_VALUE_CONVERSION')
  }
})

/** Of decoding and of each encoding: undefined, or the code of the error. Anything else is thrown. */
function outcomes(target: Target, text: Buffer): (string | undefined)[] {
  // in the middle of other bytes, which would be visible if they were read
  const bytes = Buffer.concat([Buffer.from('7{"'), text, Buffer.from('9}"\\')])
  const end = 3 + text.length
  const attempt = (run: () => void): string | undefined => {
    try {
      run()
      return undefined
    } catch (error) {
      if (isTailraceError(error) && error.code !== 'TR_ENGINE_INVARIANT') return error.code
      throw new Error(`${target.name}: ${quote(text)}`, { cause: error })
    }
  }
  return [
    attempt(() => target.decode(bytes, 3, end)),
    ...target.writers.map((write) => {
      batch.clear(1 << 21)
      writer.begin(batch)
      const outcome = attempt(() => {
        write(writer, bytes, 3, end)
        writer.end()
      })
      if (outcome === undefined) attempt(() => JSON.parse(batch.bytes.toString('utf8', 0, batch.length)))
      return outcome
    }),
  ]
}

function madeUp(random: Random): Buffer {
  const parts = ['{', '}', '{', '}', '"', '\\', ',', ',', 'NULL', 'null', '(', ')', '[', ']', '<', '>', '=>', '=', ':', '-', '+', '.', '0', '1', '9', '12', '2024-02-29', '13:14:15', '.5', '+00', '-08:30', ' BC', 'infinity', 'Infinity', 'NaN', 'e', 'E', ' ', 'T', '\\x', 'ff', 'true', 't', 'f', '$', '1 year', ' mons', ' days', '-00:00:01', 'a', 'é', '😀', '\0', '\x7f', '\u2028', '@']
  const text = Array.from({ length: 1 + random.below(14) }, () => random.pick(parts)).join('')
  const bytes = Buffer.from(text)
  // text that is not UTF-8
  if (random.chance(10)) bytes[random.below(bytes.length)] = 0x80 + random.below(128)
  return bytes
}

async function targetsOf(): Promise<Target[]> {
  const columns = new Map<string, { readonly column: PgColumn; readonly samples: Map<string, Buffer> }>()
  for (const major of CAPTURED_MAJORS) {
    const capture = readCapture(major)
    const query = catalogOf(capture)
    for (const { oid, bytes } of capture.results) {
      const catalog = (await readTable(query, oid))!
      const shape = toShape(catalog, capture.database, await new TypeCache(query).resolve(catalog.columns.map((column) => column.typeOid)))
      for (const message of splitMessages(bytes)) {
        if (message[0] !== 0x44) continue
        cellsOf(message).forEach((cell, index) => {
          const column = shape.columns[index]!
          const name = `${column.type.name}(${column.typmod})`
          const known = columns.get(name) ?? { column, samples: new Map<string, Buffer>() }
          columns.set(name, known)
          if (cell !== undefined && cell.length < 2000) known.samples.set(cell.toString('latin1'), cell)
        })
      }
    }
  }
  return [...columns].filter(([, { samples }]) => samples.size > 0).map(([name, { column, samples }]) => ({
    name, samples: [...samples.values()], decode: createDecoder(column, {}),
    writers: MODES.flatMap((modes) => compileColumn(column, modes, () => {}, { schema: 'public', table: 't' })?.read ?? []),
  }))
}

function cellsOf(dataRow: Buffer): (Buffer | undefined)[] {
  let at = 7
  return Array.from({ length: dataRow.readUInt16BE(5) }, () => {
    const length = dataRow.readInt32BE(at)
    at += 4
    if (length < 0) return undefined
    at += length
    return dataRow.subarray(at - length, at)
  })
}
