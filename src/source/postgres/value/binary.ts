import { decodeHex } from '../../../byte/binary-text.ts'
import { Scratch } from '../../../byte/scratch.ts'
import type { HandlingModes } from '../../../event/handling-mode.ts'
import { binaryForm, writeBytes } from '../../binary-value.ts'
import { MALFORMED, type Fail, type ReadCell, type ValueType } from './reader.ts'

const BACKSLASH = 0x5c
const X = 0x78

/** Whether a bytea is there as bytea_output hex writes it. */
export function hasHexPrefix(bytes: Buffer, start: number, end: number): boolean {
  return end - start >= 2 && bytes[start] === BACKSLASH && bytes[start + 1] === X
}

/** `bytea`. */
export function byteaType(modes: HandlingModes): ValueType {
  return { ...binaryForm(modes), reader: (fail) => readBytea(fail, modes.binary) }
}

/** A type nobody knows (`include.unknown.datatypes`): the bytes of its text, perhaps spelled anew. */
export function opaqueType(modes: HandlingModes, spell?: (text: string) => string): ValueType {
  const write = writeBytes(modes.binary)
  if (spell === undefined) return { ...binaryForm(modes), reader: () => write }
  return {
    ...binaryForm(modes),
    reader: () => (writer, bytes, start, end) => {
      const text = Buffer.from(spell(bytes.toString('utf8', start, end)))
      write(writer, text, 0, text.length)
    },
  }
}

const decoded = new Scratch()

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
