/** Numbers of collations (information_schema.COLLATIONS of MySQL 9.7, COLLATION_CHARACTER_SET_APPLICABILITY of MariaDB 11.8: where both have a number, it is of the same character set). */
const NUMBERS: Readonly<Record<string, string>> = {
  big5: '1 84',
  latin2: '2 9 21 27 77',
  dec8: '3 69',
  cp850: '4 80',
  latin1: '5 8 15 31 47-49 94',
  hp8: '6 72',
  koi8r: '7 74',
  swe7: '10 82',
  ascii: '11 65',
  ujis: '12 91',
  sjis: '13 88',
  cp1251: '14 23 50-52',
  hebrew: '16 71',
  tis620: '18 89',
  euckr: '19 85',
  latin7: '20 41-42 79',
  koi8u: '22 75',
  gb2312: '24 86',
  greek: '25 70',
  cp1250: '26 34 44 66 99',
  gbk: '28 87',
  cp1257: '29 58-59',
  latin5: '30 78',
  armscii8: '32 64',
  utf8mb3: '33 76 83 192-223 576-579 2048-2247',
  ucs2: '35 90 128-159 640-642 2560-2759',
  cp866: '36 68',
  keybcs2: '37 73',
  macce: '38 43',
  macroman: '39 53',
  cp852: '40 81',
  utf8mb4: '45-46 224-247 255-323 608-611 2304-2503',
  utf16: '54-55 101-124 672-674 2816-3015',
  utf16le: '56 62',
  cp1256: '57 67',
  utf32: '60-61 160-183 736-738 3072-3271',
  binary: '63',
  geostd8: '92-93',
  cp932: '95-96',
  eucjpms: '97-98',
  gb18030: '248-250',
}

/** MariaDB: the same collation without padding. */
const NOPAD = 1024

const CHARSETS: ReadonlyMap<number, string> = new Map(
  Object.entries(NUMBERS).flatMap(([charset, numbers]) =>
    numbers.split(' ').flatMap((range) => {
      const [first, last = first] = range.split('-').map(Number)
      return Array.from({ length: last! - first! + 1 }, (_, index) => [first! + index, charset] as const)
    }),
  ),
)

/** The character set of a collation by its number; undefined for a number that is not known. */
export function charsetOfCollationId(id: number): string | undefined {
  return CHARSETS.get(id) ?? CHARSETS.get(id - NOPAD)
}
