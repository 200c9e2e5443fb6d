import type { RowImage } from '../../event/table.ts'
import type { ColumnSet } from './binlog/logged-column.ts'

/** How cells lie in the bytes. */
export const BINLOG = 0 // a bitmap of NULLs with a bit for every column that is present, then the cells of those that are not NULL
export const TEXT_ROW = 1 // a text protocol row: for each column a length-encoded string, or 0xfb for NULL

/**
 * The raw cells of one row.
 * BINLOG: https://dev.mysql.com/doc/dev/mysql-server/latest/classbinary__log_1_1Rows__event.html; TEXT_ROW:
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response_text_resultset_row.html
 */
export class MysqlRowImage implements RowImage {
  readonly bytes: Buffer
  readonly start: number
  readonly extent = 'row' as const
  readonly layout: typeof BINLOG | typeof TEXT_ROW
  /** Columns that the image carries (`binlog_row_image`). */
  readonly present: ColumnSet
  /** 0-based number of the row in its event, and of that event behind the BEGIN of its transaction. */
  readonly row: number
  readonly event: number

  constructor(bytes: Buffer, start: number, layout: typeof BINLOG | typeof TEXT_ROW, present: ColumnSet, row: number, event: number) {
    this.bytes = bytes
    this.start = start
    this.layout = layout
    this.present = present
    this.row = row
    this.event = event
  }
}
