import { BASE64, BASE64_URL, encodeBase64, encodeHex } from '../byte/binary-text.ts'
import { Scratch } from '../byte/scratch.ts'
import type { HandlingModes } from '../event/handling-mode.ts'
import type { WriteValue } from '../event/schema.ts'
import type { ReadCell, Shape } from './cell-reader.ts'

const NONE = Buffer.alloc(0)

/** How raw bytes are represented. */
export interface BinaryForm {
  readonly shape: Shape
  readonly zero: WriteValue
  /** Undefined where nothing fits. */
  readonly placeholder?: WriteValue
}

/** The placeholder of string columns; bytes that are not UTF-8 become U+FFFD, as in Java. */
export function textPlaceholder(modes: HandlingModes): WriteValue {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(modes.unavailablePlaceholder)
  return (writer) => writer.string(text)
}

/** `binary.handling.mode`. The placeholder goes unencoded into hex columns, and into base64 columns not at all. */
export function binaryForm(modes: HandlingModes): BinaryForm {
  const { binary, unavailablePlaceholder } = modes
  const shape: Shape = { type: binary === 'bytes' ? 'bytes' : 'string' }
  const placeholder: WriteValue = (writer) => writer.bytes(unavailablePlaceholder, 0, unavailablePlaceholder.length)
  if (binary === 'bytes') return { shape, zero: (writer) => writer.bytes(NONE, 0, 0), placeholder }
  const zero: WriteValue = (writer) => writer.string('')
  return binary === 'hex' ? { shape, zero, placeholder: textPlaceholder(modes) } : { shape, zero }
}

const encoded = new Scratch()

/** Writes raw bytes as `binary.handling.mode` wants them. */
export function writeBytes(mode: HandlingModes['binary']): ReadCell {
  if (mode === 'bytes') return (writer, bytes, start, end) => writer.bytes(bytes, start, end)
  if (mode === 'hex') {
    return (writer, bytes, start, end) => {
      const text = encoded.take((end - start) * 2)
      writer.plain(text, 0, encodeHex(bytes, start, end, text))
    }
  }
  const alphabet = mode === 'base64' ? BASE64 : BASE64_URL
  return (writer, bytes, start, end) => {
    const text = encoded.take(Math.ceil((end - start) / 3) * 4)
    writer.plain(text, 0, encodeBase64(bytes, start, end, text, alphabet))
  }
}
