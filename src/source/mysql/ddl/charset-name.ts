/** Bytes of a character at most (information_schema.CHARACTER_SETS.MAXLEN); the others have one. */
const WIDTHS: Readonly<Record<string, number>> = {
  utf8mb4: 4, utf8mb3: 3, utf16: 4, utf16le: 4, utf32: 4, ucs2: 2, gb18030: 4, gbk: 2, gb2312: 2, big5: 2, sjis: 2, cp932: 2, euckr: 2, ujis: 3, eucjpms: 3,
}

export function charsetWidth(charset: string): number {
  return WIDTHS[charset] ?? 1
}

/** In lower case, by the name that the server itself writes. */
export function charsetName(name: string): string {
  const lower = name.toLowerCase()
  return lower === 'utf8' ? 'utf8mb3' : lower
}

/** The character set that a collation is of; undefined for MariaDB's `uca1400_…`, which go with several. */
export function charsetOfCollation(collation: string): string | undefined {
  const prefix = charsetName(collation.split('_')[0]!)
  return prefix === 'uca1400' ? undefined : prefix
}
