import type { DecodeText } from './code-point.ts'
import { eastAsian } from './east-asian.ts'
import { extendedUnix } from './extended-unix.ts'
import { singleByte } from './single-byte.ts'
import { unicode } from './unicode.ts'

/** Collations of the character sets of both servers, below the rules of {@link charsetOf} (information_schema.COLLATIONS of MySQL 9.7, MariaDB 10.11 and 11.8). */
const COLLATIONS: Readonly<Record<string, readonly number[]>> = {
  big5: [1, 84], latin2: [2, 9, 21, 27, 77], dec8: [3, 69], cp850: [4, 80], latin1: [5, 8, 15, 31, 47, 48, 49, 94], hp8: [6, 72], koi8r: [7, 74], swe7: [10, 82], ascii: [11, 65],
  ujis: [12, 91], sjis: [13, 88], cp1251: [14, 23, 50, 51, 52], hebrew: [16, 71], tis620: [18, 89], euckr: [19, 85], latin7: [20, 41, 42, 79], koi8u: [22, 75], gb2312: [24, 86], greek: [25, 70],
  cp1250: [26, 34, 44, 66, 99], gbk: [28, 87], cp1257: [29, 58, 59], latin5: [30, 78], armscii8: [32, 64], cp866: [36, 68], keybcs2: [37, 73], macce: [38, 43], macroman: [39, 53], cp852: [40, 81],
  cp1256: [57, 67], binary: [63], geostd8: [92, 93], cp932: [95, 96], eucjpms: [97, 98], gb18030: [248, 249, 250], utf8mb3: [33, 76, 83, 223], ucs2: [35, 90, 159], utf8mb4: [45, 46], utf16: [54, 55],
  utf16le: [56, 62], utf32: [60, 61],
}

const BY_COLLATION: ReadonlyMap<number, string> = new Map(Object.entries(COLLATIONS).flatMap(([charset, ids]) => ids.map((id) => [id, charset] as const)))

/** Collations of Unicode's own order have numbers in a row. */
const RANGES: readonly (readonly [first: number, last: number, charset: string])[] = [
  [101, 124, 'utf16'], [128, 151, 'ucs2'], [160, 183, 'utf32'], [192, 215, 'utf8mb3'], [224, 247, 'utf8mb4'], [255, 511, 'utf8mb4'],
  // MariaDB's Croatian, Myanmar and Thai ones, and those of UCA 14.0.0
  [576, 607, 'utf8mb3'], [608, 639, 'utf8mb4'], [640, 671, 'ucs2'], [672, 703, 'utf16'], [736, 767, 'utf32'],
  [2048, 2303, 'utf8mb3'], [2304, 2559, 'utf8mb4'], [2560, 2815, 'ucs2'], [2816, 3071, 'utf16'], [3072, 3327, 'utf32'],
]

/** MariaDB's NOPAD collations are the others, so much higher. */
const NOPAD = 1024

/** The character set of a collation, undefined where it is not known. */
export function charsetOf(collation: number): string | undefined {
  const id = collation > NOPAD && collation < 2 * NOPAD ? collation - NOPAD : collation
  return BY_COLLATION.get(id) ?? RANGES.find(([first, last]) => id >= first && id <= last)?.[2]
}

/** Whether text is UTF-8 as it is. */
export function isUtf8(charset: string): boolean {
  return charset === 'utf8mb4' || charset === 'utf8mb3' || charset === 'utf8'
}

const made = new Map<string, DecodeText | undefined>()

/** How text of a character set becomes UTF-8; undefined where nobody knows. Not for those that are UTF-8, or binary. */
export function textDecoder(charset: string): DecodeText | undefined {
  if (!made.has(charset)) made.set(charset, singleByte(charset) ?? unicode(charset) ?? eastAsian(charset) ?? extendedUnix(charset))
  return made.get(charset)
}
