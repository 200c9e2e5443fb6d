import type { StoredOffset } from '../offset-store.ts'
import { decodeOffset, encodeOffset, MAX_OFFSET_BYTES } from './offset-file.ts'

/** What stands in an offset file. One for each store: it may remember what else the file held. */
export interface FileCodec {
  /** Larger files are refused. */
  readonly maxBytes: number
  /** The engine's offset, undefined where there is none; `bytes` is undefined where there is no file. `file` is for messages. */
  decode(bytes: Buffer | undefined, engine: string, file: string): StoredOffset | undefined
  /** The file's new bytes. */
  encode(offset: StoredOffset): Buffer
}

/** Our own form: one engine's offset as JSON. */
export const jsonCodec: FileCodec = {
  maxBytes: MAX_OFFSET_BYTES,
  decode: (bytes, engine, file) => (bytes === undefined ? undefined : decodeOffset(bytes, engine, file)),
  encode: encodeOffset,
}
