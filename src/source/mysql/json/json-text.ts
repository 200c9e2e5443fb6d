/** More than this is given back after each document: one huge document must not be kept for ever. */
const KEPT = 1 << 16

/** Text that is being written, as UTF-8. Callers copy what they need before the next document. */
export class JsonText {
  bytes: Buffer = Buffer.allocUnsafeSlow(1024)
  /** What is written so far. */
  length = 0

  clear(): void {
    this.length = 0
    if (this.bytes.length > KEPT) this.bytes = Buffer.allocUnsafeSlow(1024)
  }

  /** The bytes, with at least `size` behind what is written. */
  room(size: number): Buffer {
    return this.length + size <= this.bytes.length ? this.bytes : this.#grow(size)
  }

  #grow(size: number): Buffer {
    const grown = Buffer.allocUnsafeSlow(Math.max(2 * this.bytes.length, this.length + size))
    this.bytes.copy(grown, 0, 0, this.length)
    return (this.bytes = grown)
  }

  byte(value: number): void {
    this.room(1)[this.length++] = value
  }

  ascii(text: string): void {
    const out = this.room(text.length)
    for (let i = 0; i < text.length; i++) out[this.length + i] = text.charCodeAt(i)
    this.length += text.length
  }

  /** So few bytes that to copy them one by one is less than a call out of JavaScript. */
  short(bytes: Buffer): void {
    const out = this.room(bytes.length)
    for (let i = 0; i < bytes.length; i++) out[this.length + i] = bytes[i]!
    this.length += bytes.length
  }

  copy(bytes: Buffer, start: number, end: number): void {
    bytes.copy(this.room(end - start), this.length, start, end)
    this.length += end - start
  }
}
