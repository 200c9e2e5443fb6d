import fc from 'fast-check'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { open, readFile, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HISTORY_FAILPOINTS } from '../../../src/observe/failpoint.ts'
import { fileSchemaHistory } from '../../../src/schema-history/file/file-history.ts'
import { encodeRecord } from '../../../src/schema-history/record-json.ts'
import { richHistoryRecords, sampleHistoryRecord } from '../../../src/testing/index.ts'
import { compileInto } from '../../child/compile.ts'
import { temporaryFolder } from '../offset/folder.ts'
import { seedOf } from '../offset/seed.ts'
import { all, context, numbered, SIGNAL, storedRecords } from './file-reading.ts'
import type { HistoryOrder } from './history-child.ts'

let outDir: string
let script: string
beforeAll(() => {
  outDir = mkdtempSync(path.join(os.tmpdir(), 'tailrace-history-child-'))
  script = compileInto(outDir, 'test/unit/schema-history/history-child.ts')
}, 60_000)
afterAll(() => rmSync(outDir, { recursive: true, force: true }))

/** Runs the child until it has ended; the last number that it promised. `killAfter`: it is killed once it has promised so many. */
async function run(order: HistoryOrder, killAfter = Infinity): Promise<number> {
  const child = spawn(process.execPath, [script, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  let promised = 0
  for await (const line of createInterface({ input: child.stdout })) {
    expect(line).toMatch(/^(open|\d+)$/)
    if (line !== 'open') promised = Number(line)
    if (promised >= killAfter) child.kill('SIGKILL')
  }
  await ended
  expect(child.signalCode).toBe('SIGKILL')
  return promised
}

/** What is there now; and more can be appended: what the killed process left is not in the way. */
async function countAfterwards(file: string): Promise<number> {
  await using history = fileSchemaHistory(file)
  await history.open(context(), SIGNAL)
  const found = await all(history)
  expect(found).toEqual(numbered(found.length))
  await history.append([sampleHistoryRecord(1000)])
  expect(await all(history)).toEqual([...found, sampleHistoryRecord(1000)])
  return found.length
}

describe('a process killed while it appends', () => {
  for (const point of HISTORY_FAILPOINTS) {
    for (const append of [1, 3]) {
      test(`at ${point} of append ${append}: what was promised is there, and what was written is whole`, async () => {
        await using folder = await temporaryFolder()
        const file = `${folder.path}/history.ndjson`
        expect(await run({ path: file, batch: 2, killAt: { point, append } })).toBe((append - 1) * 2)
        expect(await countAfterwards(file)).toBe(append * 2)
      })
    }
  }

  test('at any moment leaves what was promised, or the next append as well', async () => {
    await using folder = await temporaryFolder()
    const seed = seedOf('history kill moments')
    for (const [index, appends] of fc.sample(fc.integer({ min: 1, max: 40 }), { seed, numRuns: 10 }).entries()) {
      const file = `${folder.path}/${index}.ndjson`
      const promised = await run({ path: file, batch: 3 }, appends * 3)
      const found = await countAfterwards(file)
      // killed within a write, part of an append may be there: whole records of it stay
      expect(found).toBeGreaterThanOrEqual(promised)
      expect(found).toBeLessThanOrEqual(promised + 3)
    }
  })
})

describe('what a machine that stopped has left', () => {
  const records = [sampleHistoryRecord(1), richHistoryRecords()[3]!]
  const lines = records.map((record) => `${encodeRecord(record)}\n`)
  const whole = Buffer.from(lines.join(''))
  const first = Buffer.byteLength(lines[0]!)

  test('however much of the last record was written, the others are there, and it is whole or gone', { timeout: 60_000 }, async () => {
    await using folder = await temporaryFolder()
    const file = `${folder.path}/history.ndjson`
    for (let length = first; length <= whole.length; length++) {
      await writeFile(file, whole.subarray(0, length))
      const warnings: string[] = []
      {
        await using history = fileSchemaHistory(file)
        await history.open(context({ debug() {}, info() {}, warn: (message) => void warnings.push(message), error() {} }), SIGNAL)
        // the last line without its end is a whole record already
        const expected = length >= whole.length - 1 ? records : records.slice(0, 1)
        expect(await all(history)).toEqual(expected)
        await history.append([sampleHistoryRecord(3)])
        expect(await all(history)).toEqual([...expected, sampleHistoryRecord(3)])
      }
      expect(warnings.length).toBe(length > first && length < whole.length - 1 ? 1 : 0)
    }
  })

  test('zeros where the length was there before the bytes are no record', async () => {
    await using folder = await temporaryFolder()
    const file = `${folder.path}/history.ndjson`
    for (const written of [0, 1, 50, 5000]) {
      await writeFile(file, whole.subarray(0, first + Math.min(written, whole.length - first - 2)))
      await using handle = await open(file, 'r+')
      await handle.truncate(whole.length + 4096)
      expect(await storedRecords(file)).toEqual(records.slice(0, 1))
      expect((await readFile(file)).length).toBe(first)
    }
  })

  test('what may have been a record that was promised is damage, and nothing is cut', async () => {
    await using folder = await temporaryFolder()
    const file = `${folder.path}/history.ndjson`
    const torn = whole.subarray(first, whole.length - 20)
    const damaged: [string, Buffer][] = [
      ['other text', Buffer.from('something else')],
      ['another object', Buffer.from('{"engine":"orders"')],
      ['a whole record and more', Buffer.concat([whole.subarray(first, whole.length - 1), Buffer.from('{"source":{')])],
      ['zeros with text behind them', Buffer.concat([torn, Buffer.alloc(10), Buffer.from('x')])],
      ['a control character', Buffer.concat([torn, Buffer.from('\u0001')])],
      ['what is not UTF-8', Buffer.concat([torn, Buffer.from([0xff, 0x22])])],
      ['zeros in the place of a record, and another one behind them', Buffer.concat([Buffer.alloc(40), whole.subarray(0, first)])],
      ['a torn record with another one behind it', Buffer.concat([torn, whole.subarray(0, first)])],
    ]
    for (const [name, tail] of damaged) {
      const bytes = Buffer.concat([whole.subarray(0, first), tail])
      await writeFile(file, bytes)
      await expect(storedRecords(file), name).rejects.toMatchObject({ code: 'TR_HISTORY_CORRUPT', kind: 'fatal', where: { file } })
      expect((await readFile(file)).equals(bytes), name).toBe(true)
    }
  })
})
