/*
  How a column's cells lie in row events, by the type code and the metadata of the table map. "Prefix": the length of the cell stands
  before it, in so many bytes, little-endian.

  code                     in the table map             here: `meta`             a cell
  1 TINY, 13 YEAR          -                            0                        1 byte
  2 SHORT                  -                            0                        2 bytes
  9 INT24                  -                            0                        3 bytes
  3 LONG                   -                            0                        4 bytes
  8 LONGLONG               -                            0                        8 bytes
  4 FLOAT, 5 DOUBLE        uint8 bytes                  bytes                    4, 8 bytes
  246 NEWDECIMAL           uint8 precision, uint8 scale precision << 8 | scale   digits in groups of nine, four bytes each
  16 BIT                   uint8 bits, uint8 bytes      bits                     (bits + 7) / 8 bytes, big-endian
  7 TIMESTAMP              -                            0                        4 bytes: seconds
  12 DATETIME              -                            0                        8 bytes: digits YYYYMMDDhhmmss
  11 TIME, 10 DATE         -                            0                        3 bytes
  17 TIMESTAMP2            uint8 fractional digits      fractional digits        4 bytes and those of the fraction, big-endian
  18 DATETIME2             uint8 fractional digits      fractional digits        5 bytes and those of the fraction, big-endian
  19 TIME2                 uint8 fractional digits      fractional digits        3 bytes and those of the fraction, big-endian
  15 VARCHAR               uint16 bytes at most         bytes at most            prefix 1 below 256, else 2
  254 STRING               two bytes, see stringColumn  bytes at most            prefix 1 below 256, else 2; padding cut off
  247 ENUM, 248 SET        two bytes, as STRING         bytes of a cell          1, 2; 1, 2, 3, 4, 8 bytes
  252 BLOB, 245 JSON,      uint8 bytes of the prefix    bytes of the prefix      prefix of 1, 2, 3 or 4 bytes
  255 GEOMETRY, 242 VECTOR
  141 VARCHAR COMPRESSED   uint16 bytes at most         bytes at most            as VARCHAR: a header byte, then as it says (MariaDB)
  140 BLOB COMPRESSED      uint8 bytes of the prefix    bytes of the prefix      as BLOB, the same

  The bytes of a fraction of n digits: (n + 1) / 2.
  https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Table__map__event.html,
  calc_field_size (libs/mysql/binlog/event/binary_log_funcs.cpp), table_def::table_def (MariaDB, sql/rpl_utility.cc)
*/
import type { EventReader } from './event-reader.ts'
import { malformed } from './malformed.ts'

/** enum_field_types (include/field_types.h); 140 and 141 are MariaDB's. */
export const TYPE = {
  tiny: 1,
  short: 2,
  long: 3,
  float: 4,
  double: 5,
  null: 6,
  timestamp: 7,
  longlong: 8,
  int24: 9,
  date: 10,
  time: 11,
  datetime: 12,
  year: 13,
  newDate: 14,
  varchar: 15,
  bit: 16,
  timestamp2: 17,
  datetime2: 18,
  time2: 19,
  blobCompressed: 140,
  varcharCompressed: 141,
  vector: 242,
  json: 245,
  newDecimal: 246,
  enum: 247,
  set: 248,
  tinyBlob: 249,
  mediumBlob: 250,
  longBlob: 251,
  blob: 252,
  varString: 253,
  string: 254,
  geometry: 255,
} as const

/** A type code and its `meta`. */
export interface ColumnType {
  readonly type: number
  readonly meta: number
}

const FIXED_WIDTH: Readonly<Record<number, number>> = {
  [TYPE.tiny]: 1, [TYPE.year]: 1, [TYPE.short]: 2, [TYPE.int24]: 3, [TYPE.long]: 4, [TYPE.longlong]: 8, [TYPE.null]: 0,
  [TYPE.timestamp]: 4, [TYPE.datetime]: 8, [TYPE.time]: 3, [TYPE.date]: 3, [TYPE.newDate]: 3,
}
const FRACTION_BASE: Readonly<Record<number, number>> = { [TYPE.timestamp2]: 4, [TYPE.datetime2]: 5, [TYPE.time2]: 3 }
/** Bytes that n decimal digits need (decimal.cc, dig2bytes). */
const DIGIT_BYTES: readonly number[] = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4]
const MOST_DIGITS = 65

/** Reads the metadata of a column whose type in the table map is `code`. */
export function readColumnType(code: number, reader: EventReader): ColumnType {
  switch (code) {
    case TYPE.float:
    case TYPE.double:
    case TYPE.timestamp2:
    case TYPE.datetime2:
    case TYPE.time2:
    case TYPE.tinyBlob:
    case TYPE.mediumBlob:
    case TYPE.longBlob:
    case TYPE.blob:
    case TYPE.blobCompressed:
    case TYPE.json:
    case TYPE.geometry:
    case TYPE.vector:
      return { type: code, meta: reader.uint8() }
    case TYPE.varchar:
    case TYPE.varcharCompressed:
      return { type: code, meta: reader.uint16() }
    case TYPE.newDecimal:
      return { type: code, meta: (reader.uint8() << 8) | reader.uint8() }
    case TYPE.bit:
      return { type: code, meta: reader.uint8() + 8 * reader.uint8() }
    case TYPE.string:
    case TYPE.varString:
    case TYPE.enum:
    case TYPE.set:
      return stringColumn(reader.uint8(), reader.uint8())
    default:
      return { type: code, meta: 0 }
  }
}

/**
 * The first byte is the real type; in its bits 4 and 5, which every such type has set, stand bits 8 and 9 of a CHAR's length, inverted;
 * the second byte is the rest of the length, or of ENUM and SET the bytes of a cell (Field_string::do_save_field_metadata, sql/field.cc).
 */
function stringColumn(first: number, second: number): ColumnType {
  return { type: first | 0x30, meta: ((first & 0x30) ^ 0x30) << 4 | second }
}

/** Bytes of a cell, or, below zero, minus the bytes of its prefix. Undefined: nobody knows. */
export function cellWidth({ type, meta }: ColumnType): number | undefined {
  const fixed = FIXED_WIDTH[type]
  if (fixed !== undefined) return fixed
  switch (type) {
    case TYPE.float:
    case TYPE.double:
      return meta === (type === TYPE.float ? 4 : 8) ? meta : undefined
    case TYPE.timestamp2:
    case TYPE.datetime2:
    case TYPE.time2:
      return meta <= 6 ? FRACTION_BASE[type]! + ((meta + 1) >> 1) : undefined
    case TYPE.bit:
      return meta <= 64 ? (meta + 7) >> 3 : undefined
    case TYPE.newDecimal:
      return decimalWidth(meta >> 8, meta & 0xff)
    case TYPE.enum:
      return meta === 1 || meta === 2 ? meta : undefined
    case TYPE.set:
      return meta >= 1 && meta <= 8 ? meta : undefined
    case TYPE.string:
    case TYPE.varString:
    case TYPE.varchar:
    case TYPE.varcharCompressed:
      return meta < 256 ? -1 : -2
    case TYPE.tinyBlob:
    case TYPE.mediumBlob:
    case TYPE.longBlob:
    case TYPE.blob:
    case TYPE.blobCompressed:
    case TYPE.json:
    case TYPE.geometry:
    case TYPE.vector:
      return meta >= 1 && meta <= 4 ? -meta : undefined
    default:
      return undefined
  }
}

function decimalWidth(precision: number, scale: number): number | undefined {
  if (precision < 1 || precision > MOST_DIGITS || scale > precision) return undefined
  const whole = precision - scale
  return Math.floor(whole / 9) * 4 + DIGIT_BYTES[whole % 9]! + Math.floor(scale / 9) * 4 + DIGIT_BYTES[scale % 9]!
}

/** The width of a cell, as TableMap has it. Errors: TR_MYSQL_PROTOCOL for a type that is not known: its rows could not be told apart. */
export function expectWidth(column: ColumnType, index: number): number {
  const width = cellWidth(column)
  if (width === undefined) throw malformed('Table_map', `column ${index + 1} has the type ${column.type} with metadata ${column.meta}`)
  return width
}

/** What the bits of SIGNEDNESS are of (Table_map_log_event::init_signedness_field): fields that are a Field_num, of which YEAR is one. */
export function isNumeric(type: number): boolean {
  switch (type) {
    case TYPE.tiny:
    case TYPE.short:
    case TYPE.int24:
    case TYPE.long:
    case TYPE.longlong:
    case TYPE.newDecimal:
    case TYPE.float:
    case TYPE.double:
    case TYPE.year:
      return true
    default:
      return false
  }
}

/** What the entries of DEFAULT_CHARSET and COLUMN_CHARSET are of, ENUM and SET have some of their own (is_character_type, sql/log_event.cc; which ones MariaDB counts is what it writes). */
export function isCharacter(type: number, mariadb: boolean): boolean {
  switch (type) {
    case TYPE.string:
    case TYPE.varString:
    case TYPE.varchar:
    case TYPE.blob:
      return true
    case TYPE.vector:
      return !mariadb
    case TYPE.geometry:
    case TYPE.blobCompressed:
    case TYPE.varcharCompressed:
      return mariadb
    default:
      return false
  }
}
