import { utf8 } from '../../../byte/slice.ts'
import { COLON, COMMA, OPEN_BRACE } from '../../../byte/json-sign.ts'
import { readOffset, type Container } from './binary-json.ts'
import { writeString } from './json-string.ts'
import { JsonText } from './json-text.ts'
import { internalized, isSame } from './key-texts.ts'

/** Makes the object of these keys that a container was read of; `end`, `depth`: of the container. */
export type ReadMembers = (bytes: Buffer, container: Container, end: number, depth: number) => Record<string, unknown>

/** The keys of an object as they lie in a document. */
export interface ObjectLayout {
  /** The key entries, then the keys. */
  readonly entries: Buffer
  readonly keys: Buffer
  readonly names: readonly string[]
  /** An object of these names, without values. */
  readonly template: Readonly<Record<string, unknown>>
  /** The JSON before each value: `{"name":`, and with a comma in the place of the brace behind the first one. */
  readonly openings: readonly Buffer[]
  /** The same inside of a JSON string; undefined where a name has an escape. */
  readonly embedded: readonly Buffer[] | undefined
  /** For read-json.ts: how often an object was made of it, and what makes one since that was often enough. */
  reads: number
  read: ReadMembers | undefined
}

/** A power of two. */
const PLACES = 64
const MOST_BYTES = 512
/** One is made for so many that were found; a few hundred are made in any case. */
const WORTH = 8
const FREE = 256 * WORTH
/** Of a small object: offset and length. */
const KEY_ENTRY = 4

const scratch = new JsonText()

/**
 * Documents of a column are objects of the same keys in row after row. Their layouts are kept, a few of them, so that to know the keys is to
 * compare bytes. Where keys are never the same no layouts are made.
 */
export class ObjectLayouts {
  readonly #places: (ObjectLayout | undefined)[] = new Array<undefined>(PLACES).fill(undefined)
  /** What was found last: rows in succession have the same. */
  #latest: ObjectLayout | undefined
  #credit = FREE

  /** Of the object that `container` was read from. Undefined: its keys are to be read one by one. */
  of(container: Container, bytes: Buffer): ObjectLayout | undefined {
    const { count, keys, data, end } = container
    if (container.large || count === 0) return undefined
    const latest = this.#latest
    if (latest !== undefined && latest.names.length === count && data + latest.keys.length <= end && isLaidOut(latest, bytes, keys, data)) return this.#found(latest)
    const last = keys + (count - 1) * KEY_ENTRY
    const length = container.at + readOffset(bytes, last, false) + readOffset(bytes, last + 2, false) - data
    if (length <= 0 || length > MOST_BYTES || data + length > end) return undefined
    const place = (count * 31 + length * 7 + bytes[data]! + bytes[data + (length >> 1)]! * 3 + bytes[data + length - 1]!) & (PLACES - 1)
    const known = this.#places[place]
    if (known !== undefined && known.names.length === count && known.keys.length === length && isLaidOut(known, bytes, keys, data)) return this.#found(known)
    if (this.#credit < WORTH) return undefined
    this.#credit -= WORTH
    return (this.#places[place] = make(container, bytes, length))
  }

  #found(layout: ObjectLayout): ObjectLayout {
    if (this.#credit < FREE) this.#credit++
    return (this.#latest = layout)
  }
}

/** Undefined where the keys do not follow each other, or are not those of an object that is made from a template. */
function make(container: Container, bytes: Buffer, length: number): ObjectLayout | undefined {
  const names: string[] = []
  const openings: Buffer[] = []
  let at = container.data
  for (let index = 0; index < container.count; index++) {
    const entry = container.keyEntry(index)
    if (container.keyAt(bytes, entry) !== at) return undefined
    const end = container.keyEnd(bytes, entry, at)
    names.push(internalized(utf8(bytes, at, end)))
    openings.push(opening(bytes, at, end, index === 0))
    at = end
  }
  const template = Object.fromEntries(names.map((name) => [name, null]))
  // to assign it would set the prototype; a key that is there twice is the server's affair
  if (names.includes('__proto__') || Object.keys(template).length < names.length) return undefined
  const { keys, data, count } = container
  return { entries: Buffer.from(bytes.subarray(keys, keys + count * KEY_ENTRY)), keys: Buffer.from(bytes.subarray(data, data + length)), names, template, openings, embedded: embed(openings), reads: 0, read: undefined }
}

function opening(bytes: Buffer, start: number, end: number, first: boolean): Buffer {
  scratch.clear()
  scratch.byte(first ? OPEN_BRACE : COMMA)
  writeString(scratch, bytes, start, end)
  scratch.byte(COLON)
  return Buffer.from(scratch.bytes.subarray(0, scratch.length))
}

/** Undefined where there is more to it than a backslash before each quote. */
function embed(openings: readonly Buffer[]): readonly Buffer[] | undefined {
  const texts = openings.map(String)
  // eslint-disable-next-line no-control-regex -- those that JSON escapes
  return texts.some((text) => /[\\\u0000-\u001f\u{10000}-\u{10ffff}\ufffd]/u.test(text)) ? undefined : texts.map((text) => Buffer.from(text.replaceAll('"', '\\"')))
}

function isLaidOut(layout: ObjectLayout, bytes: Buffer, keys: number, data: number): boolean {
  return isSame(layout.entries, bytes, keys) && isSame(layout.keys, bytes, data)
}
