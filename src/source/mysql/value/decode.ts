import type { LoggedColumn } from '../binlog/logged-column.ts'
import type { Decode } from '../../object-maker.ts'
import type { MysqlColumn } from '../column.ts'

/** How the cells of one type become JavaScript values, in both layouts. */
export interface Decoder {
  /** Cells of the text protocol, selected as selectExpression says. */
  readonly text: (column: MysqlColumn) => Decode
  /** Cells of the log, without the bytes of their length. */
  readonly binlog: (column: MysqlColumn, logged: LoggedColumn) => Decode
  /** What a parser of one's own gets; without it, the value's String(). */
  readonly spell?: (value: never) => string
}
