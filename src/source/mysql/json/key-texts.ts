import { utf8 } from '../../../byte/slice.ts'

/** A power of two. */
const PLACES = 256
const LONGEST = 64

/** Keys of documents, which are the same ones in row after row: their texts are kept, a few hundred of them. */
export class KeyTexts {
  /** The key's bytes, and its text. */
  readonly #places: ({ readonly bytes: Buffer; readonly text: string } | undefined)[] = new Array<undefined>(PLACES).fill(undefined)

  text(bytes: Buffer, start: number, end: number): string {
    const length = end - start
    if (length === 0) return ''
    if (length > LONGEST) return utf8(bytes, start, end)
    const place = (length * 31 + bytes[start]! * 7 + bytes[end - 1]! + bytes[start + (length >> 1)]! * 3) & (PLACES - 1)
    const known = this.#places[place]
    if (known !== undefined && known.bytes.length === length && isSame(known.bytes, bytes, start)) return known.text
    const copy = Buffer.from(bytes.subarray(start, end))
    const text = internalized(utf8(copy, 0, length))
    this.#places[place] = { bytes: copy, text }
    return text
  }
}

/** The text as engines keep names of properties: to find a property by it is to compare addresses. */
export function internalized(text: string): string {
  return Object.keys({ [text]: 0 })[0]!
}

/** Whether these bytes stand at `at`. */
export function isSame(known: Buffer, bytes: Buffer, at: number): boolean {
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[at + i]) return false
  return true
}
