import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CellWriter } from '../../../../src/event/cell-writer.ts'
import type { Schema } from '../../../../src/event/schema.ts'
import { TailraceError } from '../../../../src/error/tailrace-error.ts'
import { slice } from '../../json/write-json.ts'
import { seedOf } from '../../offset/seed.ts'
import { roundTrip, writeAvro } from './write-avro.ts'

/* avsc reads what the writer wrote, to the last byte, and finds what was meant. */

const seed = seedOf('Avro writer')
const LONG: Schema = { type: 'int64', optional: false }
const INT: Schema = { type: 'int32', optional: false }
const TEXT: Schema = { type: 'string', optional: false }
const BYTES: Schema = { type: 'bytes', optional: false }
const optional = (schema: Schema): Schema => ({ ...schema, optional: true })
const array = (items: Schema, more: Partial<Schema> = {}): Schema => ({ type: 'array', optional: false, items, ...more })

const of = (primitive: 'digits' | 'long' | 'double' | 'float' | 'text' | 'plain' | 'json' | 'bytes', content: string | Uint8Array) => (writer: CellWriter): void => {
  const { bytes, start, end } = slice(content)
  writer[primitive](bytes, start, end)
}

describe('integers', () => {
  const edges = [0n, 1n, 63n, 64n, 8191n, 8192n, 10n ** 15n - 1n, 10n ** 15n, 10n ** 15n + 1n, 10n ** 18n, ...Array.from({ length: 64 }, (_, bit) => 1n << BigInt(bit))]
  const boundaries = edges.flatMap((value) => [value - 1n, value, value + 1n]).flatMap((value) => [value, -value]).filter((value) => BigInt.asIntN(64, value) === value)

  test('of 64 bits, at every power of two and ten, from their digits', () => {
    expect(boundaries).toContain(-(1n << 63n))
    expect(boundaries).toContain((1n << 63n) - 1n)
    for (const value of boundaries) expect(roundTrip(LONG, of('long', String(value))), String(value)).toBe(value)
    for (const value of boundaries.filter((each) => each >= -(1n << 31n) && each < 1n << 31n)) expect(roundTrip(INT, of('digits', String(value)))).toBe(Number(value))
  })

  test('that a double holds', () => {
    for (const value of boundaries.filter((each) => Number.isSafeInteger(Number(each)))) expect(roundTrip(LONG, (writer) => writer.integer(Number(value)))).toBe(value)
  })

  test('any of 64 bits', () => {
    fc.assert(fc.property(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), (value) => roundTrip(LONG, of('long', String(value))) === value), { seed, numRuns: 2000 })
  })

  test('seconds and a fraction', () => {
    const moment = fc.integer({ min: 0, max: 9 }).chain((scale) => fc.record({
      scale: fc.constant(scale),
      seconds: fc.bigInt({ min: -(1n << 53n), max: 1n << 53n }).map((value) => Number(value / 10n ** BigInt(scale))),
      fraction: fc.integer({ min: 0, max: 10 ** scale - 1 }),
    }))
    fc.assert(fc.property(moment, ({ seconds, fraction, scale }) => {
      const value = BigInt(seconds) * 10n ** BigInt(scale) + BigInt(fraction)
      expect(roundTrip(LONG, (writer) => writer.ticks(seconds, fraction, scale))).toBe(value)
    }), { seed, numRuns: 2000 })
    // beyond 2^53, and at the ends of 64 bits
    for (const [seconds, fraction, scale, value] of [[9223372036, 854775807, 9, (1n << 63n) - 1n], [-9223372037, 145224192, 9, -(1n << 63n)], [9223372036854, 775807, 6, (1n << 63n) - 1n], [-1, 999999, 6, -1n], [-9223372036855, 224192, 6, -(1n << 63n)]] as const) {
      expect(roundTrip(LONG, (writer) => writer.ticks(seconds, fraction, scale))).toBe(value)
    }
  })
})

describe('floats', () => {
  const DOUBLE: Schema = { type: 'double', optional: false }

  test('any double reads back the same, bit for bit, from its shortest text', () => {
    fc.assert(fc.property(fc.double(), (value) => {
      expect(roundTrip(DOUBLE, of('double', Object.is(value, -0) ? '-0' : String(value)))).toBe(value)
    }), { seed, numRuns: 2000 })
  })

  test.each(['0', '-0', '1.50', '00.10', '123456789012345', '1234567890123456', '0.00000000000001', '1e-5', '-1E+20', '4.9e-324', '1.7976931348623157e+308', 'NaN', 'Infinity', '-Infinity'])('%s', (text) => {
    expect(roundTrip(DOUBLE, of('double', text))).toBe(Number(text))
    expect(roundTrip({ type: 'float', optional: false }, of('float', text))).toBe(Math.fround(Number(text)))
  })

  test('any float32', () => {
    fc.assert(fc.property(fc.float(), (value) => {
      expect(roundTrip({ type: 'float', optional: false }, of('float', Object.is(value, -0) ? '-0' : String(value)))).toBe(value)
    }), { seed, numRuns: 1000 })
  })
})

describe('texts and bytes', () => {
  test('any text, from bytes, from a string, and however little room there is', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.integer({ min: 0, max: 64 }), (text, capacity) => {
      for (const primitive of ['text', 'json'] as const) expect(roundTrip(TEXT, of(primitive, text), capacity)).toBe(text)
      expect(roundTrip(TEXT, (writer) => writer.string(text), capacity)).toBe(text)
    }), { seed, numRuns: 500 })
  })

  test.each([0, 1, 48, 49, 63, 64, 8191, 8192, 1 << 20])('%i bytes', (length) => {
    const content = Buffer.alloc(length, 'xyz')
    expect(content.equals(roundTrip(BYTES, of('bytes', content)) as Buffer)).toBe(true)
    expect(roundTrip(TEXT, of('plain', content)) === content.toString()).toBe(true)
  })

  test('decimals are as many bytes of two’s complement as they need', () => {
    fc.assert(fc.property(fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n }), fc.integer({ min: 0, max: 20 }), (unscaled, scale) => {
      const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
      const text = `${unscaled < 0n ? '-' : ''}${digits.slice(0, digits.length - scale)}${scale > 0 ? `.${digits.slice(-scale)}` : ''}`
      const { bytes, start, end } = slice(text)
      const read = roundTrip(BYTES, (writer) => writer.decimal(bytes, start, end, scale)) as Buffer
      expect(BigInt.asIntN(read.length * 8, BigInt(`0x${read.toString('hex')}`))).toBe(unscaled)
      const shorter = read.length - 1
      if (shorter > 0) expect(BigInt.asIntN(shorter * 8, unscaled)).not.toBe(unscaled)
    }), { seed, numRuns: 1000 })
  })
})

describe('unions, arrays, maps, records', () => {
  const preset: Schema = { type: 'int32', optional: true, default: (writer) => writer.integer(5) }

  test('null is the first branch, but behind a default, which also stands for it', () => {
    expect(writeAvro(optional(INT), (writer) => writer.null())).toEqual(Buffer.of(0))
    expect(writeAvro(optional(INT), (writer) => writer.integer(1))).toEqual(Buffer.of(2, 2))
    expect(writeAvro(preset, (writer) => writer.null())).toEqual(Buffer.of(0, 10))
    expect(writeAvro(preset, (writer) => writer.integer(1))).toEqual(Buffer.of(0, 2))
    expect(roundTrip(array(preset), (writer) => {
      writer.beginArray()
      writer.element()
      writer.null()
      writer.endArray()
    })).toEqual([null])
  })

  test('a required place without a value has its type’s zero', () => {
    expect(roundTrip(INT, (writer) => writer.null())).toBe(0)
    expect(roundTrip(TEXT, (writer) => writer.unavailable())).toBe('')
    expect(roundTrip(array(INT), (writer) => writer.null())).toEqual([])
  })

  test('an array is one block, whatever its length, and nested ones too', () => {
    const nested = array(optional(array(optional(TEXT))))
    const shape = fc.array(fc.option(fc.array(fc.option(fc.string({ maxLength: 5 })), { maxLength: 150 })), { maxLength: 100 })
    fc.assert(fc.property(shape, (value) => {
      expect(roundTrip(nested, (writer) => writeArray(writer, value, (inner) => {
        if (inner === null) writer.null()
        else writeArray(writer, inner, (text) => (text === null ? writer.null() : writer.string(text)))
      }))).toEqual(value)
    }), { seed, numRuns: 200 })
    expect(writeAvro(array(INT), (writer) => writeArray(writer, [7], (item) => writer.integer(item)))).toEqual(Buffer.of(2, 14, 0))
    expect(writeAvro(array(INT), (writer) => writeArray(writer, new Array<number>(64).fill(0), (item) => writer.integer(item)))).toEqual(Buffer.concat([Buffer.of(0x80, 1), Buffer.alloc(65)]))
  })

  test('a map', () => {
    const map: Schema = { type: 'map', optional: true, keys: TEXT, values: optional(TEXT) }
    fc.assert(fc.property(fc.dictionary(fc.string({ maxLength: 5 }).filter((name) => name !== '__proto__'), fc.option(fc.string({ maxLength: 5 })), { maxKeys: 100 }), (value) => {
      expect({ ...(roundTrip(map, (writer) => writeMap(writer, value)) as object) }).toEqual({ ...value })
    }), { seed, numRuns: 200 })
  })

  test('a map whose keys may be null is an array of entries', () => {
    const map: Schema = { type: 'map', optional: false, keys: optional(TEXT), values: INT }
    expect(roundTrip(map, (writer) => {
      writer.beginStruct()
      writer.member('a')
      writer.integer(1)
      writer.endStruct()
    })).toEqual([{ key: 'a', value: 1 }])
  })

  test('records inside of arrays, with fields that may be null', () => {
    const point: Schema = { type: 'struct', optional: true, name: 'p.Point', fields: [{ name: 'x', schema: INT }, { name: 'y', schema: optional(INT) }] }
    const value = [{ x: 1, y: null }, null, { x: -1, y: 2 }]
    expect(roundTrip(array(point), (writer) => writeArray(writer, value, (item) => {
      if (item === null) return writer.null()
      writer.beginStruct()
      writer.member('x')
      writer.integer(item.x)
      writer.member('y')
      if (item.y === null) writer.null()
      else writer.integer(item.y)
      writer.endStruct()
    }))).toEqual(value)
  })

  test('members out of order, or too few, are a bug and not bytes', () => {
    const pair: Schema = { type: 'struct', optional: false, name: 'P', fields: [{ name: 'x', schema: INT }, { name: 'y', schema: INT }] }
    for (const names of [['y', 'x'], ['x']]) {
      expect(() => writeAvro(pair, (writer) => {
        writer.beginStruct()
        for (const name of names) {
          writer.member(name)
          writer.integer(1)
        }
        writer.endStruct()
      })).toThrow(TailraceError)
    }
  })

  test('null inside, where the schema does not allow it, is an error that names the column', () => {
    let error: unknown
    try {
      writeAvro(array(TEXT), (writer) => writeArray(writer, [null], () => writer.null()))
    } catch (reason) {
      error = reason
    }
    expect(error).toMatchObject({ code: 'TR_VALUE_CONVERSION', where: { column: 'c' } })
  })
})

function writeArray<T>(writer: CellWriter, items: readonly T[], write: (item: T) => void): void {
  writer.beginArray()
  for (const item of items) {
    writer.element()
    write(item)
  }
  writer.endArray()
}

function writeMap(writer: CellWriter, value: Readonly<Record<string, string | null>>): void {
  writer.beginStruct()
  for (const [name, text] of Object.entries(value)) {
    writer.member(name)
    if (text === null) writer.null()
    else writer.string(text)
  }
  writer.endStruct()
}
