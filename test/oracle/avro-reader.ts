import { inspect } from 'node:util'
import avsc from 'avsc'
import { printJson, type Json } from '../golden/json.ts'

/** avsc's long is a double; this one is a bigint, exact. */
const LONG = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(value)
    return bytes
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint' || typeof value === 'number',
  compare: (one: bigint, other: bigint) => (one < other ? -1 : one > other ? 1 : 0),
})

const TYPES = new Map<string, avsc.Type>()

/** A schema's type whose longs are bigints and whose unions are what they hold. */
export function avroType(schema: string): avsc.Type {
  const known = TYPES.get(schema)
  if (known !== undefined) return known
  const type = avsc.Type.forSchema(JSON.parse(schema) as avsc.Schema, {
    wrapUnions: false,
    typeHook: (one) => (one === 'long' || (one as { type?: unknown }).type === 'long' ? LONG : undefined),
  })
  TYPES.set(schema, type)
  return type
}

/** The value, to the last byte. */
export function readAvro(schema: string, bytes: Buffer): unknown {
  return avroType(schema).fromBuffer(bytes)
}

/**
 * Where an Avro value is not what JSON says of the same data in the sibling format (bytes as base64, NaN and infinities as texts); undefined
 * where it is. Integers are compared by their digits; a float's digits in JSON are fewer than those of the double that is read.
 */
export function differenceToJson(value: unknown, json: Json, path = ''): string | undefined {
  const different = `${path}: ${inspect(value)} instead of ${printJson(json)}`
  switch (json.kind) {
    case 'object': {
      if (typeof value !== 'object' || value === null) return different
      const { fields } = json
      if (Object.keys(value).length !== fields.length) return different
      return first(fields, (each) => differenceToJson((value as Record<string, unknown>)[each.name], each.value, `${path}.${each.name}`))
    }
    case 'array':
      if (!Array.isArray(value) || value.length !== json.items.length) return different
      return first(json.items, (item, index) => differenceToJson(value[index], item, `${path}[${index}]`))
    case 'word':
      return String(value) === json.text && typeof value !== 'string' ? undefined : different
    case 'string': {
      const text = Buffer.isBuffer(value) ? value.toString('base64') : typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
      return text === json.text ? undefined : different
    }
    case 'number': {
      if (!/[.E]/.test(json.text)) return typeof value !== 'string' && String(value) === json.text ? undefined : different
      const number = Number(json.text)
      return Object.is(value, number) || Object.is(value, Math.fround(number)) ? undefined : different
    }
  }
}

function first<T>(all: readonly T[], look: (one: T, index: number) => string | undefined): string | undefined {
  for (const [index, one] of all.entries()) {
    const found = look(one, index)
    if (found !== undefined) return found
  }
  return undefined
}
