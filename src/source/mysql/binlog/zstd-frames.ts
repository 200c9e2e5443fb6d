/*
  zstd => frames; frame => uint32 0xfd2fb528, uint8 descriptor (bits 6, 7: form of the size; 5: no window byte; 2: checksum; 0, 1: form of
    the dictionary's number), [uint8 window: bits 3 to 7 exponent, 0 to 2 mantissa], dictionary's number, size of the content;
    blocks, each: uint24: bit 0 the last one, bits 1, 2 kind (0 plain, 1 one byte repeated, 2 compressed), then its size; [uint32 checksum]
  RFC 8878, section 3.1
*/
import { Decompress } from 'fzstd'
import { malformed } from './malformed.ts'

const NAME = 'Transaction_payload'
const MAGIC = 0xfd2fb528
const BLOCK_HEADER = 3
const REPEATED = 1
/** Block_Maximum_Size. */
const MOST_BLOCK_BYTES = 131_072
/** The largest that zstd makes itself (ZSTD_WINDOWLOG_MAX of level 22), and that its own decoder takes. */
const MOST_WINDOW_BYTES = 2 ** 27
const DICTIONARY_BYTES: readonly number[] = [0, 1, 2, 4]
const SIZE_BYTES: readonly number[] = [0, 2, 4, 8]

/**
 * Decompresses block by block: a block has at most 128 kB of content, however few bytes it is, so memory stays bounded by that and the
 * window. Each piece is memory of its own.
 */
export class ZstdFrames {
  readonly #bytes: Buffer
  readonly #end: number
  readonly #decoder: Decompress
  #at: number
  /** Inside a frame: behind its header. */
  #open = false
  #checksum = false
  #pieces: Uint8Array[] = []

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
    this.#decoder = new Decompress((piece) => void this.#pieces.push(piece))
  }

  /** The next bytes of content, some or none. Undefined: all were had. */
  next(): Buffer | undefined {
    if (this.#at >= this.#end && !this.#open) return undefined
    const from = this.#at
    if (!this.#open) this.#beginFrame()
    this.#endBlock()
    return this.#push(from)
  }

  #push(from: number): Buffer {
    this.#pieces = []
    try {
      this.#decoder.push(this.#bytes.subarray(from, this.#at), this.#at === this.#end)
    } catch {
      throw malformed(NAME, 'it does not decompress')
    }
    const pieces = this.#pieces.map((piece) => Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength))
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
  }

  #beginFrame(): void {
    const at = this.#at
    this.#need(6)
    if (this.#bytes.readUInt32LE(at) !== MAGIC) throw malformed(NAME, 'it is not in zstd')
    const descriptor = this.#bytes[at + 4]!
    const single = (descriptor & 0x20) !== 0
    const sizeBytes = single && descriptor >> 6 === 0 ? 1 : SIZE_BYTES[descriptor >> 6]!
    this.#at += 5 + (single ? 0 : 1) + DICTIONARY_BYTES[descriptor & 3]! + sizeBytes
    this.#need(0)
    this.#checksum = (descriptor & 4) !== 0
    const window = single ? this.#bytes.readUIntLE(this.#at - sizeBytes, Math.min(6, sizeBytes)) : windowBytes(this.#bytes[at + 5]!)
    if (window > MOST_WINDOW_BYTES) throw malformed(NAME, `a window of ${window} bytes`)
    this.#open = true
  }

  #endBlock(): void {
    this.#need(BLOCK_HEADER)
    const header = this.#bytes.readUIntLE(this.#at, BLOCK_HEADER)
    const size = header >> 3
    if (size > MOST_BLOCK_BYTES) throw malformed(NAME, `a block of ${size} bytes`)
    this.#at += BLOCK_HEADER + (((header >> 1) & 3) === REPEATED ? 1 : size)
    if ((header & 1) !== 0) {
      this.#open = false
      if (this.#checksum) this.#at += 4
    }
    this.#need(0)
  }

  #need(bytes: number): void {
    if (this.#at + bytes > this.#end) throw malformed(NAME, 'it is too short')
  }
}

function windowBytes(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3))
  return base + (base / 8) * (descriptor & 7)
}
