/** What every record begins with, here and in Debezium's FileSchemaHistory. */
const BEGINNING = Buffer.from('{"source":{')

const QUOTE = 0x22
const BACKSLASH = 0x5c
const FIRST_PRINTABLE = 0x20

/**
 * Was the writing of a record interrupted here? `tail` is what stands behind the last end of a line: a record that was begun and
 * not ended, and zeros where a power failure came between giving the file its length and writing its bytes. Whatever else it is, it
 * may have been a record that somebody relies on.
 */
export function isTorn(tail: Buffer): boolean {
  let end = tail.length
  while (end > 0 && tail[end - 1] === 0) end--
  const begun = tail.subarray(0, end)
  const common = Math.min(end, BEGINNING.length)
  return begun.subarray(0, common).equals(BEGINNING.subarray(0, common)) && isText(begun) && !isEnded(begun)
}

/** In UTF-8; the last character may be cut as well. */
function isText(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return bytes.every((byte) => byte >= FIRST_PRINTABLE)
  } catch {
    return false
  }
}

/** Closes its first bracket somewhere. */
function isEnded(bytes: Buffer): boolean {
  let depth = 0
  let quoted = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!
    if (quoted) {
      if (byte === BACKSLASH) at++
      else if (byte === QUOTE) quoted = false
    } else if (byte === QUOTE) quoted = true
    else if (byte === 0x7b || byte === 0x5b) depth++
    else if ((byte === 0x7d || byte === 0x5d) && --depth === 0) return true
  }
  return false
}
