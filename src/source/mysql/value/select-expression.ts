import type { MysqlColumn } from '../column.ts'
import { quoteIdentifier } from '../identifier.ts'
import { isUtf8 } from './charset.ts'
import { baseType } from './value-type.ts'

const TEXT: ReadonlySet<string> = new Set(['CHAR', 'VARCHAR', 'TINYTEXT', 'TEXT', 'MEDIUMTEXT', 'LONGTEXT'])

/**
 * How a snapshot selects a column so that nothing is lost, and what arrives is what the log has. The server prints a FLOAT with six digits,
 * and a DOUBLE(M, D) rounded; multiplied by 1e0 both are whole. Text of other character sets than UTF-8 comes as it is stored: it is decoded
 * here, once for both layouts.
 */
export function selectExpression(column: MysqlColumn): string {
  const name = quoteIdentifier(column.name)
  const type = baseType(column)
  if (type === 'FLOAT' || (type === 'DOUBLE' && column.scale !== undefined)) return `${name} * 1e0`
  return TEXT.has(type) && column.charset !== undefined && !isUtf8(column.charset) ? `CONVERT(${name} USING binary)` : name
}
