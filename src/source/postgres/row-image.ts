import type { RowImage } from '../../event/table.ts'

/** How cells lie in the bytes. */
export const TUPLE = 0 // pgoutput TupleData: int16 count, then a kind byte (n, u, t) and for t an int32 length and text
export const DATA_ROW = 1 // DataRow: int16 count, then an int32 length (-1: NULL) and text

/**
 * The raw cells of one row.
 * TupleData: https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html;
 * DataRow: https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export class PgRowImage implements RowImage {
  readonly bytes: Buffer
  readonly start: number
  readonly extent: 'row' | 'key'
  readonly layout: typeof TUPLE | typeof DATA_ROW

  constructor(bytes: Buffer, start: number, extent: 'row' | 'key', layout: typeof TUPLE | typeof DATA_ROW) {
    this.bytes = bytes
    this.start = start
    this.extent = extent
    this.layout = layout
  }
}
