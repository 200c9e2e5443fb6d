import { TYPE } from './binlog/column-type.ts'
import type { LoggedColumn } from './binlog/logged-column.ts'
import type { MysqlColumn } from './column.ts'
import { charsetName } from './ddl/charset-name.ts'
import { dataType } from './ddl/data-type.ts'
import { charsetOf } from './value/charset.ts'

/** Whether cells that lie as `logged` says are of a column that is declared so. */
type Fits = (logged: LoggedColumn, declared: MysqlColumn) => boolean

/** Spellings of several words or of no name of their own; those of one word are the DDL's matter. */
const SPELLINGS: Readonly<Record<string, string>> = {
  BOOL: 'TINYINT', BOOLEAN: 'TINYINT', SERIAL: 'BIGINT', 'DOUBLE PRECISION': 'DOUBLE', 'CHARACTER VARYING': 'VARCHAR', 'CHAR VARYING': 'VARCHAR', 'LONG VARCHAR': 'MEDIUMTEXT', LONG: 'MEDIUMTEXT',
  'LONG VARBINARY': 'MEDIUMBLOB', NCHAR: 'CHAR', NVARCHAR: 'VARCHAR', 'NATIONAL CHAR': 'CHAR', 'NATIONAL CHARACTER': 'CHAR', 'NATIONAL VARCHAR': 'VARCHAR', 'CHAR BYTE': 'BINARY',
}
/** In a strict sql_mode longer ones are refused, otherwise they become TEXT or BLOB; this many characters always fit. */
const ALWAYS_VARCHAR = 16_383
const GEOMETRIES: readonly string[] = ['GEOMETRY', 'POINT', 'LINESTRING', 'POLYGON', 'MULTIPOINT', 'MULTILINESTRING', 'MULTIPOLYGON', 'GEOMETRYCOLLECTION']
/** Bytes of the length of TINYTEXT, TEXT …, of which only the first was declared with a length. */
const PREFIXES: Readonly<Record<string, number>> = { TINY: 1, '': 2, MEDIUM: 3, LONG: 4 }

const FITS: ReadonlyMap<string, Fits> = new Map<string, Fits>([
  ['TINYINT', of(TYPE.tiny)],
  ['SMALLINT', of(TYPE.short)],
  ['MEDIUMINT', of(TYPE.int24)],
  ['INT', of(TYPE.long)],
  ['BIGINT', of(TYPE.longlong)],
  // FLOAT(p) and REAL_AS_FLOAT: the name does not say which
  ['FLOAT', of(TYPE.float, TYPE.double)],
  ['DOUBLE', of(TYPE.double, TYPE.float)],
  ['DECIMAL', ({ type, meta }, { length, scale }) => type === TYPE.newDecimal && meta === (((length ?? 10) << 8) | (scale ?? 0))],
  ['BIT', ({ type, meta }, { length }) => type === TYPE.bit && meta === (length ?? 1)],
  ['YEAR', of(TYPE.year)],
  ['DATE', of(TYPE.date, TYPE.newDate)],
  ['TIME', fraction(TYPE.time2, TYPE.time)],
  ['DATETIME', fraction(TYPE.datetime2, TYPE.datetime)],
  ['TIMESTAMP', fraction(TYPE.timestamp2, TYPE.timestamp)],
  ['CHAR', of(TYPE.string, TYPE.varString)],
  ['BINARY', of(TYPE.string, TYPE.varString)],
  ['VARCHAR', variable],
  ['VARBINARY', variable],
  ...Object.entries(PREFIXES).flatMap(([size, prefix]): [string, Fits][] => [[`${size}TEXT`, large(prefix)], [`${size}BLOB`, large(prefix)]]),
  ['ENUM', ({ type, meta, labels }, declared) => type === TYPE.enum && meta === (declared.labels.length < 256 ? 1 : 2) && (labels?.length ?? declared.labels.length) === declared.labels.length],
  ['SET', ({ type, meta, labels }, declared) => type === TYPE.set && meta === setBytes(declared.labels.length) && (labels?.length ?? declared.labels.length) === declared.labels.length],
  // MariaDB's is LONGTEXT
  ['JSON', ({ type, meta }) => type === TYPE.json || ((type === TYPE.blob || type === TYPE.blobCompressed) && meta === 4)],
  // MariaDB's is VARBINARY
  ['VECTOR', of(TYPE.vector, TYPE.varchar)],
  // MariaDB's types of a fixed size are BINARY
  ['UUID', ({ type, meta }) => type === TYPE.string && meta === 16],
  ['INET6', ({ type, meta }) => type === TYPE.string && meta === 16],
  ['INET4', ({ type, meta }) => type === TYPE.string && meta === 4],
  ...[...GEOMETRIES, 'GEOMCOLLECTION'].map((name): [string, Fits] => [name, ({ type, geometryType }) => type === TYPE.geometry && (geometryType === undefined || geometryName(geometryType) === name.replace('GEOMCOLLECTION', 'GEOMETRYCOLLECTION'))]),
])

/** The log has names in utf8mb3, with a question mark for each character that it cannot hold. */
function loggedName(name: string): string {
  return name.replace(/[\u{10000}-\u{10ffff}]/gu, '?')
}

/** Why these cells are not of a column that is declared so; undefined: they are. */
export function columnDisagreement(declared: MysqlColumn, logged: LoggedColumn): string | undefined {
  const { name, typeName } = declared
  if (logged.name !== undefined && logged.name !== loggedName(name)) return `column ${name} is called ${logged.name} in the log`
  if (FITS.get(plainType(typeName))?.(logged, declared) !== true) return `column ${name} is declared ${typeName}, and logged as type ${logged.type} with metadata ${logged.meta}`
  if (logged.unsigned !== undefined && logged.unsigned !== isUnsigned(typeName)) return `column ${name} is declared ${typeName}, and logged as ${logged.unsigned ? 'unsigned' : 'signed'}`
  return undefined
}

/** The logged character set where it is another than the declared one; undefined: they are the same, or it was not logged. */
export function otherCharset(declared: MysqlColumn, { collation }: LoggedColumn): string | undefined {
  const charset = collation === undefined ? undefined : charsetOf(collation)
  return charset === undefined || declared.charset === undefined || charset === charsetName(declared.charset) ? undefined : charset
}

export function geometryName(type: number): string {
  return GEOMETRIES[type] ?? 'GEOMETRY'
}

/** `INT UNSIGNED ZEROFILL` is an INT. */
function plainType(typeName: string): string {
  const name = typeName.toUpperCase().replace(/ (?:UNSIGNED|SIGNED|ZEROFILL|COMPRESSED|BINARY)\b/g, '')
  return SPELLINGS[name] ?? dataType(name).name
}

function isUnsigned(typeName: string): boolean {
  return /\bUNSIGNED\b|\bZEROFILL\b|^SERIAL\b/i.test(typeName)
}

function of(...types: readonly number[]): Fits {
  return ({ type }) => types.includes(type)
}

/** The older form, MariaDB's mysql56_temporal_format=OFF, does not say how many digits of a fraction a cell has: it must have none. */
function fraction(type: number, older: number): Fits {
  return (logged, { length }) => (logged.type === type ? logged.meta === (length ?? 0) : logged.type === older && (length ?? 0) === 0)
}

function variable({ type }: LoggedColumn, { length }: MysqlColumn): boolean {
  return type === TYPE.varchar || type === TYPE.varcharCompressed || type === TYPE.varString || (type === TYPE.blob && (length ?? 0) > ALWAYS_VARCHAR)
}

function large(prefix: number): Fits {
  return ({ type, meta }, { length }) => (type === TYPE.blob || type === TYPE.blobCompressed) && (length !== undefined || meta === prefix)
}

function setBytes(labels: number): number {
  const bytes = (labels + 7) >> 3
  return bytes > 4 ? 8 : bytes
}
