import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'

const MARK_BYTES = 16
const PLACE_BYTES = MARK_BYTES + 4
/** Every request begins with its length, an int32 that does not count itself. */
const LENGTH = 4

/** Of this process alone: no record can have it by chance. */
const MARK = randomBytes(MARK_BYTES)
const waiting = new Map<number, readonly Buffer[]>()
let last = 0

/** A request's body that is in several places. */
export interface Gathered extends Disposable {
  /** What kafkajs is given in its place. */
  readonly placeholder: Buffer
}

/**
 * kafkajs copies a request twice before it sends it, into buffers that grow to twice its size. What it is given instead is a mark, and
 * its socket ({@link gatheringWrite}) writes the parts where the mark stands. Until disposed: the request is answered, or given up.
 */
export function gather(parts: readonly Buffer[]): Gathered {
  const id = (last = (last + 1) >>> 0)
  const placeholder = Buffer.allocUnsafe(PLACE_BYTES)
  MARK.copy(placeholder)
  placeholder.writeUInt32BE(id, MARK_BYTES)
  waiting.set(id, parts)
  return { placeholder, [Symbol.dispose]: () => void waiting.delete(id) }
}

/** A socket's `write` that puts parts in the place of their mark. */
export function gatheringWrite(socket: Socket): Socket['write'] {
  const write = socket.write.bind(socket)
  return ((bytes: Uint8Array | string, ...rest: []): boolean => {
    const parts = Buffer.isBuffer(bytes) ? partsOf(bytes) : undefined
    if (parts === undefined) return write(bytes, ...rest)
    const head = Buffer.from((bytes as Buffer).subarray(0, bytes.length - PLACE_BYTES))
    head.writeInt32BE(parts.reduce((sum, part) => sum + part.length, head.length - LENGTH))
    // one system call for all of them
    socket.cork()
    let room = write(head)
    for (const part of parts) room = write(part)
    socket.uncork()
    return room
  })
}

function partsOf(bytes: Buffer): readonly Buffer[] | undefined {
  const at = bytes.length - PLACE_BYTES
  if (at < LENGTH || MARK.compare(bytes, at, at + MARK_BYTES) !== 0) return undefined
  // given up: an incomplete request breaks the connection, which is what is left to do
  return waiting.get(bytes.readUInt32BE(at + MARK_BYTES)) ?? []
}
