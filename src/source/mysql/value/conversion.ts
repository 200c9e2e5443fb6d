import type { HandlingModes } from '../../../event/handling-mode.ts'
import type { WriteValue } from '../../../event/schema.ts'
import { toWholeMatch } from '../../table-pattern.ts'
import type { ColumnPattern } from '../../column-options.ts'
import type { MysqlColumn } from '../column.ts'
import type { ColumnConversion } from '../conversion-options.ts'
import { asBoolean, asInt16, asReal, asString } from './converted-type.ts'
import type { ValueType } from './reader.ts'
import { baseType, valueType } from './value-type.ts'
import { zeroDates } from './zero-date.ts'

/** Another form of one column. */
export interface Conversion {
  readonly type: ValueType
  /** In the place of NULL, and of dates that are none. */
  readonly nothing?: WriteValue
  /** The schema allows null, whatever the column does. */
  readonly optional?: true
}

/** The conversion of a column, if there is one; `name`: `database.table.column`. */
export type Convert = (column: MysqlColumn, name: string, modes: HandlingModes) => Conversion | undefined

const NUMBERS = ['TINYINT', 'SMALLINT', 'MEDIUMINT', 'INT', 'BIGINT', 'DECIMAL', 'FLOAT', 'DOUBLE', 'YEAR']
const TEXTS = ['CHAR', 'VARCHAR', 'TINYTEXT', 'TEXT', 'MEDIUMTEXT', 'LONGTEXT', 'ENUM', 'SET']
const OTHERS = ['JSON', 'BINARY', 'VARBINARY', 'TINYBLOB', 'BLOB', 'MEDIUMBLOB', 'LONGBLOB']

/** Of these Debezium's converter makes what it says; of others one constant, so that they are left as they are. */
const CONVERTIBLE: Readonly<Record<'int16' | 'double' | 'float' | 'string', ReadonlySet<string>>> = {
  int16: new Set([...NUMBERS, ...TEXTS]), double: new Set([...NUMBERS, ...TEXTS]), float: new Set([...NUMBERS, ...TEXTS]), string: new Set([...NUMBERS, ...TEXTS, ...OTHERS]),
}

/** Undefined without any. Errors: TR_CONFIG_INVALID. */
export function compileConversions(conversions: readonly ColumnConversion[] = []): Convert | undefined {
  if (conversions.length === 0) return undefined
  const compiled = conversions.map(compile)
  return (column, name, modes) => {
    for (const convert of compiled) {
      const conversion = convert(column, name, modes)
      if (conversion !== undefined) return conversion
    }
    return undefined
  }
}

function compile(conversion: ColumnConversion): Convert {
  const named = selector(conversion.columns)
  if (conversion.to === 'date') {
    const convert = zeroDates(conversion)
    return (column, name, modes) => (named(name) ? convert(column, name, modes) : undefined)
  }
  if (conversion.to === 'boolean') {
    const { anyLength = false } = conversion
    return (column, name, modes) => {
      if (!/^TINYINT( UNSIGNED)?$/i.test(column.typeName) || (!anyLength && column.length !== 1) || !named(name)) return undefined
      return { type: asBoolean(valueType(column, modes)!) }
    }
  }
  const { to } = conversion
  return (column, name, modes) => {
    const type = CONVERTIBLE[to].has(baseType(column)) && named(name) ? valueType(column, modes) : undefined
    if (type === undefined) return undefined
    if (to === 'int16') return { type: asInt16(type) }
    return { type: to === 'string' ? asString(type, column.charset) : asReal(type, to) }
  }
}

function selector(columns: readonly ColumnPattern[] | undefined): (name: string) => boolean {
  if (columns === undefined) return () => true
  const patterns = columns.map(toWholeMatch)
  return (name) => patterns.some((pattern) => pattern.test(name))
}
