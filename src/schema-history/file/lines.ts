import type { FileHandle } from 'node:fs/promises'

const CHUNK = 256 * 1024
const NEWLINE = 0x0a
/** The longest statement that a server takes (max_allowed_packet) has 1 GiB; a text of JavaScript holds half of it. */
export const MAX_LINE_BYTES: number = 384 * 1024 * 1024

/** Where a line begins, and its bytes without their end. */
export interface Line {
  readonly start: number
  readonly bytes: Buffer
}

/** The lines of the first `length` bytes, the last one also without an end. Throws what the file system says, a RangeError for a line that is too long. */
export async function* readLines(file: FileHandle, length: number): AsyncGenerator<Line> {
  const chunk = Buffer.alloc(Math.min(CHUNK, length))
  let pieces: Buffer[] = []
  let start = 0
  for (let at = 0; at < length; ) {
    const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, length - at), at)
    if (bytesRead === 0) throw new RangeError('it is shorter than it was')
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0 && end < bytesRead; end = chunk.indexOf(NEWLINE, from)) {
      yield { start, bytes: Buffer.concat([...pieces, chunk.subarray(from, end)]) }
      pieces = []
      from = end + 1
      start = at + from
    }
    // the chunk is used again
    pieces.push(Buffer.from(chunk.subarray(from, bytesRead)))
    at += bytesRead
    if (at - start > MAX_LINE_BYTES) throw new RangeError(`a line has more than ${MAX_LINE_BYTES} bytes`)
  }
  if (start < length) yield { start, bytes: Buffer.concat(pieces) }
}

/** What stands behind the last end of a line. */
export async function lastLine(file: FileHandle, length: number): Promise<Line> {
  const pieces: Buffer[] = []
  for (let end = length; end > 0; ) {
    const start = Math.max(0, end - CHUNK)
    const chunk = Buffer.alloc(end - start)
    for (let filled = 0; filled < chunk.length; ) {
      const { bytesRead } = await file.read(chunk, filled, chunk.length - filled, start + filled)
      if (bytesRead === 0) throw new RangeError('it is shorter than it was')
      filled += bytesRead
    }
    const newline = chunk.lastIndexOf(NEWLINE)
    if (newline >= 0) return { start: start + newline + 1, bytes: Buffer.concat([chunk.subarray(newline + 1), ...pieces]) }
    pieces.unshift(chunk)
    end = start
    if (length - start > MAX_LINE_BYTES) throw new RangeError(`a line has more than ${MAX_LINE_BYTES} bytes`)
  }
  return { start: 0, bytes: Buffer.concat(pieces) }
}
