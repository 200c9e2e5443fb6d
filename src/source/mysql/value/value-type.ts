import type { HandlingModes } from '../../../event/handling-mode.ts'
import type { MysqlColumn } from '../column.ts'
import { binaryType } from './binary.ts'
import { bitType } from './bit.ts'
import { dateType } from './date.ts'
import { datetimeType } from './datetime.ts'
import { decimalType } from './decimal.ts'
import { enumType } from './enum.ts'
import { DOUBLE, FLOAT } from './floating.ts'
import { GEOMETRY, POINT } from './geometry.ts'
import { inetType } from './inet.ts'
import { bigintType, integerType } from './integer.ts'
import { jsonType } from './json.ts'
import type { ValueType } from './reader.ts'
import { setType } from './set.ts'
import { textType } from './text.ts'
import { timeType } from './time.ts'
import { timestampType } from './timestamp.ts'
import { uuidType } from './uuid.ts'
import { VECTOR } from './vector.ts'
import { YEAR } from './year.ts'

type Build = (column: MysqlColumn, modes: HandlingModes) => ValueType

const TEXT: Build = ({ charset }, modes) => textType(charset, modes)
const BINARY: Build = (_, modes) => binaryType(modes)
const ANY_GEOMETRY: Build = () => GEOMETRY
/** DECIMAL alone has ten digits. */
const DIGITS = 10

function integer(bits: 8 | 16 | 24 | 32): Build {
  return (column) => integerType(bits, isUnsigned(column))
}

/** Types by the first word of their name, as the server writes it down. What is not here is unknown. */
export const TYPES: ReadonlyMap<string, Build> = new Map<string, Build>([
  ['TINYINT', integer(8)], ['SMALLINT', integer(16)], ['MEDIUMINT', integer(24)], ['INT', integer(32)], ['BIGINT', (column, modes) => bigintType(isUnsigned(column), modes)],
  ['DECIMAL', ({ length, scale }, modes) => decimalType(length ?? DIGITS, scale ?? 0, modes)], ['FLOAT', (column) => (isPlainFloat(column) ? FLOAT : DOUBLE)], ['DOUBLE', () => DOUBLE],
  ['BIT', ({ length }) => bitType(length ?? 1)], ['YEAR', () => YEAR],
  ['DATE', (_, modes) => dateType(modes)], ['TIME', (_, modes) => timeType(modes)], ['DATETIME', ({ length }, modes) => datetimeType(length ?? 0, modes)], ['TIMESTAMP', ({ length }, modes) => timestampType(length ?? 0, modes)],
  ['CHAR', TEXT], ['VARCHAR', TEXT], ['TINYTEXT', TEXT], ['TEXT', TEXT], ['MEDIUMTEXT', TEXT], ['LONGTEXT', TEXT],
  ['BINARY', BINARY], ['VARBINARY', BINARY], ['TINYBLOB', BINARY], ['BLOB', BINARY], ['MEDIUMBLOB', BINARY], ['LONGBLOB', BINARY],
  ['ENUM', ({ labels, charset }, modes) => enumType(labels, charset, modes)], ['SET', ({ labels, charset }, modes) => setType(labels, charset, modes)], ['JSON', (_, modes) => jsonType(modes)],
  ['POINT', () => POINT], ['GEOMETRY', ANY_GEOMETRY], ['LINESTRING', ANY_GEOMETRY], ['POLYGON', ANY_GEOMETRY], ['MULTIPOINT', ANY_GEOMETRY], ['MULTILINESTRING', ANY_GEOMETRY], ['MULTIPOLYGON', ANY_GEOMETRY],
  ['GEOMCOLLECTION', ANY_GEOMETRY], ['GEOMETRYCOLLECTION', ANY_GEOMETRY], ['VECTOR', () => VECTOR],
  ['UUID', (_, modes) => uuidType(modes)], ['INET4', (_, modes) => inetType(4, modes)], ['INET6', (_, modes) => inetType(6, modes)],
])

/** `BIGINT UNSIGNED ZEROFILL` is a BIGINT. */
export function baseType({ typeName }: MysqlColumn): string {
  return /^[A-Z0-9_]+/.exec(typeName.toUpperCase())?.[0] ?? ''
}

export function isUnsigned({ typeName }: MysqlColumn): boolean {
  return / (UNSIGNED|ZEROFILL)\b/i.test(typeName)
}

/** FLOAT(M, D) is a double to Debezium. */
export function isPlainFloat({ scale }: MysqlColumn): boolean {
  return scale === undefined
}

/** How a column is represented, or undefined: it is left out. */
export function valueType(column: MysqlColumn, modes: HandlingModes): ValueType | undefined {
  const build = TYPES.get(baseType(column)) ?? (modes.includeUnknown ? BINARY : undefined)
  return build?.(column, modes)
}
