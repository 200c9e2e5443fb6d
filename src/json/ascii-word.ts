/**
 * True where one of the four bytes of `word` may need an escape or begins a character beyond ASCII: below 0x20, `"`, `\`, or above
 * 0x7f. A subtraction that borrows from its neighbour may say so without need, never the other way round (the well-known test for
 * a zero byte, applied to three differences at once).
 */
export function isSpecial(word: number): boolean {
  const quote = word ^ 0x22222222
  const backslash = word ^ 0x5c5c5c5c
  const low = (word - 0x20202020) & ~word
  return ((low | ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash) | word) & 0x80808080) !== 0
}

/** Larger buffers are not kept alive for the sake of their views. */
const MAX_KEPT = 1024 * 1024

/** Views of the two buffers that were read last: rows come from one, and the source's own scratch is often the other. */
export class ViewCache {
  private first: Uint8Array | undefined
  private second: Uint8Array | undefined
  private firstView: DataView = new DataView(new ArrayBuffer(0))
  private secondView: DataView = this.firstView

  /** The view of `bytes`, made if it is not there. */
  of(bytes: Uint8Array): DataView {
    if (bytes === this.first) return this.firstView
    if (bytes === this.second) return this.secondView
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (bytes.byteLength > MAX_KEPT) return view
    this.second = this.first
    this.secondView = this.firstView
    this.first = bytes
    this.firstView = view
    return view
  }
}
