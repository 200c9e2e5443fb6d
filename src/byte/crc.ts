/**
 * Tables of a reflected CRC of 32 bits, by a byte's distance from the end of the bytes that are taken in one step ("slicing": M. Kounavis, F. Berry,
 * A Systematic Approach to Building High Performance Software-based CRC Generators, 2005).
 */
export function crcTables(polynomial: number, step: number): readonly Int32Array[] {
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
