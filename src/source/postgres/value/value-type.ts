import { createHash } from 'node:crypto'
import type { HandlingModes } from '../../../event/handling-mode.ts'
import type { WriteValue } from '../../../event/schema.ts'
import type { PgType } from '../column.ts'
import { arrayType, vectorType as numberVectorType } from './array.ts'
import { byteaType, opaqueType } from './binary.ts'
import { bitType } from './bit.ts'
import { dateType } from './date.ts'
import { numericType } from './decimal.ts'
import { enumType } from './enum.ts'
import { javaGeometry, POINT, postgisType, vectorType } from './geometry.ts'
import { hstoreType } from './hstore.ts'
import { intervalType } from './interval.ts'
import { moneyType } from './money.ts'
import { BOOLEAN, FLOAT4, FLOAT8, INT2, INT4, INT8, OID } from './number.ts'
import type { PlainType, ValueType } from './reader.ts'
import { characterType, jsonType, textType, uuidType, xmlType } from './text.ts'
import { timeType } from './time.ts'
import { timestampType } from './timestamp.ts'
import { timestamptzType } from './timestamptz.ts'
import { timetzType } from './timetz.ts'

type Build = (modes: HandlingModes, typmod: number, inArray: boolean) => ValueType

const TEXT: Build = (modes) => textType(modes)
const CHARACTER: Build = characterType

/** Types of pg_catalog by `typname`. What is not here or in EXTENSION is unknown. */
const BUILT_IN: ReadonlyMap<string, Build> = new Map<string, Build>([
  ['bool', () => BOOLEAN], ['int2', () => INT2], ['int4', () => INT4], ['int8', () => INT8], ['oid', () => OID], ['float4', () => FLOAT4], ['float8', () => FLOAT8],
  ['numeric', (modes, typmod) => numericType(typmod, modes)], ['money', moneyType],
  ['text', CHARACTER], ['varchar', CHARACTER], ['bpchar', CHARACTER], ['char', TEXT], ['name', TEXT], ['xml', xmlType], ['json', jsonType], ['jsonb', jsonType], ['uuid', uuidType],
  ['bytea', byteaType], ['bit', (_, typmod) => bitType(typmod)], ['varbit', (_, typmod) => bitType(typmod)],
  ['date', dateType], ['time', (modes, typmod, inArray) => timeType(typmod, modes, inArray)], ['timetz', (modes, _, inArray) => timetzType(modes, inArray)],
  ['timestamp', (modes, typmod) => timestampType(typmod, modes)], ['timestamptz', (_, typmod) => timestamptzType(typmod)], ['interval', intervalType],
  ['inet', TEXT], ['cidr', TEXT], ['macaddr', TEXT], ['macaddr8', TEXT],
  ['int4range', TEXT], ['int8range', TEXT], ['numrange', TEXT], ['tsrange', TEXT], ['tstzrange', TEXT], ['daterange', TEXT],
  ['point', () => POINT], ['tsvector', (modes) => textType(modes, 'io.debezium.data.Tsvector')],
  ['int2vector', () => numberVectorType('int16')], ['oidvector', () => numberVectorType('int64')],
])

/** Types of extensions, in whatever schema those were installed. */
const EXTENSION: ReadonlyMap<string, Build> = new Map<string, Build>([
  ['citext', TEXT], ['isbn', TEXT], ['ltree', (modes) => textType(modes, 'io.debezium.data.Ltree')], ['hstore', hstoreType],
  ['geometry', () => postgisType('Geometry')], ['geography', () => postgisType('Geography')],
  ['vector', () => vectorType('double')], ['halfvec', () => vectorType('float')],
])

/** Debezium leaves arrays of these out, even where unknown types are included. */
const NO_ARRAY: ReadonlySet<string> = new Set(['money', 'name', 'interval', 'varbit', 'xml', 'point', 'refcursor'])
/** Debezium's schema says that elements of these are never null. */
const REQUIRED_ITEM: ReadonlySet<string> = new Set(['tsvector', 'int2vector', 'oidvector', 'isbn', 'vector', 'halfvec'])
/** Unknown types that pgjdbc parses and prints anew. */
const GEOMETRIC: ReadonlySet<string> = new Set(['line', 'lseg', 'box', 'path', 'polygon', 'circle'])

/** The type below all domains. Of nested ones, the innermost has the modifier that counts (getBaseTypeAndTypmod in lsyscache.c). */
export function plainType(type: PgType, typmod: number): PlainType {
  let plain = type
  let modifier = typmod
  while (plain.kind === 'domain' && plain.base !== undefined) {
    modifier = plain.baseTypmod ?? -1
    plain = plain.base
  }
  return { type: plain, typmod: modifier }
}

/** How a type is represented, or undefined: its columns are left out. */
export function valueType({ type, typmod }: PlainType, modes: HandlingModes): ValueType | undefined {
  if (type.element !== undefined) return arrayOf(type.element, typmod, modes)
  return known(type, typmod, modes, false) ?? unknown(type, modes)
}

function known(type: PgType, typmod: number, modes: HandlingModes, inArray: boolean): ValueType | undefined {
  if (type.kind === 'enum') return enumType(type, modes)
  const build = type.schema === 'pg_catalog' ? BUILT_IN.get(type.name) : type.kind === 'base' ? EXTENSION.get(type.name) : undefined
  return build?.(modes, typmod, inArray)
}

function unknown(type: PgType, modes: HandlingModes): ValueType | undefined {
  if (!modes.includeUnknown) return undefined
  return opaqueType(modes, type.schema === 'pg_catalog' && GEOMETRIC.has(type.name) ? javaGeometry : undefined)
}

function arrayOf(element: PgType, typmod: number, modes: HandlingModes): ValueType | undefined {
  const builtIn = element.schema === 'pg_catalog'
  if (builtIn && NO_ARRAY.has(element.name)) return undefined
  const delimiter = element.delimiter ?? ','
  // An array of a domain is an array of an unknown type to Debezium.
  const item = known(element, typmod, modes, true)
  if (item !== undefined) return arrayType(item, element.kind !== 'enum' && !REQUIRED_ITEM.has(element.name), delimiter, builtIn ? arrayPlaceholder(element.name, item, modes) : undefined)
  const opaque = unknown(element, modes)
  return opaque === undefined ? undefined : arrayType(opaque, false, delimiter, undefined)
}

/**
 * What an unchanged out-of-line array is written as: one element, or the placeholder's bytes as (signed) numbers where the
 * elements are of 32 or 64 bits (UnchangedToastedPlaceholder). Nothing fits the others.
 */
function arrayPlaceholder(element: string, item: ValueType, modes: HandlingModes): WriteValue | undefined {
  switch (element) {
    case 'text':
    case 'varchar':
    case 'bpchar':
    case 'char':
    case 'json':
    case 'jsonb':
      return single(item.placeholder)
    case 'bytea':
      return modes.binary === 'bytes' ? single(item.placeholder) : undefined
    case 'uuid':
      return single(nameUuid(modes.unavailablePlaceholder))
    case 'int4':
    case 'int8':
      return numbers(modes.unavailablePlaceholder)
    case 'date':
      return item.shape.name === 'io.debezium.time.Date' ? numbers(modes.unavailablePlaceholder) : undefined
    default:
      return undefined
  }
}

function single(write: WriteValue | undefined): WriteValue | undefined {
  if (write === undefined) return undefined
  return (writer) => {
    writer.beginArray()
    writer.element()
    write(writer)
    writer.endArray()
  }
}

function numbers(bytes: Uint8Array): WriteValue {
  const values = new Int8Array(bytes)
  return (writer) => {
    writer.beginArray()
    for (const value of values) {
      writer.element()
      writer.integer(value)
    }
    writer.endArray()
  }
}

/** java.util.UUID.nameUUIDFromBytes: version 3 without a name space. */
function nameUuid(name: Uint8Array): WriteValue {
  let text: string | undefined
  return (writer) => writer.string((text ??= uuidFromHash(createHash('md5').update(name).digest())))
}

function uuidFromHash(hash: Buffer): string {
  hash[6] = (hash[6]! & 0x0f) | 0x30
  hash[8] = (hash[8]! & 0x3f) | 0x80
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
