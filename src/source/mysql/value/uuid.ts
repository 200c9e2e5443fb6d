import { encodeHex } from '../../../byte/binary-text.ts'
import type { HandlingModes } from '../../../event/handling-mode.ts'
import { textPlaceholder } from '../../binary-value.ts'
import { TYPE } from '../binlog/column-type.ts'
import { MALFORMED, type ReadCell, type Stead, type ValueType } from './reader.ts'

const HYPHEN = 0x2d
const BYTES = 16
/** Where the groups of a UUID's bytes end, and where their text does. */
const GROUPS = [4, 6, 8, 10, 16] as const
const TEXT_LENGTH = 36

const whole: Buffer = Buffer.alloc(BYTES)
const text: Buffer = Buffer.alloc(TEXT_LENGTH)

/** MariaDB's UUID. Debezium shows no defaults of them. */
export function uuidType(modes: HandlingModes): ValueType {
  return {
    shape: { type: 'string', name: 'io.debezium.data.Uuid', version: 1 },
    text: readText,
    binlog: (stead, { type }) => (type === TYPE.string ? readBytes(stead) : undefined),
    zero: (writer) => writer.string('00000000-0000-0000-0000-000000000000'),
    placeholder: textPlaceholder(modes),
  }
}

const TEXT_BYTE = new Uint8Array(256)
for (const byte of Buffer.from('0123456789abcdef-')) TEXT_BYTE[byte] = 1

function readText({ fail }: Stead): ReadCell {
  return (writer, bytes, start, end) => {
    let valid = end - start === TEXT_LENGTH
    for (let at = start; valid && at < end; at++) valid = TEXT_BYTE[bytes[at]!] === 1
    if (valid) writer.plain(bytes, start, end)
    else fail(writer, MALFORMED)
  }
}

function readBytes({ fail }: Stead): ReadCell {
  return (writer, bytes, start, end) => {
    if (end - start > BYTES) fail(writer, MALFORMED)
    else writer.plain(text, 0, putUuid(bytes, start, end))
  }
}

/** The log has the bytes in the order of the text, without zeros at the end. */
function putUuid(bytes: Buffer, start: number, end: number): number {
  whole.fill(0)
  bytes.copy(whole, 0, start, end)
  let from = 0
  let at = 0
  for (const to of GROUPS) {
    if (from > 0) text[at++] = HYPHEN
    at = encodeHex(whole, from, to, text, at)
    from = to
  }
  return at
}

export function uuidText(bytes: Buffer, start: number, end: number): string {
  return text.toString('latin1', 0, putUuid(bytes, start, end))
}
