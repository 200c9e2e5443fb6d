/** Larger values get memory of their own: one huge value must not be kept for ever. */
const KEPT = 1 << 16

/**
 * Memory for text or bytes that a reader builds and the writer takes at once. One for each place that may be in use at the
 * same time; readers are synchronous, so columns share them.
 */
export class Scratch {
  #bytes: Buffer = Buffer.allocUnsafeSlow(256)

  /** At least `size` bytes, with whatever was in them. */
  take(size: number): Buffer {
    if (size <= this.#bytes.length) return this.#bytes
    if (size > KEPT) return Buffer.allocUnsafeSlow(size)
    return (this.#bytes = Buffer.allocUnsafeSlow(Math.min(KEPT, size * 2)))
  }
}
