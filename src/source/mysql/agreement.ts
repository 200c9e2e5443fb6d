import type { TableMap } from './binlog/logged-column.ts'
import type { MysqlTableShape } from './column.ts'
import { columnDisagreement, otherCharset } from './column-agreement.ts'
import { hiddenColumns } from './hidden-column.ts'

/**
 * Why a table's definition is not that of its rows in the log; undefined: it is. A definition that only looks like the rows would put
 * values under the wrong names without an error, so all that a table map says is compared. `mariadb`: it may have columns that no
 * definition shows.
 */
export function agreement(shape: MysqlTableShape, map: TableMap, mariadb = false): string | undefined {
  const reason = disagreement(shape, map, mariadb)
  if (reason !== undefined) return reason
  const index = shape.columns.findIndex((column, position) => otherCharset(column, map.columns[position]!) !== undefined)
  const column = shape.columns[index]
  return column === undefined ? undefined : `column ${column.name} is declared in ${column.charset}, and logged in ${otherCharset(column, map.columns[index]!)}`
}

/** The same, but for character sets. */
export function disagreement(shape: MysqlTableShape, map: TableMap, mariadb: boolean): string | undefined {
  const hidden = mariadb ? hiddenColumns(map, shape.columns.length, shape) : 0
  if (shape.columns.length + hidden !== map.columns.length) return `${shape.columns.length} columns are declared, and ${map.columns.length} are logged`
  for (const [index, column] of shape.columns.entries()) {
    const reason = columnDisagreement(column, map.columns[index]!)
    if (reason !== undefined) return reason
  }
  return sameKey(shape, map) ? undefined : 'its primary key is another one in the log'
}

/** A table without a primary key may have a unique one in its place, which is not logged. */
function sameKey({ key, columns }: MysqlTableShape, { primaryKey }: TableMap): boolean {
  if (primaryKey === undefined) return true
  const logged = primaryKey.filter((index) => index < columns.length)
  return logged.length === key.length && logged.every((index, position) => index === key[position])
}
