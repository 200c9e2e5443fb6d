/*
  A COMPRESSED column of MariaDB (sql/field.cc, compress_zlib): nothing for an empty value; else a byte, 0 where the value follows as it is, or 0x80
  + 0x08 (deflate without zlib's header) + the bytes of the length, big-endian; then the length of the value, then the deflated bytes.
*/
import { inflateRawSync, inflateSync } from 'node:zlib'
import { MALFORMED, type ReadCell, type Stead } from './reader.ts'

const DEFLATED = 0x80
const RAW = 0x08
const LENGTH_BYTES = 0x07
const UNUSED = 0x70

/** Calls `read` with the value. */
export function readCompressed({ fail }: Stead, read: ReadCell): ReadCell {
  return (writer, bytes, start, end) => {
    const value = inflateCell(bytes, start, end)
    if (value === undefined) fail(writer, MALFORMED)
    else read(writer, value, 0, value.length)
  }
}

/** The value of a cell; undefined where it does not read as one. */
export function inflateCell(bytes: Buffer, start: number, end: number): Buffer | undefined {
  const header = bytes[start]!
  if (start === end || header === 0) return bytes.subarray(Math.min(start + 1, end), end)
  const size = header & LENGTH_BYTES
  if ((header & DEFLATED) === 0 || (header & UNUSED) !== 0 || size < 1 || size > 4 || end - start <= size) return undefined
  const length = bytes.readUIntBE(start + 1, size)
  try {
    const inflate = (header & RAW) === 0 ? inflateSync : inflateRawSync
    const value = inflate(bytes.subarray(start + 1 + size, end), { maxOutputLength: Math.max(length, 1) })
    return value.length === length ? value : undefined
  } catch {
    return undefined
  }
}
