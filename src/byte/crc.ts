import { ViewCache } from './view-cache.ts'

/** The CRC of bytes [start, end), as an unsigned integer. */
export type Crc = (bytes: Uint8Array, start: number, end: number) => number

/** By a byte's distance from the end of its step. */
function makeTables(polynomial: number, step: number): readonly Int32Array[] {
  const tables = Array.from({ length: step }, () => new Int32Array(256))
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
    tables[0]![byte] = crc
  }
  for (let distance = 1; distance < step; distance++) {
    for (let byte = 0; byte < 256; byte++) {
      const before = tables[distance - 1]![byte]!
      tables[distance]![byte] = (before >>> 8) ^ tables[0]![before & 0xff]!
    }
  }
  return tables
}

/** A CRC of 32 bits by its polynomial, reflected. Eight bytes a step: for short pieces between other work, which wants the cache too. */
export function crcOf(polynomial: number): Crc {
  const [T0, T1, T2, T3, T4, T5, T6, T7] = makeTables(polynomial, 8) as [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array]
  const views = new ViewCache()
  return (bytes, start, end) => {
    const view = views.of(bytes)
    let crc = -1
    let at = start
    for (; at + 8 <= end; at += 8) {
      const a = crc ^ view.getInt32(at, true)
      const b = view.getInt32(at + 4, true)
      crc =
        T7[a & 0xff]! ^ T6[(a >>> 8) & 0xff]! ^ T5[(a >>> 16) & 0xff]! ^ T4[a >>> 24]! ^
        T3[b & 0xff]! ^ T2[(b >>> 8) & 0xff]! ^ T1[(b >>> 16) & 0xff]! ^ T0[b >>> 24]!
    }
    for (; at < end; at++) crc = (crc >>> 8) ^ T0[(crc ^ bytes[at]!) & 0xff]!
    return ~crc >>> 0
  }
}

/** The same, sixteen bytes a step: for long pieces. */
export function longCrcOf(polynomial: number): Crc {
  const [T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15] = makeTables(polynomial, 16) as [
    Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array,
    Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array,
  ]
  return (bytes, start, end) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let crc = -1
    let at = start
    for (; at + 16 <= end; at += 16) {
      const a = crc ^ view.getInt32(at, true)
      const b = view.getInt32(at + 4, true)
      const c = view.getInt32(at + 8, true)
      const d = view.getInt32(at + 12, true)
      crc =
        T15[a & 0xff]! ^ T14[(a >>> 8) & 0xff]! ^ T13[(a >>> 16) & 0xff]! ^ T12[a >>> 24]! ^
        T11[b & 0xff]! ^ T10[(b >>> 8) & 0xff]! ^ T9[(b >>> 16) & 0xff]! ^ T8[b >>> 24]! ^
        T7[c & 0xff]! ^ T6[(c >>> 8) & 0xff]! ^ T5[(c >>> 16) & 0xff]! ^ T4[c >>> 24]! ^
        T3[d & 0xff]! ^ T2[(d >>> 8) & 0xff]! ^ T1[(d >>> 16) & 0xff]! ^ T0[d >>> 24]!
    }
    for (; at < end; at++) crc = (crc >>> 8) ^ T0[(crc ^ bytes[at]!) & 0xff]!
    return ~crc >>> 0
  }
}
