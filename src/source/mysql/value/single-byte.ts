import { FROM_80, FROM_A0, SWE7 } from './charset-table.ts'
import { putCodePoint, REPLACEMENT, type DecodeText } from './code-point.ts'

/** Character sets of one byte; undefined for others. */
export function singleByte(charset: string): DecodeText | undefined {
  const codes = codePoints(charset)
  if (codes === undefined) return undefined
  return (bytes, start, end, to) => {
    let length = 0
    for (let at = start; at < end; at++) {
      const code = codes[bytes[at]!]!
      if (code < 0x80) to[length++] = code
      else length = putCodePoint(to, length, code)
    }
    return length
  }
}

function codePoints(charset: string): Uint16Array | undefined {
  const upper = FROM_80[charset] ?? upperFromA0(charset)
  if (upper === undefined && charset !== 'ascii' && charset !== 'swe7') return undefined
  const codes = new Uint16Array(256).fill(REPLACEMENT)
  for (let byte = 0; byte < 0x80; byte++) codes[byte] = byte
  if (charset === 'swe7') for (const [byte, letter] of SWE7) codes[byte] = letter.charCodeAt(0)
  for (const [index, letter] of [...(upper ?? '')].entries()) codes[0x80 + index] = letter.charCodeAt(0)
  return codes
}

function upperFromA0(charset: string): string | undefined {
  const upper = FROM_A0[charset]
  return upper === undefined ? undefined : String.fromCharCode(...Array.from({ length: 0x20 }, (_, index) => 0x80 + index)) + upper
}
