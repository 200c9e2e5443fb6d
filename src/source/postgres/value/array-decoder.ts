import { element, ESCAPED, NULL, scanElement, skipBounds, unescapeElement } from './array-text.ts'
import { undecodable } from './decode-error.ts'

const OPEN = 0x7b
const CLOSE = 0x7d
/** MAXDIM in src/include/utils/array.h. */
const MOST_DIMENSIONS = 6

/** Array text to arrays, nested for more dimensions; lower bounds are lost. */
export function decodeArray(bytes: Buffer, start: number, end: number, delimiter: number, decode: (bytes: Buffer, start: number, end: number) => unknown): unknown[] {
  const reader = new ArrayReader(bytes, skipBounds(bytes, start, end), end, delimiter, decode)
  return reader.whole()
}

class ArrayReader {
  readonly #bytes: Buffer
  readonly #end: number
  readonly #delimiter: number
  readonly #decode: (bytes: Buffer, start: number, end: number) => unknown
  #at: number

  constructor(bytes: Buffer, start: number, end: number, delimiter: number, decode: (bytes: Buffer, start: number, end: number) => unknown) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
    this.#delimiter = delimiter
    this.#decode = decode
  }

  whole(): unknown[] {
    const items = this.#items(1)
    if (this.#at !== this.#end) throw undecodable('an array type')
    return items
  }

  #items(dimension: number): unknown[] {
    if (this.#byte() !== OPEN || dimension > MOST_DIMENSIONS) throw undecodable('an array type')
    this.#at++
    const items: unknown[] = []
    if (this.#byte() === CLOSE) {
      this.#at++
      return items
    }
    for (;;) {
      items.push(this.#byte() === OPEN ? this.#items(dimension + 1) : this.#item())
      const separator = this.#byte()
      this.#at++
      if (separator === CLOSE) return items
      if (separator !== this.#delimiter) throw undecodable('an array type')
    }
  }

  #item(): unknown {
    const at = scanElement(this.#bytes, this.#at, this.#end, this.#delimiter)
    if (at < 0) throw undecodable('an array type')
    this.#at = at
    const { start, end, form } = element
    if (form === NULL) return null
    if (form !== ESCAPED) return this.#decode(this.#bytes, start, end)
    // Memory of its own: an element may be an array itself (a domain over an array type).
    const text = Buffer.allocUnsafe(end - start)
    return this.#decode(text, 0, unescapeElement(this.#bytes, start, end, text))
  }

  #byte(): number {
    return this.#at < this.#end ? this.#bytes[this.#at]! : -1
  }
}
