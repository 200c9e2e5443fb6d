/** 16 bytes as a UUID in lower case. */
export function uuidText(bytes: Buffer, at: number): string {
  const hex = bytes.toString('hex', at, at + 16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

const BYTES = 16
const last = Buffer.alloc(BYTES)
let lastText = uuidText(last, 0)

/** The same where it is mostly that of the call before, as in a log, which is one server's. */
export function repeatedUuidText(bytes: Buffer, at: number): string {
  for (let i = 0; i < BYTES; i++) {
    if (bytes[at + i] === last[i]) continue
    bytes.copy(last, 0, at, at + BYTES)
    return (lastText = uuidText(last, 0))
  }
  return lastText
}
