import type { HandlingModes } from '../../../event/handling-mode.ts'
import type { WriteValue } from '../../../event/schema.ts'
import { MALFORMED, type Fail, type ReadCell, type Shape, type ValueType } from './reader.ts'
import { Scratch } from './scratch.ts'
import { textPlaceholder } from './text.ts'

const BACKSLASH = 0x5c
const X = 0x78

/** By hex digit, otherwise 255. */
const NIBBLE = new Uint8Array(256).fill(255)
for (let value = 0; value < 16; value++) {
  NIBBLE[value.toString(16).charCodeAt(0)] = value
  NIBBLE[value.toString(16).toUpperCase().charCodeAt(0)] = value
}
const HEX: Buffer = Buffer.from('0123456789abcdef')
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const BASE64: Buffer = Buffer.from(`${ALPHABET}+/`)
const BASE64_URL: Buffer = Buffer.from(`${ALPHABET}-_`)
const PADDING = 0x3d

/** Decodes hex digits; returns how many bytes, -1 where the text is not hex. */
export function decodeHex(bytes: Buffer, start: number, end: number, to: Buffer): number {
  if ((end - start) % 2 !== 0) return -1
  let length = 0
  for (let at = start; at < end; at += 2) {
    const high = NIBBLE[bytes[at]!]!
    const low = NIBBLE[bytes[at + 1]!]!
    if ((high | low) > 15) return -1
    to[length++] = (high << 4) | low
  }
  return length
}

/** Whether a bytea is there as bytea_output hex writes it. */
export function hasHexPrefix(bytes: Buffer, start: number, end: number): boolean {
  return end - start >= 2 && bytes[start] === BACKSLASH && bytes[start + 1] === X
}

/** `bytea`. */
export function byteaType(modes: HandlingModes): ValueType {
  return { ...binaryType(modes), reader: (fail) => readBytea(fail, modes.binary) }
}

/** A type nobody knows (`include.unknown.datatypes`): the bytes of its text, perhaps spelled anew. */
export function opaqueType(modes: HandlingModes, spell?: (text: string) => string): ValueType {
  const write = writeBytes(modes.binary)
  if (spell === undefined) return { ...binaryType(modes), reader: () => write }
  return {
    ...binaryType(modes),
    reader: () => (writer, bytes, start, end) => {
      const text = Buffer.from(spell(bytes.toString('utf8', start, end)))
      write(writer, text, 0, text.length)
    },
  }
}

/** `binary.handling.mode`. The placeholder goes unencoded into hex columns, and into base64 columns not at all. */
function binaryType(modes: HandlingModes): Pick<ValueType, 'shape' | 'zero' | 'placeholder'> {
  const { binary, unavailablePlaceholder } = modes
  const shape: Shape = { type: binary === 'bytes' ? 'bytes' : 'string' }
  const placeholder: WriteValue = (writer) => writer.bytes(unavailablePlaceholder, 0, unavailablePlaceholder.length)
  if (binary === 'bytes') return { shape, zero: (writer) => writer.bytes(HEX, 0, 0), placeholder }
  const zero: WriteValue = (writer) => writer.string('')
  return binary === 'hex' ? { shape, zero, placeholder: textPlaceholder(modes) } : { shape, zero }
}

const decoded = new Scratch()
const encoded = new Scratch()

function readBytea(fail: Fail, mode: HandlingModes['binary']): ReadCell {
  const write = writeBytes(mode)
  return (writer, bytes, start, end) => {
    if (!hasHexPrefix(bytes, start, end)) return fail(writer, MALFORMED)
    const raw = decoded.take((end - start) >> 1)
    const length = decodeHex(bytes, start + 2, end, raw)
    if (length < 0) fail(writer, MALFORMED)
    // The server's own hex is lower case already.
    else if (mode === 'hex') writer.plain(bytes, start + 2, end)
    else write(writer, raw, 0, length)
  }
}

function writeBytes(mode: HandlingModes['binary']): ReadCell {
  if (mode === 'bytes') return (writer, bytes, start, end) => writer.bytes(bytes, start, end)
  if (mode === 'hex') {
    return (writer, bytes, start, end) => {
      const text = encoded.take((end - start) * 2)
      for (let at = start, to = 0; at < end; at++) {
        text[to++] = HEX[bytes[at]! >> 4]!
        text[to++] = HEX[bytes[at]! & 15]!
      }
      writer.plain(text, 0, (end - start) * 2)
    }
  }
  const alphabet = mode === 'base64' ? BASE64 : BASE64_URL
  return (writer, bytes, start, end) => {
    const text = encoded.take(Math.ceil((end - start) / 3) * 4)
    writer.plain(text, 0, encodeBase64(bytes, start, end, text, alphabet))
  }
}

/** With padding, also in the URL-safe alphabet: java.util.Base64's encoders. */
function encodeBase64(bytes: Buffer, start: number, end: number, to: Buffer, alphabet: Buffer): number {
  let length = 0
  for (let at = start; at < end; at += 3) {
    const left = end - at
    const group = (bytes[at]! << 16) | (left > 1 ? bytes[at + 1]! << 8 : 0) | (left > 2 ? bytes[at + 2]! : 0)
    to[length++] = alphabet[group >> 18]!
    to[length++] = alphabet[(group >> 12) & 63]!
    to[length++] = left > 1 ? alphabet[(group >> 6) & 63]! : PADDING
    to[length++] = left > 2 ? alphabet[group & 63]! : PADDING
  }
  return length
}
