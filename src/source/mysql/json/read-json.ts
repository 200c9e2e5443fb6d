import { signed16, word16, word32 } from '../../../byte/little-endian.ts'
import { cellText } from '../../../byte/row-text.ts'
import { utf8 } from '../../../byte/slice.ts'
import { compileLiteral } from '../../object-literal.ts'
import { Container, damaged, isContainer, JSONB, MAX_DEPTH, need, VariableLength } from './binary-json.ts'
import { JsonText } from './json-text.ts'
import { KeyTexts } from './key-texts.ts'
import { ObjectLayouts, type ObjectLayout, type ReadMembers } from './object-layout.ts'
import { writeOpaque } from './opaque-value.ts'

const LITERALS = [null, true, false] as const

/** As many values and bytes of strings as write-json.ts allows of text: more comes from offsets that share a value, which no server writes. */
const MAX_GROWTH = 8
const MAX_MORE = 64

const variable = new VariableLength()
/** One for each depth. */
const containers: readonly Container[] = Array.from({ length: MAX_DEPTH }, () => new Container())
const keys = new KeyTexts()
const layouts = new ObjectLayouts()
/** To compile a literal takes as long as to make some hundred objects without one. */
const WORTH_COMPILING = 1000
const opaque = new JsonText()
let left = 0

/** Reads a binary document (see binary-json.ts) as the value that JSON.parse makes of its text (write-json.ts), without the text. Errors: TR_MYSQL_PROTOCOL. */
export function readJson(bytes: Buffer, start: number, end: number): unknown {
  if (start === end) return null
  left = MAX_GROWTH * (end - start) + MAX_MORE
  return readValue(bytes, bytes[start]!, start + 1, end, 0)
}

function readValue(bytes: Buffer, type: number, at: number, end: number, depth: number): unknown {
  if ((left -= 1) < 0) throw usedTwice()
  if (isContainer(type)) return readContainer(bytes, type, at, end, depth + 1)
  switch (type) {
    case JSONB.string:
      variable.read(bytes, at, end)
      if ((left -= variable.length) < 0) throw usedTwice()
      return cellText(bytes, variable.start, variable.start + variable.length)
    case JSONB.opaque:
      need(at, 1, end)
      variable.read(bytes, at + 1, end)
      if ((left -= variable.length) < 0) throw usedTwice()
      opaque.clear()
      writeOpaque(opaque, bytes, bytes[at]!, variable.start, variable.start + variable.length)
      return JSON.parse(utf8(opaque.bytes, 0, opaque.length)) as unknown
    case JSONB.literal: {
      need(at, 1, end)
      const literal = LITERALS[bytes[at]!]
      if (literal === undefined) throw damaged('a literal is unknown')
      return literal
    }
    default:
      return readNumber(bytes, type, at, end)
  }
}

function usedTwice(): Error {
  return damaged('parts of it are used more than once')
}

function readNumber(bytes: Buffer, type: number, at: number, end: number): number {
  switch (type) {
    case JSONB.int16:
      need(at, 2, end)
      return signed16(bytes, at)
    case JSONB.uint16:
      need(at, 2, end)
      return word16(bytes, at)
    case JSONB.int32:
      need(at, 4, end)
      return word32(bytes, at) | 0
    case JSONB.uint32:
      need(at, 4, end)
      return word32(bytes, at)
    case JSONB.int64:
      need(at, 8, end)
      return Number(bytes.readBigInt64LE(at))
    case JSONB.uint64:
      need(at, 8, end)
      return Number(bytes.readBigUInt64LE(at))
    case JSONB.double: {
      need(at, 8, end)
      const value = bytes.readDoubleLE(at)
      if (!Number.isFinite(value)) throw damaged('a number is none')
      return value
    }
    default:
      throw damaged(`a value has the unknown type ${type}`)
  }
}

function readContainer(bytes: Buffer, type: number, at: number, end: number, depth: number): unknown {
  if (depth > MAX_DEPTH) throw damaged('it is nested too deeply')
  const container = containers[depth - 1]!.read(bytes, type, at, end)
  const { count, end: stop } = container
  if (!container.object) {
    // of its size, which is less than the document's: one that grows is made for seventeen
    const items = new Array<unknown>(count)
    for (let index = 0; index < count; index++) items[index] = valueOf(bytes, container, index, stop, depth)
    return items
  }
  const layout = layouts.of(container, bytes)
  if (layout !== undefined) return readKnown(bytes, container, layout, depth)
  const object: Record<string, unknown> = {}
  for (let index = 0; index < count; index++) {
    const entry = container.keyEntry(index)
    const start = container.keyAt(bytes, entry)
    const key = keys.text(bytes, start, container.keyEnd(bytes, entry, start))
    const value = valueOf(bytes, container, index, stop, depth)
    // to assign it would set the prototype
    if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
    else object[key] = value
  }
  return object
}

function readKnown(bytes: Buffer, container: Container, layout: ObjectLayout, depth: number): unknown {
  const { end } = container
  if (layout.read !== undefined) return layout.read(bytes, container, end, depth)
  const { names, template } = layout
  if (++layout.reads === WORTH_COMPILING) layout.read = compileLiteral<ReadMembers>(names, (index) => `valueOf(bytes, container, ${index}, end, depth)`, ['bytes', 'container', 'end', 'depth'], { valueOf })
  const object: Record<string, unknown> = { ...template }
  for (let index = 0; index < names.length; index++) object[names[index]!] = valueOf(bytes, container, index, end, depth)
  return object
}

function valueOf(bytes: Buffer, container: Container, index: number, stop: number, depth: number): unknown {
  const entry = container.valueEntry(index)
  const type = bytes[entry]!
  // what is most frequent first
  if (type === JSONB.int16) {
    if ((left -= 1) < 0) throw usedTwice()
    return container.inlineInteger(bytes, entry)
  }
  const string = container.shortString(bytes, entry)
  if (string >= 0) {
    const length = bytes[string - 1]!
    if ((left -= length + 1) < 0) throw usedTwice()
    return cellText(bytes, string, string + length)
  }
  return readValue(bytes, type, container.valueAt(bytes, entry), stop, depth)
}
