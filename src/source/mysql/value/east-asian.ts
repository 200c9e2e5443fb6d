import { putCodePoint, REPLACEMENT, type DecodeText } from './code-point.ts'

/*
  Character sets of one and two bytes, as both servers convert them to utf8mb4. What stands behind a pair of bytes is taken from ICU, which
  Node has with it, and what MySQL has otherwise (strings/ctype-big5.cc, ctype-sjis.cc …, compared pair by pair) is listed here. A table is
  made when a column first needs it: 64 KiB, and no text is made of a cell.
*/

interface EastAsian {
  /** ICU's converter, by the Encoding Standard's name. */
  readonly icu: string
  /** Pairs that MySQL has otherwise: `pair:code point`, `*n` for so many in a row. */
  readonly changes?: string
  /** What a byte above 0x7f alone stands for: half-width katakana of Shift JIS. */
  readonly kana?: true
  /** The least second byte that belongs to the first. */
  readonly trail: number
}

const SETS: Readonly<Record<string, EastAsian>> = {
  big5: {
    icu: 'big5',
    trail: 0x40,
    changes: 'a145:2022 a14e:ff64 a15a:fffd a1c2:203e a1c3:fffd a1c5:fffd a1e3:223c a1f2:2641 a1f3:2609 a1fe:fffd a240:fffd a241:ff0f a242:ff3c a244:a5 a246:a2*2 a2cc:fffd a2ce:fffd c6a1:30fe c6a2:309d*2 c6a4:3005 c6a5:3041*83 c6f8:30a1*7 c740:30a8*63 c7a1:30e7*16 c7b1:414*2 c7b3:401 c7b4:416*7 c7bb:423*19 c7ce:451 c7cf:436*26 c7e9:2460*10 c7f3:2474*10',
  },
  sjis: { icu: 'shift_jis', trail: 0x40, kana: true, changes: '8160:301c 8161:2016 8191:a2*2 815f:5c 817c:2212 81ca:ac' },
  cp932: { icu: 'shift_jis', trail: 0x40, kana: true },
  gbk: { icu: 'gbk', trail: 0x40 },
  gb2312: { icu: 'gb2312', trail: 0xa1, changes: 'a1a4:30fb a1aa:2015' },
  gb18030: { icu: 'gb18030', trail: 0x40, changes: 'a3a0:e5e5 a6d9:e78d*7 a6ec:e794*2 a6f3:e796 fe59:e81e fe61:e826 fe66:e82b*2 fe6d:e832 fe7e:e843 fe90:e854 fea0:e864' },
  euckr: { icu: 'euc-kr', trail: 0x41, changes: 'a2e6:20ac a2e7:ae' },
}

const LAST_TRAIL = 0xfe
const KANA = { first: 0xa1, last: 0xdf, code: 0xff61 } as const
const NEW_LINE = 0x0a

/** Undefined for others. */
export function eastAsian(charset: string): DecodeText | undefined {
  const set = SETS[charset]
  if (set === undefined) return undefined
  const pairs = pairTable(set.icu, 0x81, set.trail)
  if (charset === 'euckr') addHangul(pairs)
  change(pairs, set.changes ?? '')
  return decoder(pairs, set.trail, set.kana === true, charset === 'gb18030' ? decodeFour() : undefined)
}

/** Where a pair stands in a table. */
export function pairIndex(lead: number, trail: number): number {
  return ((lead & 0x7f) << 8) | trail
}

/** Code points by {@link pairIndex}, 0 where there are none. `prefix`: bytes before each pair. */
export function pairTable(icu: string, firstLead: number, firstTrail: number, prefix: readonly number[] = []): Uint16Array {
  const table = new Uint16Array(0x8000)
  const decode = new TextDecoder(icu)
  for (let lead = firstLead; lead <= LAST_TRAIL; lead++) {
    const row: number[] = []
    for (let trail = firstTrail; trail <= LAST_TRAIL; trail++) row.push(...prefix, lead, trail, NEW_LINE)
    for (const [index, text] of decode.decode(Uint8Array.from(row)).split('\n').entries()) {
      if (text.length === 1 && text !== '\ufffd') table[pairIndex(lead, firstTrail + index)] = text.charCodeAt(0)
    }
  }
  return table
}

/** Applies changes as they are written above. */
export function change(table: Uint16Array, changes: string): void {
  for (const [, pair = '', code = '', count = '1'] of changes.matchAll(/([0-9a-f]{4}):([0-9a-f]+)(?:\*(\d+))?/g)) {
    const first = pairIndex(parseInt(pair.slice(0, 2), 16), parseInt(pair.slice(2), 16))
    for (let i = 0; i < Number(count); i++) table[first + i] = parseInt(code, 16) + i
  }
}

/** The syllables that KS X 1001 lacks, in order: what makes it the Unified Hangul Code, of which not every ICU converter knows. */
function addHangul(table: Uint16Array): void {
  const known = new Set<number>()
  for (let lead = 0xb0; lead <= 0xc8; lead++) for (let trail = 0xa1; trail <= LAST_TRAIL; trail++) known.add(table[pairIndex(lead, trail)]!)
  let syllable = 0xac00
  for (let lead = 0x81; lead <= 0xc6; lead++) {
    for (let trail = 0x41; trail <= (lead > 0xa0 ? 0xa0 : LAST_TRAIL); trail++) {
      if ((trail > 0x5a && trail < 0x61) || (trail > 0x7a && trail < 0x81)) continue
      while (known.has(syllable)) syllable++
      if (syllable > 0xd7a3) return
      table[pairIndex(lead, trail)] = syllable++
    }
  }
}

function decoder(pairs: Uint16Array, firstTrail: number, kana: boolean, four: ((bytes: Buffer, at: number) => number) | undefined): DecodeText {
  return (bytes, start, end, to) => {
    let length = 0
    let at = start
    while (at < end) {
      const lead = bytes[at]!
      if (lead < 0x80) {
        to[length++] = lead
        at++
        continue
      }
      if (kana && lead >= KANA.first && lead <= KANA.last) {
        length = putCodePoint(to, length, KANA.code + lead - KANA.first)
        at++
        continue
      }
      const trail = at + 1 < end ? bytes[at + 1]! : 0
      if (four !== undefined && trail >= 0x30 && trail <= 0x39 && at + 3 < end) {
        length = putCodePoint(to, length, four(bytes, at))
        at += 4
        continue
      }
      const code = trail >= firstTrail ? pairs[pairIndex(lead, trail)]! : 0
      length = putCodePoint(to, length, code === 0 ? REPLACEMENT : code)
      at += trail >= firstTrail ? 2 : 1
    }
    return length
  }
}

/** The four bytes of GB 18030. They are rare: text is made of them. */
function decodeFour(): (bytes: Buffer, at: number) => number {
  const decode = new TextDecoder('gb18030')
  return (bytes, at) => decode.decode(bytes.subarray(at, at + 4)).codePointAt(0) ?? REPLACEMENT
}
