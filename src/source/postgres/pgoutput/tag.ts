/** First byte of each pgoutput message (protocol version 1). Anything else is an error: it may carry rows. */
export const TAG = {
  begin: 0x42, // B
  commit: 0x43, // C
  origin: 0x4f, // O: int64 LSN on the origin, cstring name
  relation: 0x52, // R
  type: 0x59, // Y: int32 oid, cstring namespace, cstring name
  insert: 0x49, // I
  update: 0x55, // U
  delete: 0x44, // D
  truncate: 0x54, // T
  message: 0x4d, // M
} as const
