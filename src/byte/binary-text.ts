/** By hex digit, otherwise 255. */
const NIBBLE = new Uint8Array(256).fill(255)
for (let value = 0; value < 16; value++) {
  NIBBLE[value.toString(16).charCodeAt(0)] = value
  NIBBLE[value.toString(16).toUpperCase().charCodeAt(0)] = value
}
const HEX: Buffer = Buffer.from('0123456789abcdef')
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
export const BASE64: Buffer = Buffer.from(`${ALPHABET}+/`)
export const BASE64_URL: Buffer = Buffer.from(`${ALPHABET}-_`)
const PADDING = 0x3d

/** Decodes hex digits; returns how many bytes, -1 where the text is not hex. */
export function decodeHex(bytes: Buffer, start: number, end: number, to: Buffer): number {
  if ((end - start) % 2 !== 0) return -1
  let length = 0
  for (let at = start; at < end; at += 2) {
    const high = NIBBLE[bytes[at]!]!
    const low = NIBBLE[bytes[at + 1]!]!
    if ((high | low) > 15) return -1
    to[length++] = (high << 4) | low
  }
  return length
}

/** Writes lower-case hex; returns where it ends. */
export function encodeHex(bytes: Uint8Array, start: number, end: number, to: Buffer, at = 0): number {
  let length = at
  for (let from = start; from < end; from++) {
    to[length++] = HEX[bytes[from]! >> 4]!
    to[length++] = HEX[bytes[from]! & 15]!
  }
  return length
}

/** With padding, also in the URL-safe alphabet: java.util.Base64's encoders. Returns the length. */
export function encodeBase64(bytes: Uint8Array, start: number, end: number, to: Buffer, alphabet: Buffer): number {
  let length = 0
  for (let at = start; at < end; at += 3) {
    const left = end - at
    const group = (bytes[at]! << 16) | (left > 1 ? bytes[at + 1]! << 8 : 0) | (left > 2 ? bytes[at + 2]! : 0)
    to[length++] = alphabet[group >> 18]!
    to[length++] = alphabet[(group >> 12) & 63]!
    to[length++] = left > 1 ? alphabet[(group >> 6) & 63]! : PADDING
    to[length++] = left > 2 ? alphabet[group & 63]! : PADDING
  }
  return length
}
