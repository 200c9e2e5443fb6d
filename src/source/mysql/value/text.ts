import type { HandlingModes } from '../../../event/handling-mode.ts'
import type { WriteValue } from '../../../event/schema.ts'
import { textPlaceholder } from '../../binary-value.ts'
import { readCompressed } from './compressed.ts'
import { unescaped } from './default-value.ts'
import type { ReadCell, ValueType } from './reader.ts'
import { decodingOf, isCompressed, isString, loggedDecoding, readDecoded, type Decoding } from './text-cell.ts'

const NO_CHARSET = 'its character set is not known here'
const writeEmpty: WriteValue = (writer) => writer.string('')
const writeText: ReadCell = (writer, bytes, start, end) => writer.text(bytes, start, end)

/** CHAR, VARCHAR and TEXT of all sizes. Cells of both layouts are in the column's own character set (selectExpression). */
export function textType(charset: string | undefined, modes: HandlingModes): ValueType {
  const read = (decoding: Decoding): ValueType['text'] => ({ fail }) => (decoding === undefined ? (writer) => fail(writer, NO_CHARSET) : readDecoded(decoding, writeText))
  return {
    shape: { type: 'string' },
    text: (stead) => read(decodingOf(charset))(stead),
    binlog: (stead, logged) => {
      if (!isString(logged)) return undefined
      const reader = read(loggedDecoding(logged, charset))(stead)
      return isCompressed(logged) ? readCompressed(stead, reader) : reader
    },
    zero: writeEmpty,
    placeholder: textPlaceholder(modes),
    default: (text) => {
      const value = unescaped(text)
      return (writer) => writer.string(value)
    },
  }
}
