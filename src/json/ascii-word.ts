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
