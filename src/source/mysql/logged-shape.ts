import { TYPE } from './binlog/column-type.ts'
import type { LoggedColumn, TableMap } from './binlog/logged-column.ts'
import { disagreement } from './agreement.ts'
import { charsetText } from './charset-text.ts'
import type { MysqlColumn, MysqlTableShape } from './column.ts'
import { columnDisagreement, geometryName, otherCharset } from './column-agreement.ts'
import { charsetWidth } from './ddl/charset-name.ts'
import { dataType } from './ddl/data-type.ts'
import { hiddenColumns } from './hidden-column.ts'
import { charsetOf } from './value/charset.ts'

const SIZES: readonly string[] = ['', 'TINY', '', 'MEDIUM', 'LONG']
const INTEGERS: Readonly<Record<number, string>> = { [TYPE.tiny]: 'TINYINT', [TYPE.short]: 'SMALLINT', [TYPE.int24]: 'MEDIUMINT', [TYPE.long]: 'INT', [TYPE.longlong]: 'BIGINT', [TYPE.float]: 'FLOAT', [TYPE.double]: 'DOUBLE' }
const MOMENTS: Readonly<Record<number, string>> = {
  [TYPE.time]: 'TIME', [TYPE.time2]: 'TIME', [TYPE.datetime]: 'DATETIME', [TYPE.datetime2]: 'DATETIME', [TYPE.timestamp]: 'TIMESTAMP', [TYPE.timestamp2]: 'TIMESTAMP',
}

/**
 * A table's definition as its table map has it, with `binlog_row_metadata=FULL`. What a map does not say (defaults, comments, which of the
 * types that lie the same it is) comes from the declared column of that name, if it may be that one. With less metadata
 * there are no names: undefined then, unless the definition agrees with all but the character sets, which are put right.
 */
export function loggedShape(map: TableMap, declared: MysqlTableShape | undefined, mariadb = false): MysqlTableShape | undefined {
  if (map.columns.some(({ name }) => name === undefined)) return declared === undefined || disagreement(declared, map, mariadb) !== undefined ? undefined : withLoggedCharsets(declared, map)
  const shown = map.columns.slice(0, map.columns.length - (mariadb ? hiddenByName(map, declared) : 0))
  const columns = shown.map((logged) => loggedColumn(logged, declared?.columns.find(({ name }) => name === logged.name)))
  return { database: map.database, name: map.name, columns, key: loggedKey(map, columns, declared), charset: declared?.charset, comment: declared?.comment }
}

function withLoggedCharsets(declared: MysqlTableShape, map: TableMap): MysqlTableShape {
  const columns = declared.columns.map((column, index) => ({ ...column, charset: otherCharset(column, map.columns[index]!) ?? column.charset }))
  return { ...declared, columns }
}

/** Of a period that the definition has as well, the columns are shown. */
function hiddenByName(map: TableMap, declared: MysqlTableShape | undefined): number {
  const has = (name: string): boolean => declared === undefined || declared.columns.some((column) => column.name === name)
  for (let shown = map.columns.length - 1; shown >= 0; shown--) {
    const name = map.columns[shown]!.name!
    if (!name.startsWith('DB_ROW_HASH_') && (!['row_start', 'row_end'].includes(name) || has(name))) return hiddenColumns(map, shown + 1, undefined)
  }
  return 0
}

function loggedKey({ primaryKey }: TableMap, columns: readonly MysqlColumn[], declared: MysqlTableShape | undefined): readonly number[] {
  if (primaryKey !== undefined) return primaryKey.filter((index) => index < columns.length)
  // a unique key in the place of a primary one is not logged
  const key = (declared?.key ?? []).map((index) => columns.findIndex(({ name }) => name === declared!.columns[index]!.name))
  return key.includes(-1) ? [] : key
}

function loggedColumn(logged: LoggedColumn, declared: MysqlColumn | undefined): MysqlColumn {
  if (declared !== undefined && columnDisagreement(declared, logged) === undefined) return { ...declared, charset: otherCharset(declared, logged) ?? declared.charset, labels: loggedLabels(logged) ?? declared.labels }
  const { typeName, length, scale, charset } = describe(logged)
  const name = logged.unsigned === true ? `${typeName} UNSIGNED` : typeName
  return {
    name: logged.name!, typeName: name, typeExpression: name, jdbcType: dataType(typeName).jdbcType, length, scale, charset,
    optional: logged.nullable, autoIncremented: false, generated: false, comment: undefined, hasDefault: logged.nullable, default: undefined, labels: loggedLabels(logged) ?? [],
  }
}

interface Description {
  readonly typeName: string
  readonly length?: number | undefined
  readonly scale?: number | undefined
  readonly charset?: string | undefined
}

function describe(logged: LoggedColumn): Description {
  const { type, meta, labels = [] } = logged
  const simple = INTEGERS[type]
  if (simple !== undefined) return { typeName: simple }
  const moment = MOMENTS[type]
  if (moment !== undefined) return { typeName: moment, length: meta === 0 ? undefined : meta }
  switch (type) {
    case TYPE.newDecimal:
      return { typeName: 'DECIMAL', length: meta >> 8, scale: meta & 0xff }
    case TYPE.bit:
      return { typeName: 'BIT', length: meta }
    case TYPE.year:
      return { typeName: 'YEAR' }
    case TYPE.json:
      return { typeName: 'JSON' }
    case TYPE.vector:
      return { typeName: 'VECTOR' }
    case TYPE.geometry:
      return { typeName: geometryName(logged.geometryType ?? 0) }
    case TYPE.enum:
      return { typeName: 'ENUM', length: 1, charset: textCharset(logged) }
    case TYPE.set:
      return { typeName: 'SET', length: labels.length * 2 - 1, charset: textCharset(logged) }
    case TYPE.date:
    case TYPE.newDate:
      return { typeName: 'DATE' }
    default:
      return describeText(logged)
  }
}

function describeText(logged: LoggedColumn): Description {
  const { type, meta } = logged
  const charset = textCharset(logged)
  if (type === TYPE.blob || type === TYPE.blobCompressed) return { typeName: `${SIZES[meta]!}${charset === undefined ? 'BLOB' : 'TEXT'}`, charset }
  const name = type === TYPE.string || type === TYPE.varString ? (charset === undefined ? 'BINARY' : 'CHAR') : charset === undefined ? 'VARBINARY' : 'VARCHAR'
  // the header byte of a compressed cell counts
  const bytes = type === TYPE.varcharCompressed ? meta - 1 : meta
  return { typeName: name, length: charset === undefined ? bytes : Math.floor(bytes / charsetWidth(charset)), charset }
}

/** Undefined for bytes. */
function textCharset({ collation }: LoggedColumn): string | undefined {
  const charset = collation === undefined ? undefined : charsetOf(collation)
  return charset === 'binary' ? undefined : charset
}

function loggedLabels(logged: LoggedColumn): string[] | undefined {
  return logged.labels?.map((label) => charsetText(label, textCharset(logged)))
}
