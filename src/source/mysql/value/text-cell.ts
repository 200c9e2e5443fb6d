import { Scratch } from '../../../byte/scratch.ts'
import type { CellWriter } from '../../../event/cell-writer.ts'
import { TYPE } from '../binlog/column-type.ts'
import type { LoggedColumn } from '../binlog/logged-column.ts'
import { charsetOf, isUtf8, textDecoder } from './charset.ts'
import type { DecodeText } from './code-point.ts'
import type { ReadCell } from './reader.ts'

/** UTF-8 needs at most three bytes for each byte of any other character set. */
const MOST_GROWTH = 3
/** The server's character set where the definition names none. */
const DEFAULT = 'utf8mb4'

const decoded = new Scratch()

/** How cells of one character set become UTF-8: `as-is`, or a decoder; undefined where nobody knows it. */
export type Decoding = 'as-is' | DecodeText | undefined

export function decodingOf(charset: string | undefined): Decoding {
  const name = charset ?? DEFAULT
  return isUtf8(name) ? 'as-is' : textDecoder(name)
}

/** The log says which collation it used; where it does not, the definition does. */
export function loggedDecoding({ collation }: LoggedColumn, charset: string | undefined): Decoding {
  return decodingOf((collation === undefined ? undefined : charsetOf(collation)) ?? charset)
}

/** Calls `write` with the cell as UTF-8. */
export function readDecoded(decoding: 'as-is' | DecodeText, write: ReadCell): ReadCell {
  if (decoding === 'as-is') return write
  return (writer: CellWriter, bytes, start, end) => {
    const to = decoded.take((end - start) * MOST_GROWTH)
    write(writer, to, 0, decoding(bytes, start, end, to))
  }
}

/** Text and bytes of any length. */
export function isString({ type }: LoggedColumn): boolean {
  switch (type) {
    case TYPE.varchar:
    case TYPE.varString:
    case TYPE.string:
    case TYPE.tinyBlob:
    case TYPE.mediumBlob:
    case TYPE.longBlob:
    case TYPE.blob:
    case TYPE.varcharCompressed:
    case TYPE.blobCompressed:
      return true
    default:
      return false
  }
}

export function isCompressed({ type }: LoggedColumn): boolean {
  return type === TYPE.varcharCompressed || type === TYPE.blobCompressed
}
