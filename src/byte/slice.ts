/** What Buffer's own toString calls once it has looked at its arguments; undocumented, and a fifth of the time of a short text. */
interface Slices {
  latin1Slice(start: number, end: number): string
  utf8Slice(start: number, end: number): string
}

const known = Buffer.prototype as Partial<Slices>

const longAscii: (bytes: Buffer, start: number, end: number) => string =
  known.latin1Slice === undefined ? (bytes, start, end) => bytes.toString('latin1', start, end) : (bytes, start, end) => (bytes as Buffer & Slices).latin1Slice(start, end)

/** ASCII text at [start, end). Short text is made without a call out of JavaScript, which alone costs three times as much. */
export function ascii(b: Buffer, start: number, end: number): string {
  const s = start
  switch (end - start) {
    case 1: return String.fromCharCode(b[s]!)
    case 2: return String.fromCharCode(b[s]!, b[s + 1]!)
    case 3: return String.fromCharCode(b[s]!, b[s + 1]!, b[s + 2]!)
    case 4: return String.fromCharCode(b[s]!, b[s + 1]!, b[s + 2]!, b[s + 3]!)
    case 5: return String.fromCharCode(b[s]!, b[s + 1]!, b[s + 2]!, b[s + 3]!, b[s + 4]!)
    case 6: return String.fromCharCode(b[s]!, b[s + 1]!, b[s + 2]!, b[s + 3]!, b[s + 4]!, b[s + 5]!)
    case 7: return String.fromCharCode(b[s]!, b[s + 1]!, b[s + 2]!, b[s + 3]!, b[s + 4]!, b[s + 5]!, b[s + 6]!)
    case 8: return String.fromCharCode(b[s]!, b[s + 1]!, b[s + 2]!, b[s + 3]!, b[s + 4]!, b[s + 5]!, b[s + 6]!, b[s + 7]!)
    case 9: return String.fromCharCode(b[s]!, b[s + 1]!, b[s + 2]!, b[s + 3]!, b[s + 4]!, b[s + 5]!, b[s + 6]!, b[s + 7]!, b[s + 8]!)
    case 10: return String.fromCharCode(b[s]!, b[s + 1]!, b[s + 2]!, b[s + 3]!, b[s + 4]!, b[s + 5]!, b[s + 6]!, b[s + 7]!, b[s + 8]!, b[s + 9]!)
    default: return longAscii(b, start, end)
  }
}

/** UTF-8 text at [start, end). */
export const utf8: (bytes: Buffer, start: number, end: number) => string =
  known.utf8Slice === undefined ? (bytes, start, end) => bytes.toString('utf8', start, end) : (bytes, start, end) => (bytes as Buffer & Slices).utf8Slice(start, end)
