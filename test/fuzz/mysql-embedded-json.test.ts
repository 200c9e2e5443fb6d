import { describe, expect, it } from 'vitest'
import { EMBED_GROWTH, EMBED_MORE, type EmbedJson } from '../../src/event/cell-writer.ts'
import { RecordBatch } from '../../src/format/record-batch.ts'
import { JsonWriter } from '../../src/json/json-writer.ts'
import { JSONB } from '../../src/source/mysql/json/binary-json.ts'
import { compactJson } from '../../src/source/mysql/json/compact-json.ts'
import { embedJson } from '../../src/source/mysql/json/embed-json.ts'
import { embedText } from '../../src/source/mysql/json/embed-text.ts'
import { JsonText } from '../../src/source/mysql/json/json-text.ts'
import { writeJson } from '../../src/source/mysql/json/write-json.ts'
import { isTailraceError } from '../../src/error/tailrace-error.ts'
import { campaign, type Random } from './campaign.ts'
import { mutate } from './mutation.ts'
import { readJsonCapture } from './mysql-json-capture.ts'

const capture = readJsonCapture()
const documents = capture.documents.map(({ binary }) => Buffer.from(binary, 'base64'))
const texts = capture.documents.map(({ text }) => Buffer.from(text.replaceAll(',', ', ').replaceAll(':', ': ')))
const scratch = new JsonText()
const out = Buffer.alloc(1 << 20)

/** What JsonWriter writes of a document in two steps: its text, then the text as a JSON string. */
function inTwoSteps(write: typeof writeJson, bytes: Buffer): string {
  scratch.clear()
  write(bytes, 0, bytes.length, scratch)
  return written((writer) => writer.json(scratch.bytes, 0, scratch.length))
}

function written(write: (writer: JsonWriter) => void): string {
  const batch = new RecordBatch(64)
  const writer = new JsonWriter()
  writer.begin(batch)
  write(writer)
  writer.end()
  return batch.bytes.toString('utf8', 0, batch.length)
}

/** Undefined: it gave up, or the document is damaged. */
function atOnce(embed: EmbedJson, bytes: Buffer): string | undefined {
  try {
    const w = embed(bytes, 0, bytes.length, out, 0)
    expect(w).toBeLessThanOrEqual(EMBED_GROWTH * bytes.length + EMBED_MORE)
    return w < 0 ? undefined : `"${out.toString('utf8', 0, w)}"`
  } catch (error) {
    if (isTailraceError(error) && error.code === 'TR_MYSQL_PROTOCOL') return undefined
    throw error
  }
}

describe.each([['binary', embedJson, writeJson, documents], ['as text', embedText, compactJson, texts]] as const)('a document inside of a JSON string, %s', (name, embed, write, all) => {
  it('is the same at once and in two steps, or is left to the two', () => {
    const done = all.filter((bytes) => {
      const text = atOnce(embed, bytes)
      if (text !== undefined) expect(text).toBe(inTwoSteps(write, bytes))
      return text !== undefined
    })
    expect(done.length).toBeGreaterThan(5)
    expect(done.length).toBeLessThan(all.length)
  })

  it('is so, too, where it is damaged', { timeout: 120_000 }, async () => {
    let same = 0
    await campaign(`embedded JSON, ${name}`, 20_000, (random: Random) => {
      const bytes = mutate(random.pick(all), random, [...all])
      const text = atOnce(embed, bytes)
      if (text === undefined) return
      expect(text).toBe(inTwoSteps(write, bytes))
      same++
    })
    expect(same).toBeGreaterThan(500)
  })
})

describe('a binary document inside of a JSON string', () => {
  it('has integers of all widths', () => {
    const numbers = Buffer.alloc(8)
    numbers.writeInt32LE(-70_000, 0)
    numbers.writeUInt32LE(4_000_000_000, 4)
    const bytes = arrayOf([[JSONB.int32, 'behind'], [JSONB.uint32, 'behind', 4], [JSONB.int16, -5 & 0xffff], [JSONB.int16, 32_767], [JSONB.uint16, 65_535], [JSONB.literal, 1]], numbers)
    expect(atOnce(embedJson, bytes)).toBe('"[-70000,4000000000,-5,32767,65535,true]"')
    expect(inTwoSteps(writeJson, bytes)).toBe('"[-70000,4000000000,-5,32767,65535,true]"')
  })

  it('is given up where parts of it are used again and again, before the room is used up', () => {
    const string = Buffer.concat([Buffer.from([100]), Buffer.alloc(100, 'x')])
    const ones = arrayOf(Array.from({ length: 100 }, () => [JSONB.int16, 11_111] as const)).subarray(1)
    for (const [type, part] of [[JSONB.string, string], [JSONB.smallArray, ones]] as const) {
      const bytes = arrayOf(Array.from({ length: 1000 }, () => [type, 'behind'] as const), part)
      out.fill(0)
      expect(atOnce(embedJson, bytes)).toBeUndefined()
      expect(out.findLastIndex((byte) => byte !== 0)).toBeLessThan(EMBED_GROWTH * bytes.length + EMBED_MORE)
    }
  })
})

/** A small array: type of each entry, and its value or that it stands `behind` the entries. */
function arrayOf(entries: readonly (readonly [type: number, value: number | 'behind', offset?: number])[], behind: Buffer = Buffer.alloc(0)): Buffer {
  const data = 4 + 3 * entries.length
  const bytes = Buffer.alloc(1 + data)
  bytes[0] = JSONB.smallArray
  bytes.writeUInt16LE(entries.length, 1)
  bytes.writeUInt16LE(data + behind.length, 3)
  entries.forEach(([type, value, offset = 0], index) => {
    bytes[5 + 3 * index] = type
    bytes.writeUInt16LE(value === 'behind' ? data + offset : value, 6 + 3 * index)
  })
  return Buffer.concat([bytes, behind])
}

describe('what is written where it is to stand', () => {
  const text = Buffer.from('{"a": [1, "b"], "ä": null}')

  it('begins and ends with quotes, in a batch of any room', () => {
    expect(written((writer) => {
      expect(writer.embed(embedText, text, 0, text.length)).toBe(true)
      expect(writer.embed(embedText, text, 6, 14)).toBe(true)
    })).toBe(String.raw`"{\"a\":[1,\"b\"],\"ä\":null}""[1,\"b\"]"`)
  })

  it('is nothing where it gives up, and where the document is long', () => {
    const long = Buffer.from(`"${'x'.repeat(5000)}"`)
    const escaped = Buffer.from(String.raw`["b", "\n"]`)
    expect(written((writer) => {
      writer.integer(1)
      expect(writer.embed(embedText, long, 0, long.length)).toBe(false)
      expect(writer.embed(embedText, escaped, 0, escaped.length)).toBe(false)
      writer.integer(2)
    })).toBe('12')
  })

  it.each(['"\u0001"', '"\ud83d\ude00"', '"', '{"a', '\\', '\u00e4', '[1]\n'])('is left to two steps: %j', (rare) => {
    expect(atOnce(embedText, Buffer.from(rare))).toBeUndefined()
  })
})
