/** RFC 4648 section 4: what Kafka's JsonConverter writes bytes in. */
export const BASE64: Buffer = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
/** RFC 4648 section 5; padded all the same, because Java's `Base64.getUrlEncoder` pads. */
export const BASE64_URL: Buffer = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')

const PAD = 0x3d
const HEX: Buffer = Buffer.from('0123456789abcdef')

/** Bytes that `count` bytes take in padded base64. */
export function base64Length(count: number): number {
  return Math.ceil(count / 3) * 4
}

/** Writes `bytes[start, end)` in padded base64 at `at`; returns where it ends. The room must be there. */
export function writeBase64(out: Buffer, at: number, bytes: Uint8Array, start: number, end: number, alphabet: Buffer): number {
  let w = at
  let p = start
  for (const whole = end - ((end - start) % 3); p < whole; p += 3) {
    const group = (bytes[p]! << 16) | (bytes[p + 1]! << 8) | bytes[p + 2]!
    out[w] = alphabet[group >> 18]!
    out[w + 1] = alphabet[(group >> 12) & 63]!
    out[w + 2] = alphabet[(group >> 6) & 63]!
    out[w + 3] = alphabet[group & 63]!
    w += 4
  }
  if (p < end) {
    const second = p + 1 < end
    const group = (bytes[p]! << 16) | (second ? bytes[p + 1]! << 8 : 0)
    out[w] = alphabet[group >> 18]!
    out[w + 1] = alphabet[(group >> 12) & 63]!
    out[w + 2] = second ? alphabet[(group >> 6) & 63]! : PAD
    out[w + 3] = PAD
    w += 4
  }
  return w
}

/** Writes `bytes[start, end)` as lower-case hex digits at `at`; returns where they end. The room must be there. */
export function writeHex(out: Buffer, at: number, bytes: Uint8Array, start: number, end: number): number {
  let w = at
  for (let p = start; p < end; p++) {
    const byte = bytes[p]!
    out[w++] = HEX[byte >> 4]!
    out[w++] = HEX[byte & 15]!
  }
  return w
}
