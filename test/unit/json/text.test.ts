import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seedOf } from '../offset/seed.ts'
import { slice, writeBytes, writeJson } from './write-json.ts'

/** Jackson's text: what JSON.stringify writes, but with upper-case hex digits and escaped surrogates. */
function jackson(text: string): string {
  return JSON.stringify(text)
    .replace(/\\u([0-9a-f]{4})/g, (_, hex: string) => `\\u${hex.toUpperCase()}`)
    .replace(/[\u{10000}-\u{10ffff}]/gu, (character) => [0, 1].map((i) => `\\u${character.charCodeAt(i).toString(16).toUpperCase()}`).join(''))
}

const written = (text: string): string => {
  const { bytes, start, end } = slice(text)
  return writeJson((writer) => writer.text(bytes, start, end))
}

describe('text', () => {
  test('control characters, quotes and backslashes are escaped as Jackson does', () => {
    expect(written('\t\n\r\b\f\u0001"\\/')).toBe(String.raw`"\t\n\r\b\f\u0001\"\\/"`)
    expect(written('\u0000\u000b\u001f\u007f')).toBe('"\\u0000\\u000B\\u001F\u007f"')
  })

  test('characters beyond ASCII stay as they are, beyond U+FFFF they become two escapes', () => {
    expect(written('é ключ 漢字 \u2028 ÿ')).toBe('"é ключ 漢字 \u2028 ÿ"')
    expect(written('emoji 😀')).toBe('"emoji \\uD83D\\uDE00"')
    expect(written('\u{10000}\u{10ffff}')).toBe('"\\uD800\\uDC00\\uDBFF\\uDFFF"')
  })

  test('half of such a character, as a cut leaves it, is Jackson’s escape of it', () => {
    const half = '"é\\ \u0001😀'.slice(0, -1)
    expect(writeJson((writer) => writer.string(half))).toBe(String.raw`"\"é\\ \u0001\uD83D"`)
    expect(writeJson((writer) => writer.string('\ude00x😀'))).toBe(String.raw`"\uDE00x\uD83D\uDE00"`)
  })

  test('empty text is two quotes', () => {
    expect(written('')).toBe('""')
  })

  test('any text reads back the same, from bytes and from a string', () => {
    const seed = seedOf('text')
    const unit = fc.oneof(fc.constantFrom('"', '\\', '\n', '\u0000', '\u001f', 'é', '漢', '😀'), fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), fc.string({ unit: 'grapheme-ascii', maxLength: 60 }))
    const texts = fc.array(unit, { maxLength: 40 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(texts, (text) => {
        expect(JSON.parse(written(text))).toBe(text)
        expect(written(text)).toBe(jackson(text))
        expect(writeJson((writer) => writer.string(text))).toBe(jackson(text))
      }),
      { seed, numRuns: 500 },
    )
  })

  test('every character at every place of a word is written right, behind an escape and where none was before', () => {
    for (const before of ['', '"', '\u0001', '{"a": ']) {
      for (let code = 0; code < 0x180; code++) {
        for (let place = 0; place < 8; place++) {
          const text = before + 'x'.repeat(place) + String.fromCharCode(code) + 'y'.repeat(9 - place)
          expect(written(text)).toBe(jackson(text))
        }
      }
    }
  })

  test('a character at any place near the end of a piece is kept whole', () => {
    for (const character of ['"', '\u0001', 'é', '漢', '😀', '😀😀']) {
      for (let length = 0; length < 270; length++) {
        const text = 'x'.repeat(length) + character + 'y'.repeat(140)
        expect(written(text)).toBe(jackson(text))
      }
    }
  })

  test('bytes that are no UTF-8 are passed on, not read beyond the slice', () => {
    const seed = seedOf('bytes that are no UTF-8')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (content) => {
        const { bytes, start, end } = slice(content)
        const inside = writeBytes((writer) => writer.text(bytes, start, end))
        const alone = Buffer.from(content)
        expect(inside).toEqual(writeBytes((writer) => writer.text(alone, 0, alone.length)))
        expect(inside.length).toBeLessThanOrEqual(2 + content.length * 6)
      }),
      { seed },
    )
    const torn = slice(Buffer.from([0x61, 0xf0, 0x9f, 0x98]))
    expect(writeBytes((writer) => writer.text(torn.bytes, torn.start, torn.end))).toEqual(Buffer.from([0x22, 0x61, 0xf0, 0x9f, 0x98, 0x22]))
  })

  test('several megabytes of text with an escape here and there', () => {
    const text = 'plain ascii '.repeat(100_000) + '\n' + 'é漢😀"'.repeat(100_000)
    expect(written(text) === jackson(text)).toBe(true)
  })

  test('plain text and JSON text', () => {
    const { bytes, start, end } = slice('2026-11-20')
    expect(writeJson((writer) => writer.plain(bytes, start, end))).toBe('"2026-11-20"')
    const json = slice('{"a": "é"}')
    expect(writeJson((writer) => writer.json(json.bytes, json.start, json.end))).toBe('"{\\"a\\": \\"é\\"}"')
  })
})
