import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TailraceError } from '../../../src/error/tailrace-error.ts'
import { seedOf } from '../offset/seed.ts'
import { readScenario } from '../../golden/scenario.ts'
import { slice, writeJson } from './write-json.ts'

/** The bytes of BigInteger.toByteArray: two's complement, big-endian, as few as hold the number. */
function twosComplement(value: bigint): Buffer {
  let bytes = 1
  while (BigInt.asIntN(bytes * 8, value) !== value) bytes++
  return Buffer.from(BigInt.asUintN(bytes * 8, value).toString(16).padStart(bytes * 2, '0'), 'hex')
}

function decimal(text: string, scale: number): string {
  const { bytes, start, end } = slice(text)
  return JSON.parse(writeJson((writer) => writer.decimal(bytes, start, end, scale))) as string
}

function double(text: string): string {
  const { bytes, start, end } = slice(text)
  return writeJson((writer) => writer.double(bytes, start, end))
}

describe('decimals', () => {
  test('the unscaled values Java writes', () => {
    const known = { '0': 'AA==', '1': 'AQ==', '-1': '/w==', '127': 'fw==', '128': 'AIA=', '-128': 'gA==', '-129': '/38=', '18446744073709551615': 'AP//////////' }
    for (const [text, base64] of Object.entries(known)) expect(decimal(text, 0), text).toBe(base64)
    expect(decimal('3.14', 2)).toBe('ATo=')
    expect(decimal('-3.14', 2)).toBe('/sY=')
    expect(decimal('123456789.99', 2)).toBe('At/cHJc=')
  })

  test('missing fractional digits are zeros, and a negative scale leaves out zeros', () => {
    expect(decimal('1.5', 2)).toBe(decimal('150', 0))
    expect(decimal('-7', 3)).toBe(decimal('-7000', 0))
    expect(decimal('12300', -2)).toBe(decimal('123', 0))
    expect(decimal('1.500', 1)).toBe(decimal('15', 0))
    expect(decimal('0', -3)).toBe('AA==')
    expect(decimal('-0.00', 2)).toBe('AA==')
  })

  test('a digit that the scale has no place for is refused, without the value in the error', () => {
    for (const [text, scale] of [['1.25', 1], ['12345678901234567890.123', 2], ['12310', -2]] as const) {
      let error: unknown
      try {
        decimal(text, scale)
      } catch (thrown) {
        error = thrown
      }
      expect(error).toBeInstanceOf(TailraceError)
      expect((error as TailraceError).code).toBe('TR_VALUE_CONVERSION')
      expect(JSON.stringify(error)).not.toContain(text)
    }
  })

  test('any decimal is its unscaled integer', () => {
    const seed = seedOf('decimals')
    const digits = (maxLength: number): fc.Arbitrary<string> => fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength })
    fc.assert(
      fc.property(fc.boolean(), fc.oneof(digits(20), digits(400)), fc.option(digits(60)), fc.nat(40), (negative, whole, fraction, extra) => {
        const scale = (fraction?.length ?? 0) + extra
        const text = `${negative ? '-' : ''}${whole}${fraction === null ? '' : `.${fraction}`}`
        const magnitude = BigInt(whole + (fraction ?? '') + '0'.repeat(extra))
        expect(decimal(text, scale), `${text} at scale ${scale}`).toBe(twosComplement(negative ? -magnitude : magnitude).toString('base64'))
      }),
      { seed, numRuns: 2000 },
    )
  })

  test('powers of two, where the number of bytes changes', () => {
    for (let power = 0; power <= 420; power++) {
      for (const value of [2n ** BigInt(power) - 1n, 2n ** BigInt(power), 2n ** BigInt(power) + 1n]) {
        expect(decimal(String(value), 0)).toBe(twosComplement(value).toString('base64'))
        expect(decimal(String(-value), 0)).toBe(twosComplement(-value).toString('base64'))
      }
    }
  })

  test('as many digits as PostgreSQL allows', () => {
    const whole = '9'.repeat(131_072)
    const fraction = '7'.repeat(16_383)
    const expected = -BigInt(whole + fraction)
    const bytes = Buffer.from(decimal(`-${whole}.${fraction}`, 16_383), 'base64')
    expect(bytes[0]! & 0x80).toBe(0x80)
    expect(BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`)) === expected).toBe(true)
    // and the next, small one does not see what the large one left behind
    expect(decimal('12345678901234567890', 0)).toBe(twosComplement(12345678901234567890n).toString('base64'))
  })
})

describe('integers', () => {
  test('any integer that a double holds', () => {
    const seed = seedOf('integers')
    const edges = [0, -0, 9, 10, 99, 100, 999_999_999, 1e9, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 1e15, Number.MAX_SAFE_INTEGER]
    for (const value of edges.flatMap((edge) => [edge, -edge])) expect(writeJson((writer) => writer.integer(value))).toBe(String(value))
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(writeJson((writer) => writer.integer(value))).toBe(String(value))
      }),
      { seed, numRuns: 2000 },
    )
  })

  test('ticks are exact, where a double is not', () => {
    const ticks = (seconds: number, fraction: number, scale: number): string => writeJson((writer) => writer.ticks(seconds, fraction, scale))
    expect(ticks(9_223_372_036, 854_775_807, 9)).toBe('9223372036854775807')
    expect(ticks(-9_223_372_037, 145_224_192, 9)).toBe('-9223372036854775808')
    expect(ticks(-1, 0, 6)).toBe('-1000000')
    expect(ticks(-1, 999_999, 6)).toBe('-1')
    expect(ticks(0, 0, 3)).toBe('0')
    const seed = seedOf('ticks')
    const inputs = fc.integer({ min: 0, max: 9 }).chain((scale) => fc.tuple(fc.oneof(fc.integer(), fc.integer({ min: -9_223_372_036_000, max: 9_223_372_036_000 })), fc.nat(10 ** scale - 1), fc.constant(scale)))
    fc.assert(
      fc.property(inputs, ([seconds, fraction, scale]) => {
        expect(ticks(seconds, fraction, scale)).toBe(String(BigInt(seconds) * 10n ** BigInt(scale) + BigInt(fraction)))
      }),
      { seed, numRuns: 2000 },
    )
  })

  test('digits are copied', () => {
    const { bytes, start, end } = slice('-9223372036854775808')
    expect(writeJson((writer) => writer.long(bytes, start, end))).toBe('-9223372036854775808')
    expect(writeJson((writer) => writer.digits(bytes, start, start + 5))).toBe('-9223')
    const long = slice('1'.repeat(200))
    expect(writeJson((writer) => writer.long(long.bytes, long.start, long.end))).toBe('1'.repeat(200))
  })
})

describe('floating point', () => {
  test('numbers are spelled as Java spells them', () => {
    const spelled = {
      '1': '1.0', '-0': '-0.0', '0': '0.0', '0.00': '0.0', '100': '100.0', '1.5': '1.5', '12.50': '12.5', '3.00': '3.0', '0.001': '0.001', '0.000999': '9.99E-4', '0.0001': '1.0E-4',
      '9999999': '9999999.0', '10000000': '1.0E7', '1e+07': '1.0E7', '12345678': '1.2345678E7', '1e-05': '1.0E-5', '2.5e-07': '2.5E-7', '1e+21': '1.0E21', '1.7976931348623157e+308': '1.7976931348623157E308',
      '123456789.123': '1.23456789123E8', '0.30000000000000004': '0.30000000000000004', '1e2': '100.0', '1.25e1': '12.5', '5.': '5.0', '.5': '0.5', '007': '7.0',
      '123456789123456789123456789': '1.2345678912345679E26', '0.0000000000000000000001234567890123456789': '1.2345678901234568E-22',
    }
    for (const [text, java] of Object.entries(spelled)) expect(double(text), text).toBe(java)
  })

  test('what is no JSON number becomes text', () => {
    for (const text of ['NaN', 'Infinity', '-Infinity']) expect(double(text)).toBe(`"${text}"`)
    expect(double('1'.repeat(400))).toBe('"Infinity"')
    expect(double(`-${'1'.repeat(400)}.5`)).toBe('"-Infinity"')
  })

  test('float8 and float4 of a captured table keep their spelling', () => {
    const numbers = readScenario('float-format').runs[0]!.events.flatMap((line) => [...line.matchAll(/"[dr]":(-?[\d.]+(?:E-?\d+)?)/g)].map(([, number]) => number!))
    expect(numbers.length).toBeGreaterThan(100)
    for (const number of numbers) expect(double(number)).toBe(number)
  })

  test('any double reads back the same, however it was spelled', () => {
    const seed = seedOf('doubles')
    const spellings = [String, (value: number) => value.toExponential(), (value: number) => value.toPrecision(17)]
    fc.assert(
      fc.property(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.float({ noNaN: true, noDefaultInfinity: true }), fc.double({ min: -1e8, max: 1e8, noNaN: true })), fc.constantFrom(...spellings), (value, spell) => {
        const text = Object.is(value, -0) ? '-0' : spell(value)
        const json = double(text)
        expect(JSON.parse(json), text).toBe(value)
        expect(json, text).toMatch(/^-?\d+\.\d+(E-?\d+)?$/)
        const plain = Math.abs(value) >= 1e-3 && Math.abs(value) < 1e7
        if (value !== 0) expect(!json.includes('E'), text).toBe(plain)
      }),
      { seed, numRuns: 5000 },
    )
  })
})

test('bytes are padded base64, URL-safe base64 and hex', () => {
  const seed = seedOf('bytes')
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (content) => {
      const { bytes, start, end } = slice(content)
      const buffer = Buffer.from(content)
      const base64 = buffer.toString('base64')
      expect(writeJson((writer) => writer.bytes(bytes, start, end))).toBe(`"${base64}"`)
      expect(writeJson((writer) => writer.base64Url(bytes, start, end))).toBe(`"${base64.replaceAll('+', '-').replaceAll('/', '_')}"`)
      expect(writeJson((writer) => writer.hex(bytes, start, end))).toBe(`"${buffer.toString('hex')}"`)
    }),
    { seed },
  )
})
