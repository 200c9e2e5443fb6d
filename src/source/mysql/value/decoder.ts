import type { Decode } from '../../object-maker.ts'
import type { LoggedColumn } from '../binlog/logged-column.ts'
import type { MysqlColumn } from '../column.ts'
import type { Decoder } from './decode.ts'
import { GEOMETRY_VALUE, JSON_TEXT, JSON_VALUE, VECTOR_VALUE } from './document-decoder.ts'
import { DATE, DATETIME, TIME, TIMESTAMP } from './moment-decoder.ts'
import { BIGINT, BITS, DECIMAL, FLOATING, INTEGER, YEAR_NUMBER } from './number-decoder.ts'
import { BINARY, ENUM, inetDecoder, SET, TEXT, UUID } from './string-decoder.ts'
import { baseType } from './value-type.ts'

/** Values of one's own, by the type's name without its modifiers: `BIGINT`, `DECIMAL`, `JSON`. */
export type Parsers = Readonly<Record<string, (text: string) => unknown>>

/** Types by the first word of their name. docs/values.md is the same table. What is not here is its bytes. */
export const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['TINYINT', INTEGER], ['SMALLINT', INTEGER], ['MEDIUMINT', INTEGER], ['INT', INTEGER], ['BIGINT', BIGINT], ['DECIMAL', DECIMAL], ['FLOAT', FLOATING], ['DOUBLE', FLOATING], ['BIT', BITS], ['YEAR', YEAR_NUMBER],
  ['DATE', DATE], ['TIME', TIME], ['DATETIME', DATETIME], ['TIMESTAMP', TIMESTAMP],
  ['CHAR', TEXT], ['VARCHAR', TEXT], ['TINYTEXT', TEXT], ['TEXT', TEXT], ['MEDIUMTEXT', TEXT], ['LONGTEXT', TEXT],
  ['BINARY', BINARY], ['VARBINARY', BINARY], ['TINYBLOB', BINARY], ['BLOB', BINARY], ['MEDIUMBLOB', BINARY], ['LONGBLOB', BINARY],
  ['ENUM', ENUM], ['SET', SET], ['JSON', JSON_VALUE], ['UUID', UUID], ['INET4', inetDecoder(4)], ['INET6', inetDecoder(6)], ['VECTOR', VECTOR_VALUE],
  ...['GEOMETRY', 'POINT', 'LINESTRING', 'POLYGON', 'MULTIPOINT', 'MULTILINESTRING', 'MULTIPOLYGON', 'GEOMCOLLECTION', 'GEOMETRYCOLLECTION'].map((name) => [name, GEOMETRY_VALUE] as const),
])

/** Compiles a column's decoder for one layout. `logged` undefined: of the text protocol. `parsers` come first. Errors: TR_MYSQL_PROTOCOL. */
export function createDecoder(column: MysqlColumn, logged: LoggedColumn | undefined, parsers: Parsers): Decode {
  const name = baseType(column)
  const parse = Object.hasOwn(parsers, name) ? parsers[name] : undefined
  const decoder = DECODERS.get(name) ?? BINARY
  if (parse === undefined) return decodeOf(decoder, column, logged)
  const spelled = decoder === JSON_VALUE ? JSON_TEXT : decoder
  const decode = decodeOf(spelled, column, logged)
  const spell = (spelled.spell ?? String) as (value: unknown) => string
  return (bytes, start, end) => parse(spell(decode(bytes, start, end)))
}

function decodeOf(decoder: Decoder, column: MysqlColumn, logged: LoggedColumn | undefined): Decode {
  return logged === undefined ? decoder.text(column) : decoder.binlog(column, logged)
}
