import { putCodePoint, REPLACEMENT, type DecodeText } from './code-point.ts'
import { change, pairIndex, pairTable } from './east-asian.ts'

/** Half-width katakana, and the pairs of JIS X 0212, come behind one of these. */
const KANA = 0x8e
const SUPPLEMENT = 0x8f
const FIRST = 0xa1
const LAST_KANA = 0xdf
const FIRST_KANA = 0xff61
const CELLS = 94
const FIRST_USER_ROW = 0xf5
const USER_ROWS = 10
const USER_CODE = 0xe000
const SUPPLEMENT_USER_CODE = 0xe3ac

interface Changes {
  readonly pairs: string
  readonly supplement: string
}

/** What MySQL has otherwise than ICU (strings/ctype-ujis.cc, ctype-eucjpms.cc). */
const SETS: Readonly<Record<string, Changes>> = {
  ujis: { pairs: 'a1c0:5c a1c1:301c a1c2:2016 a1dd:2212 a1f1:a2*2 a2cc:ac', supplement: 'a2b7:7e' },
  eucjpms: {
    pairs: '',
    supplement: 'a2c3:ffe4 f3f3:2170*10 f3fd:2160*2 f4a1:2162*8 f4a9:ff07 f4aa:ff02 f4ab:3231 f4ac:2116 f4ad:2121 f4ae:70bb f4af:4efc f4b0:50f4 f4b1:51ec f4b2:5307 f4b3:5324 f4b4:fa0e f4b5:548a f4b6:5759 f4b7:fa0f*2 f4b9:589e f4ba:5bec f4bb:5cf5 f4bc:5d53 f4bd:fa11 f4be:5fb7 f4bf:6085 f4c0:6120 f4c1:654e f4c2:663b f4c3:6665 f4c4:fa12 f4c5:f929 f4c6:6801 f4c7:fa13*2 f4c9:6a6b f4ca:6ae2 f4cb:6df8 f4cc:6df2 f4cd:7028 f4ce:fa15*2 f4d0:7501 f4d1:7682 f4d2:769e f4d3:fa17 f4d4:7930 f4d5:fa18*4 f4d9:7ae7 f4da:fa1c*2 f4dc:7da0 f4dd:7dd6 f4de:fa1e f4df:8362 f4e0:fa1f f4e1:85b0 f4e2:fa20*2 f4e4:8807 f4e5:fa22 f4e6:8b7f f4e7:8cf4 f4e8:8d76 f4e9:fa23*3 f4ec:90de f4ed:fa26 f4ee:9115 f4ef:fa27*2 f4f1:9592 f4f2:f9dc f4f3:fa29 f4f4:973b f4f5:974d f4f6:9751 f4f7:fa2a*3 f4fa:999e f4fb:9ad9 f4fc:9b72 f4fd:fa2d f4fe:9ed1',
  },
}

/** ujis and eucjpms: EUC-JP; undefined for others. */
export function extendedUnix(charset: string): DecodeText | undefined {
  const changes = SETS[charset]
  if (changes === undefined) return undefined
  const pairs = pairTable('euc-jp', FIRST, FIRST)
  const supplement = pairTable('euc-jp', FIRST, FIRST, [SUPPLEMENT])
  addUserRows(pairs, USER_CODE)
  addUserRows(supplement, SUPPLEMENT_USER_CODE)
  change(pairs, changes.pairs)
  change(supplement, changes.supplement)
  return (bytes, start, end, to) => decode(bytes, start, end, to, pairs, supplement)
}

/** Rows without characters of their own are Unicode's private use area. */
function addUserRows(table: Uint16Array, code: number): void {
  for (let row = 0; row < USER_ROWS; row++) for (let cell = 0; cell < CELLS; cell++) table[pairIndex(FIRST_USER_ROW + row, FIRST + cell)] = code + row * CELLS + cell
}

function decode(bytes: Buffer, start: number, end: number, to: Buffer, pairs: Uint16Array, supplement: Uint16Array): number {
  let length = 0
  let at = start
  while (at < end) {
    const lead = bytes[at]!
    if (lead < 0x80) {
      to[length++] = lead
      at++
      continue
    }
    const size = lead === SUPPLEMENT ? 3 : 2
    const whole = at + size <= end && bytes[at + 1]! >= FIRST && bytes[at + size - 1]! >= FIRST
    const code = !whole ? 0 : lead === KANA ? kana(bytes[at + 1]!) : (lead === SUPPLEMENT ? supplement : pairs)[pairIndex(bytes[at + size - 2]!, bytes[at + size - 1]!)]!
    length = putCodePoint(to, length, code === 0 ? REPLACEMENT : code)
    at += whole ? size : 1
  }
  return length
}

function kana(byte: number): number {
  return byte <= LAST_KANA ? FIRST_KANA + byte - FIRST : 0
}
