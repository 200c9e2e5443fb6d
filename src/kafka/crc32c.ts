import { longCrcOf } from '../byte/crc.ts'

/** CRC-32C of bytes [start, end), as an unsigned 32-bit integer. Castagnoli's polynomial, reflected (RFC 3720, appendix B.4). */
export const crc32c: (bytes: Uint8Array, start: number, end: number) => number = longCrcOf(0x82f63b78)
