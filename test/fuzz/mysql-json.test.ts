import { expect, test } from 'vitest'
import { isTailraceError } from '../../src/error/tailrace-error.ts'
import { compactJson } from '../../src/source/mysql/json/compact-json.ts'
import { applyDiffs } from '../../src/source/mysql/json/json-diff.ts'
import { JsonText } from '../../src/source/mysql/json/json-text.ts'
import { readJson } from '../../src/source/mysql/json/read-json.ts'
import { writeJson } from '../../src/source/mysql/json/write-json.ts'
import { campaign, quote, withinLimits, type Random } from './campaign.ts'
import { mutate } from './mutation.ts'
import { readJsonCapture } from './mysql-json-capture.ts'

/*
  MySQL's binary JSON, damaged: text that JSON.parse reads, or an error with a code; the same of differences. The documents are those
  of the capture.
*/

const capture = readJsonCapture()
const documents = capture.documents.map(({ binary }) => Buffer.from(binary, 'base64'))
const updates = capture.updates.map(({ before, diffs }) => ({ before: Buffer.from(before, 'base64'), diffs: Buffer.from(diffs, 'base64') }))
const text = new JsonText()

test('what the server wrote is read as the server reads it', () => {
  expect(documents.length).toBeGreaterThan(20)
  expect(updates.length).toBeGreaterThan(15)
  for (const [index, document] of documents.entries()) expect(textOf(document)).toBe(capture.documents[index]!.text)
  for (const [index, { before, diffs }] of updates.entries()) expect(textOf(applyDiffs(before, 0, before.length, diffs, 0, diffs.length))).toBe(capture.updates[index]!.text)
})

test('a document’s value is what JSON.parse makes of its text, without the text', { timeout: 600_000 }, async () => {
  const same = (document: Buffer): void => expect(readJson(document, 0, document.length)).toStrictEqual(JSON.parse(textOf(document)))
  for (const document of [...documents, Buffer.alloc(0), nested(100, 1)]) same(document)
  const shadowed = documentOf('__proto__')
  expect(Object.keys(readJson(shadowed, 0, shadowed.length) as object)).toEqual(['__proto__'])
  expect(codeOf(() => readJson(nested(101, 1), 0, nested(101, 1).length))).toBe('TR_MYSQL_PROTOCOL')
  const bomb = nested(90, 20)
  expect(await withinLimits(bomb, () => codeOf(() => readJson(bomb, 0, bomb.length)), 4)).toBe('TR_MYSQL_PROTOCOL')
  await campaign('values of binary JSON', 30_000, (random) => {
    const document = damage(random.pick(documents), random)
    let value: unknown
    const failure = outcome(document, () => void (value = readJson(document, 0, document.length)))
    if (failure === undefined && outcome(document, () => textOf(document)) === undefined) expect(value).toStrictEqual(JSON.parse(textOf(document)))
  })
})

test('an empty document is null, and nothing can be done to it', () => {
  expect(textOf(Buffer.alloc(0))).toBe('null')
  const { diffs } = updates[0]!
  expect(codeOf(() => applyDiffs(Buffer.alloc(0), 0, 0, diffs, 0, diffs.length))).toBe('TR_MYSQL_PROTOCOL')
})

test('a document is read from the middle of other bytes, and written behind other text', () => {
  for (const [index, document] of documents.entries()) {
    const around = Buffer.concat([Buffer.alloc(7, 0xff), document, Buffer.alloc(9, 0xff)])
    text.clear()
    text.ascii('before')
    writeJson(around, 7, 7 + document.length, text)
    expect(text.bytes.toString('utf8', 0, text.length)).toBe(`before${capture.documents[index]!.text}`)
  }
  for (const [index, { before, diffs }] of updates.entries()) {
    const around = Buffer.concat([Buffer.alloc(5, 0xff), before, Buffer.alloc(3, 0xff), diffs, Buffer.alloc(4, 0xff)])
    const result = applyDiffs(around, 5, 5 + before.length, around, 8 + before.length, 8 + before.length + diffs.length)
    expect(textOf(result)).toBe(capture.updates[index]!.text)
  }
})

test('damaged documents end in JSON or an error', { timeout: 600_000 }, async () => {
  const seen = { value: 0, error: 0 }
  await campaign('binary JSON', 60_000, (random) => {
    const document = damage(random.pick(documents), random)
    seen[outcome(document, () => void JSON.parse(textOf(document))) === undefined ? 'value' : 'error']++
  })
  expect(seen.value).toBeGreaterThan(5_000)
  expect(seen.error).toBeGreaterThan(5_000)
})

test('damaged differences end in a document or an error', { timeout: 600_000 }, async () => {
  const seen = { value: 0, error: 0 }
  await campaign('JSON differences', 40_000, (random) => {
    const update = random.pick(updates)
    const before = random.chance(3) ? damage(update.before, random) : update.before
    const diffs = random.chance(10) ? random.pick(updates).diffs : damage(update.diffs, random)
    const failure = outcome(Buffer.concat([before, diffs]), () => {
      const after = applyDiffs(before, 0, before.length, diffs, 0, diffs.length)
      // what was not taken apart may be damaged as before
      expect([undefined, 'TR_MYSQL_PROTOCOL']).toContain(outcome(after, () => void JSON.parse(textOf(after))))
    })
    seen[failure === undefined ? 'value' : 'error']++
  })
  expect(seen.value).toBeGreaterThan(1_000)
  expect(seen.error).toBeGreaterThan(5_000)
})

test('parts that are used again and again cost no more than the document is worth', { timeout: 60_000 }, async () => {
  const bomb = nested(90, 20)
  expect(await withinLimits(bomb, () => codeOf(() => textOf(bomb)), 4)).toBe('TR_MYSQL_PROTOCOL')
  const shared = repeated(Buffer.concat([Buffer.from([0x80 | (20_000 & 0x7f), 0x80 | ((20_000 >> 7) & 0x7f), 20_000 >> 14]), Buffer.alloc(20_000, 'x')]), 12, 10_000)
  expect(await withinLimits(shared, () => codeOf(() => textOf(shared)), 4)).toBe('TR_MYSQL_PROTOCOL')
  // REMOVE $[0]
  const remove = Buffer.from([2, 4, 0x24, 0x5b, 0x30, 0x5d])
  expect(await withinLimits(shared, () => codeOf(() => applyDiffs(shared, 0, shared.length, remove, 0, remove.length)), 3)).toBe('TR_MYSQL_PROTOCOL')
})

test('more than a hundred levels are an error', () => {
  expect(textOf(nested(100, 1))).toBe(`${'['.repeat(100)}null${']'.repeat(100)}`)
  expect(codeOf(() => textOf(nested(101, 1)))).toBe('TR_MYSQL_PROTOCOL')
})

test('any text can be made compact without growing', { timeout: 60_000 }, async () => {
  const texts = capture.documents.map((document) => Buffer.from(document.text.replaceAll(',', ', ')))
  await campaign('compact JSON', 20_000, (random) => {
    const server = mutate(random.pick(texts), random, texts)
    text.clear()
    compactJson(server, 0, server.length, text)
    expect(text.length).toBeLessThanOrEqual(server.length)
  })
})

/** `{"<key>": 1}` */
function documentOf(key: string): Buffer {
  const size = 11 + key.length
  return Buffer.concat([Buffer.from([0, 1, 0, size, 0, 11, 0, key.length, 0, 5, 1, 0]), Buffer.from(key)])
}

function damage(bytes: Buffer, random: Random): Buffer {
  const damaged = mutate(bytes, random, documents)
  if (damaged.length >= 2 && random.chance(2)) damaged.writeUInt16LE(random.below(random.pick([16, 256, damaged.length + 2])), random.below(damaged.length - 1))
  return damaged
}

/** The code of the error that it ends with; one without a code fails the test. */
function outcome(input: Buffer, run: () => void): string | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (isTailraceError(error) && error.code === 'TR_MYSQL_PROTOCOL') return error.code
    throw new Error(`no error of ours for ${quote(input)}`, { cause: error })
  }
}

function codeOf(run: () => unknown): string | undefined {
  try {
    run()
  } catch (error) {
    return isTailraceError(error) ? error.code : String(error)
  }
  return undefined
}

function textOf(document: Buffer): string {
  text.clear()
  writeJson(document, 0, document.length, text)
  return text.bytes.toString('utf8', 0, text.length)
}

/** Arrays in arrays, each with so many times the same one. */
function nested(levels: number, times: number): Buffer {
  let body = Buffer.from([0])
  let type = 4
  for (let level = 0; level < levels; level++) {
    const array = type === 4 ? inline(times) : repeated(body, type, times).subarray(1)
    body = Buffer.from(array)
    type = 2
  }
  return Buffer.concat([Buffer.from([type]), body])
}

function inline(times: number): Buffer {
  const array = Buffer.alloc(4 + 3 * times)
  array.writeUInt16LE(times, 0)
  array.writeUInt16LE(array.length, 2)
  for (let index = 0; index < times; index++) array[4 + 3 * index] = 4
  return array
}

/** An array whose elements are all at one place. */
function repeated(body: Buffer, type: number, times: number): Buffer {
  const head = Buffer.alloc(5 + 3 * times)
  head[0] = 2
  head.writeUInt16LE(times, 1)
  head.writeUInt16LE(head.length - 1 + body.length, 3)
  for (let index = 0; index < times; index++) {
    head[5 + 3 * index] = type
    head.writeUInt16LE(head.length - 1, 6 + 3 * index)
  }
  return Buffer.concat([head, body])
}
