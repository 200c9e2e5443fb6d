import { ViewCache } from './view-cache.ts'

/** Bytes. */
const STEP = 16
type Tables = [
  Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array,
  Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array,
]

/** By a byte's distance from the end of its step. */
function makeTables(polynomial: number): Tables {
  const tables = Array.from({ length: STEP }, () => new Int32Array(256)) as Tables
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
    tables[0][byte] = crc
  }
  for (let distance = 1; distance < STEP; distance++) {
    for (let byte = 0; byte < 256; byte++) {
      const before = tables[distance - 1]![byte]!
      tables[distance]![byte] = (before >>> 8) ^ tables[0][before & 0xff]!
    }
  }
  return tables
}

/** The CRC of 32 bits with this polynomial, reflected: of bytes [start, end), as an unsigned integer. Sixteen bytes a step, then four. */
export function crcOf(polynomial: number): (bytes: Uint8Array, start: number, end: number) => number {
  const [T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15] = makeTables(polynomial)
  const views = new ViewCache()
  return (bytes, start, end) => {
    const view = views.of(bytes)
    let crc = -1
    let at = start
    for (; at + STEP <= end; at += STEP) {
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
    for (; at + 4 <= end; at += 4) {
      const a = crc ^ view.getInt32(at, true)
      crc = T3[a & 0xff]! ^ T2[(a >>> 8) & 0xff]! ^ T1[(a >>> 16) & 0xff]! ^ T0[a >>> 24]!
    }
    for (; at < end; at++) crc = (crc >>> 8) ^ T0[(crc ^ bytes[at]!) & 0xff]!
    return ~crc >>> 0
  }
}
