import type { HandlingModes } from '../../../event/handling-mode.ts'
import { Scratch } from '../../../byte/scratch.ts'
import { binaryForm, writeBytes } from '../../binary-value.ts'
import { TYPE } from '../binlog/column-type.ts'
import type { LoggedColumn } from '../binlog/logged-column.ts'
import { readCompressed } from './compressed.ts'
import { unescaped } from './default-value.ts'
import type { ReadCell, ValueType } from './reader.ts'
import { isCompressed, isString } from './text-cell.ts'

/** BINARY, VARBINARY and BLOB of all sizes, by `binary.handling.mode`. */
export function binaryType(modes: HandlingModes): ValueType {
  const write = writeBytes(modes.binary)
  return {
    ...binaryForm(modes),
    text: () => write,
    binlog: (stead, logged) => {
      if (!isString(logged)) return undefined
      if (isCompressed(logged)) return readCompressed(stead, write)
      return logged.type === TYPE.string ? readPadded(logged, write) : write
    },
    default: (text) => {
      const bytes = Buffer.from(unescaped(text))
      return (writer) => write(writer, bytes, 0, bytes.length)
    },
  }
}

const padded = new Scratch()

/** The log leaves out a BINARY's zeros at the end; the table map says how many bytes it has. */
export function readPadded({ meta }: LoggedColumn, read: ReadCell): ReadCell {
  return (writer, bytes, start, end) => {
    const length = end - start
    if (length >= meta) return read(writer, bytes, start, end)
    const to = padded.take(meta)
    bytes.copy(to, 0, start, end)
    to.fill(0, length, meta)
    read(writer, to, 0, meta)
  }
}
