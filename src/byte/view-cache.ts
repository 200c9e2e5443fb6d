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
