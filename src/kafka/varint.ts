// Kafka's varints are Protocol Buffers' zig-zag encoding (org.apache.kafka.common.utils.ByteUtils).

/** Bytes that a 32-bit integer takes. */
export function varintSize(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0
  return zigzag < 0x80 ? 1 : zigzag < 0x4000 ? 2 : zigzag < 0x200000 ? 3 : zigzag < 0x10000000 ? 4 : 5
}

/** Writes a 32-bit integer; returns where it ends. */
export function writeVarint(out: Uint8Array, at: number, value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  let w = at
  while (rest >= 0x80) {
    out[w++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  out[w++] = rest
  return w
}

/** Reads integers one after the other. */
export class VarintReader {
  readonly bytes: Buffer
  at: number

  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes
    this.at = at
  }

  /** The next integer, which fits a double exactly. */
  next(): number {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = this.bytes[this.at++]
      if (byte === undefined) throw new RangeError('a varint goes beyond the end')
      value += (byte & 0x7f) * scale
      if (byte < 0x80) break
      scale *= 0x80
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  /** A length and as many bytes; null for -1. */
  slice(): Buffer | null {
    const length = this.next()
    if (length < 0) return null
    if (length > this.bytes.length - this.at) throw new RangeError('a length goes beyond the end')
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }
}
