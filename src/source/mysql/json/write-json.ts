import { CLOSE_BRACE, CLOSE_BRACKET, COLON, COMMA, OPEN_BRACE, OPEN_BRACKET } from '../../../byte/json-sign.ts'
import { signed16, word16, word32 } from '../../../byte/little-endian.ts'
import { Container, damaged, isContainer, JSONB, MAX_DEPTH, need, VariableLength } from './binary-json.ts'
import { writeDouble, writeInteger, writeInteger64 } from './json-number.ts'
import { writeString } from './json-string.ts'
import type { JsonText } from './json-text.ts'
import { ObjectLayouts, type ObjectLayout } from './object-layout.ts'
import { writeOpaque } from './opaque-value.ts'

const LITERALS = ['null', 'true', 'false'] as const

/** Text has at most six times the bytes of its document (a control character). More comes from offsets that share a value, which no server writes. */
const MAX_GROWTH = 8
const MAX_MORE = 64

const variable = new VariableLength()
/** One for each depth. */
const containers: readonly Container[] = Array.from({ length: MAX_DEPTH }, () => new Container())
const layouts = new ObjectLayouts()

/**
 * Writes a binary document (see binary-json.ts) as JSON text without blanks. It is the server's own text but for the blanks, and for
 * hex digits in upper case, as Debezium has them: so a snapshot, which reads the text, gives the same bytes (compact-json.ts). An empty
 * document is `null`, as for the server (Field_json::val_json). Errors: TR_MYSQL_PROTOCOL.
 */
export function writeJson(bytes: Buffer, start: number, end: number, into: JsonText): void {
  if (start === end) return into.ascii('null')
  writeValue(bytes, bytes[start]!, start + 1, end, into, 0, into.length + MAX_GROWTH * (end - start) + MAX_MORE)
}

function writeValue(bytes: Buffer, type: number, at: number, end: number, into: JsonText, depth: number, most: number): void {
  if (into.length > most) throw damaged('parts of it are used more than once')
  if (isContainer(type)) return writeContainer(bytes, type, at, end, into, depth + 1, most)
  switch (type) {
    case JSONB.string:
      variable.read(bytes, at, end)
      return writeString(into, bytes, variable.start, variable.start + variable.length)
    case JSONB.opaque:
      need(at, 1, end)
      variable.read(bytes, at + 1, end)
      return writeOpaque(into, bytes, bytes[at]!, variable.start, variable.start + variable.length)
    case JSONB.literal: {
      need(at, 1, end)
      const literal = LITERALS[bytes[at]!]
      if (literal === undefined) throw damaged('a literal is unknown')
      return into.ascii(literal)
    }
    default:
      return writeNumber(bytes, type, at, end, into)
  }
}

function writeNumber(bytes: Buffer, type: number, at: number, end: number, into: JsonText): void {
  switch (type) {
    case JSONB.int16:
      need(at, 2, end)
      return writeInteger(into, signed16(bytes, at))
    case JSONB.uint16:
      need(at, 2, end)
      return writeInteger(into, word16(bytes, at))
    case JSONB.int32:
      need(at, 4, end)
      return writeInteger(into, word32(bytes, at) | 0)
    case JSONB.uint32:
      need(at, 4, end)
      return writeInteger(into, word32(bytes, at))
    case JSONB.int64:
    case JSONB.uint64:
      need(at, 8, end)
      return writeInteger64(into, bytes, at, type === JSONB.int64)
    case JSONB.double:
      need(at, 8, end)
      return writeDouble(into, bytes.readDoubleLE(at))
    default:
      throw damaged(`a value has the unknown type ${type}`)
  }
}

function writeContainer(bytes: Buffer, type: number, at: number, end: number, into: JsonText, depth: number, most: number): void {
  if (depth > MAX_DEPTH) throw damaged('it is nested too deeply')
  const container = containers[depth - 1]!.read(bytes, type, at, end)
  const { count, object, end: stop } = container
  const layout = object ? layouts.of(container, bytes) : undefined
  if (layout !== undefined) return writeKnown(bytes, container, layout, into, depth, most)
  into.byte(object ? OPEN_BRACE : OPEN_BRACKET)
  for (let index = 0; index < count; index++) {
    if (index > 0) into.byte(COMMA)
    if (object) {
      const entry = container.keyEntry(index)
      const key = container.keyAt(bytes, entry)
      writeString(into, bytes, key, container.keyEnd(bytes, entry, key))
      into.byte(COLON)
    }
    const entry = container.valueEntry(index)
    writeValue(bytes, bytes[entry]!, container.valueAt(bytes, entry), stop, into, depth, most)
  }
  into.byte(object ? CLOSE_BRACE : CLOSE_BRACKET)
}

function writeKnown(bytes: Buffer, container: Container, { openings }: ObjectLayout, into: JsonText, depth: number, most: number): void {
  const { end } = container
  for (let index = 0; index < openings.length; index++) {
    into.short(openings[index]!)
    const entry = container.valueEntry(index)
    writeValue(bytes, bytes[entry]!, container.valueAt(bytes, entry), end, into, depth, most)
  }
  into.byte(CLOSE_BRACE)
}
