import { writeInteger } from '../../../byte/digits.ts'
import { CLOSE_BRACE, CLOSE_BRACKET, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } from '../../../byte/json-sign.ts'
import { signed16, word16, word32 } from '../../../byte/little-endian.ts'
import { EMBED_GROWTH } from '../../../event/cell-writer.ts'
import { Container, isContainer, JSONB, MAX_DEPTH, need } from './binary-json.ts'
import { embedPlain } from './embed-text.ts'
import { ObjectLayouts } from './object-layout.ts'

const BACKSLASH = 0x5c
const LITERALS = ['null', 'true', 'false'].map((literal) => Buffer.from(literal))

const layouts = new ObjectLayouts()
/** One for each depth. */
const containers: readonly Container[] = Array.from({ length: MAX_DEPTH }, () => new Container())
/** A value does not begin behind it: one takes no more than what EMBED_MORE leaves. */
let most = 0

/**
 * A binary document as writeJson has it, for where JSON stands inside of a JSON string (EmbedJson). Gives up where there is anything but objects of known keys,
 * arrays, short strings without escapes, integers of at most 32 bits and literals. Errors: TR_MYSQL_PROTOCOL.
 */
export function embedJson(bytes: Buffer, start: number, end: number, out: Buffer, at: number): number {
  if (start === end) return -1
  most = at + EMBED_GROWTH * (end - start)
  return embedValue(bytes, bytes[start]!, start + 1, end, out, at, 0)
}

function embedValue(bytes: Buffer, type: number, at: number, end: number, out: Buffer, w: number, depth: number): number {
  if (w > most) return -1
  if (isContainer(type)) return embedContainer(bytes, type, at, end, out, w, depth)
  switch (type) {
    case JSONB.int16:
      need(at, 2, end)
      return writeInteger(out, w, signed16(bytes, at))
    case JSONB.uint16:
      need(at, 2, end)
      return writeInteger(out, w, word16(bytes, at))
    case JSONB.int32:
      need(at, 4, end)
      return writeInteger(out, w, word32(bytes, at) | 0)
    case JSONB.uint32:
      need(at, 4, end)
      return writeInteger(out, w, word32(bytes, at))
    case JSONB.literal: {
      need(at, 1, end)
      const literal = LITERALS[bytes[at]!]
      return literal === undefined ? -1 : embedBytes(literal, out, w)
    }
    default:
      return -1
  }
}

function embedContainer(bytes: Buffer, type: number, at: number, end: number, out: Buffer, where: number, depth: number): number {
  if (depth === MAX_DEPTH) return -1
  const container = containers[depth]!.read(bytes, type, at, end)
  const { count, object, end: stop } = container
  const openings = object && count > 0 ? layouts.of(container, bytes)?.embedded : undefined
  if (object && count > 0 && openings === undefined) return -1
  let w = where
  if (openings === undefined) out[w++] = object ? OPEN_BRACE : OPEN_BRACKET
  for (let index = 0; index < count; index++) {
    if (openings !== undefined) w = embedBytes(openings[index]!, out, w)
    else if (index > 0) out[w++] = COMMA
    const entry = container.valueEntry(index)
    const string = container.shortString(bytes, entry)
    w = string < 0 ? embedValue(bytes, bytes[entry]!, container.valueAt(bytes, entry), stop, out, w, depth + 1) : embedString(bytes, string, out, w)
    if (w < 0) return -1
  }
  out[w] = object ? CLOSE_BRACE : CLOSE_BRACKET
  return w + 1
}

/** `start`: behind the byte of the length. */
function embedString(bytes: Buffer, start: number, out: Buffer, w: number): number {
  if (w > most) return -1
  out[w] = BACKSLASH
  out[w + 1] = QUOTE
  const end = embedPlain(bytes, start, start + bytes[start - 1]!, out, w + 2)
  if (end < 0) return -1
  out[end] = BACKSLASH
  out[end + 1] = QUOTE
  return end + 2
}

function embedBytes(known: Buffer, out: Buffer, w: number): number {
  for (let i = 0; i < known.length; i++) out[w + i] = known[i]!
  return w + known.length
}
