import { charsetWidth } from './charset-name.ts'

/** What a type's parentheses and words mean. */
export type TypeFamily = 'integer' | 'decimal' | 'float' | 'bit' | 'time' | 'year' | 'plain' | 'characters' | 'text' | 'binary' | 'blob' | 'labels' | 'vector' | 'other'

export interface DataType {
  /** As the server spells it. */
  readonly name: string
  readonly family: TypeFamily
  /** java.sql.Types, as Debezium's parsers give them. */
  readonly jdbcType: number
}

const JDBC = { bit: -7, bigint: -5, varbinary: -3, binary: -2, char: 1, decimal: 3, integer: 4, smallint: 5, float: 6, double: 8, varchar: 12, date: 91, time: 92, timestamp: 93, other: 1111, zonedTimestamp: 2014, blob: 2004 } as const

const TYPES: ReadonlyMap<string, DataType> = new Map(
  ([
    ['integer', JDBC.smallint, 'TINYINT SMALLINT'],
    ['integer', JDBC.integer, 'MEDIUMINT INT'],
    ['integer', JDBC.bigint, 'BIGINT'],
    ['decimal', JDBC.decimal, 'DECIMAL'],
    ['float', JDBC.float, 'FLOAT'],
    ['float', JDBC.double, 'DOUBLE'],
    ['bit', JDBC.bit, 'BIT'],
    ['plain', JDBC.date, 'DATE'],
    ['time', JDBC.time, 'TIME'],
    ['time', JDBC.timestamp, 'DATETIME'],
    ['time', JDBC.zonedTimestamp, 'TIMESTAMP'],
    ['year', JDBC.integer, 'YEAR'],
    ['characters', JDBC.char, 'CHAR'],
    ['characters', JDBC.varchar, 'VARCHAR'],
    ['text', JDBC.varchar, 'TINYTEXT TEXT MEDIUMTEXT LONGTEXT'],
    ['binary', JDBC.binary, 'BINARY'],
    ['binary', JDBC.varbinary, 'VARBINARY'],
    ['blob', JDBC.blob, 'TINYBLOB BLOB MEDIUMBLOB LONGBLOB'],
    ['labels', JDBC.char, 'ENUM SET'],
    ['vector', JDBC.other, 'VECTOR'],
    ['other', JDBC.other, 'JSON UUID INET4 INET6 GEOMETRY POINT LINESTRING POLYGON MULTIPOINT MULTILINESTRING MULTIPOLYGON GEOMCOLLECTION GEOMETRYCOLLECTION'],
  ] as const).flatMap(([family, jdbcType, names]) => names.split(' ').map((name) => [name, { name, family, jdbcType }] as const)),
)

/** What the server turns into another name when it writes the table down. */
const SYNONYMS: Readonly<Record<string, string>> = {
  INT1: 'TINYINT', INT2: 'SMALLINT', INT3: 'MEDIUMINT', MIDDLEINT: 'MEDIUMINT', INTEGER: 'INT', INT4: 'INT', INT8: 'BIGINT',
  DEC: 'DECIMAL', NUMERIC: 'DECIMAL', FIXED: 'DECIMAL', NUMBER: 'DECIMAL', REAL: 'DOUBLE', FLOAT8: 'DOUBLE', FLOAT4: 'FLOAT',
  CHARACTER: 'CHAR', VARCHARACTER: 'VARCHAR', VARCHAR2: 'VARCHAR', CLOB: 'LONGTEXT', RAW: 'VARBINARY',
}

/** A type that is not known is one of the values' side to read or to refuse. */
export function dataType(word: string): DataType {
  const name = SYNONYMS[word] ?? word
  return TYPES.get(name) ?? { name, family: 'other', jdbcType: JDBC.other }
}

const TEXTS = ['TINYTEXT', 'TEXT', 'MEDIUMTEXT', 'LONGTEXT']
const BLOBS = ['TINYBLOB', 'BLOB', 'MEDIUMBLOB', 'LONGBLOB']
/** Bytes that fit into each of them. */
const CAPACITIES = [0xff, 0xffff, 0xffffff, 0xffffffff]

function sized(names: readonly string[], bytes: number): DataType {
  const index = CAPACITIES.findIndex((capacity) => bytes <= capacity)
  return dataType(names[index === -1 ? 3 : index]!)
}

/** The smallest one that holds so many characters: `TEXT(100)`, and a VARCHAR that is too long (sql/field.cc, get_blob_type_from_length). */
export function textFor(characters: number, charset: string): DataType {
  return sized(TEXTS, characters * charsetWidth(charset))
}

export function blobFor(bytes: number): DataType {
  return sized(BLOBS, bytes)
}

/** A TEXT in another character set holds as many characters as before, in a larger type where it must be. */
export function textInCharset(name: string, from: string, to: string): DataType {
  const characters = Math.floor(CAPACITIES[TEXTS.indexOf(name)]! / charsetWidth(from))
  return textFor(characters, to)
}

/** What a type of text is with the character set `binary`. */
export function binaryType(type: DataType): DataType {
  if (type.family === 'characters') return dataType(type.name === 'CHAR' ? 'BINARY' : 'VARBINARY')
  return type.family === 'text' ? dataType(BLOBS[TEXTS.indexOf(type.name)]!) : type
}
