import type { ColumnFacts } from '../column-rule.ts'
import type { MysqlColumn, MysqlTableShape } from './column.ts'

/** Types of java.sql.Types that hold characters (MaskStrings): CHAR, VARCHAR, LONGVARCHAR, CLOB, NCHAR, NVARCHAR, LONGNVARCHAR, NCLOB, DATALINK. */
const CHARACTER: ReadonlySet<number> = new Set([1, 12, -1, 2005, -15, -9, -16, 2011, 70])

export function columnFacts({ database, name: table }: MysqlTableShape, { name, typeName, length, scale, comment, jdbcType }: MysqlColumn): ColumnFacts {
  return { table: `${database}.${table}`, name, typeName, length, scale, comment, isCharacter: CHARACTER.has(jdbcType), isDocument: typeName === 'JSON' || typeName === 'SET' }
}
