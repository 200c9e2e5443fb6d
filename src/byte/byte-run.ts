/**
 * Prepared bytes. Short runs are the bulk of an event (names, commas), and storing them as 32-bit words takes a third of the time
 * of a loop over bytes; long ones are left to memmove.
 */
export interface ByteRun {
  readonly bytes: Buffer
  /** The bytes as little-endian words, the last one padded: more is stored than `bytes.length`, and overwritten by what follows. */
  readonly words: Int32Array
}

/** Longer runs have no words. */
export const MAX_WORDS = 6
/** Bytes that storing the words of a run may take beyond its length. */
export const WORD = 4

/** Prepares a run from its bytes, or from text as UTF-8. */
export function byteRun(text: string | Buffer): ByteRun {
  const bytes = Buffer.from(text as string)
  const count = Math.ceil(bytes.length / WORD)
  const words = new Int32Array(count > MAX_WORDS ? 0 : count)
  for (let i = 0; i < bytes.length && i >> 2 < words.length; i++) words[i >> 2]! |= bytes[i]! << ((i & 3) * 8)
  return { bytes, words }
}

/** No bytes at all. */
export const EMPTY_RUN: ByteRun = byteRun('')
