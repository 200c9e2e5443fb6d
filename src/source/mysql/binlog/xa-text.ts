/** An XA transaction's identifier as both servers print it into statements: `X'<gtrid>',X'<bqual>',<format>` (MySQL: XID::serialize_xid, sql/xa.h). */
export function xaText(gtrid: Buffer, bqual: Buffer, format: number): string {
  return `X'${gtrid.toString('hex')}',X'${bqual.toString('hex')}',${format}`
}
