import { execFileSync } from 'node:child_process'
import { appendFile, chmod, chown, mkdir, readdir, readFile, rename, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { fileSchemaHistory } from '../../../src/schema-history/file/file-history.ts'
import { encodeRecord } from '../../../src/schema-history/record-json.ts'
import { sampleHistoryRecord } from '../../../src/testing/index.ts'
import { failingFiles } from '../offset/failing-files.ts'
import { temporaryFolder } from '../offset/folder.ts'
import { mountSmall, notProven } from '../offset/small-file-system.ts'
import { all, context, numbered, SIGNAL, storedRecords } from './file-reading.ts'

const text = (records: readonly ReturnType<typeof sampleHistoryRecord>[]): string => records.map((record) => `${encodeRecord(record)}\n`).join('')

describe('what it leaves in the folder', () => {
  test('while it is used the history and its lock, afterwards the history, both for its user’s eyes alone', async () => {
    await using folder = await temporaryFolder()
    const file = `${folder.path}/history.ndjson`
    const history = fileSchemaHistory(file)
    const umask = process.umask(0)
    try {
      await history.open(context(), SIGNAL)
      await history.append(numbered(2))
    } finally {
      process.umask(umask)
    }
    expect((await readdir(folder.path)).sort()).toEqual(['history.ndjson', 'history.ndjson.lock'])
    for (const name of await readdir(folder.path)) expect((await stat(`${folder.path}/${name}`)).mode & 0o777).toBe(0o600)
    expect(await readFile(file, 'utf8')).toBe(text(numbered(2)))
    await history[Symbol.asyncDispose]()
    expect(await readdir(folder.path)).toEqual(['history.ndjson'])
  })

  test('the working directory may change after it was made', async () => {
    await using folder = await temporaryFolder()
    await mkdir(`${folder.path}/other`)
    const before = process.cwd()
    try {
      process.chdir(folder.path)
      const history = fileSchemaHistory('history.ndjson')
      process.chdir('other')
      await history.open(context(), SIGNAL)
      await history.append(numbered(1))
      await history[Symbol.asyncDispose]()
    } finally {
      process.chdir(before)
    }
    expect(await storedRecords(`${folder.path}/history.ndjson`)).toEqual(numbered(1))
  })

  test('a path that names no file is refused at once', () => {
    for (const name of ['', 'folder/', '.', '..', 'a/..', 'a\0b', undefined, 5]) expect(() => fileSchemaHistory(name as string)).toThrow(expect.objectContaining({ code: 'TR_CONFIG_INVALID' }))
  })

  test('each append is written, and synced before it resolves', async () => {
    await using folder = await temporaryFolder()
    const file = `${folder.path}/history.ndjson`
    const steps: string[] = []
    const files = failingFiles((operation, of) => {
      if (of === file && ['write', 'sync', 'truncate'].includes(operation)) steps.push(operation)
      return undefined
    })
    await using history = fileSchemaHistory(file, { files, reach: (point) => steps.push(point) })
    await history.open(context(), SIGNAL)
    steps.length = 0
    await Promise.all(numbered(2).map(async (record) => history.append([record]).then(() => steps.push('resolved'))))
    const one = ['write', 'history.written', 'sync', 'history.synced']
    expect(steps.filter((step) => step !== 'resolved')).toEqual([...one, ...one])
    expect(steps.indexOf('resolved')).toBeGreaterThan(steps.indexOf('history.synced'))
    expect(steps.lastIndexOf('resolved')).toBeGreaterThan(steps.lastIndexOf('history.synced'))
  })
})

describe('when it cannot be written', () => {
  test('a full disk: the append fails, what was there stays, and there is room again for the next', async ({ skip }) => {
    await using small = await mountSmall(64)
    if (small === undefined) return notProven(skip, 'a full disk (mounting is not allowed): see the test of made-up errors')
    const file = `${small.path}/history.ndjson`
    await using history = fileSchemaHistory(file)
    await history.open(context(), SIGNAL)
    await history.append(numbered(1))
    const large = [{ ...sampleHistoryRecord(2), ddl: 'x'.repeat(100_000) }]
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(history.append(large)).rejects.toMatchObject({ code: 'TR_HISTORY_WRITE', kind: 'definite', where: { file, errno: 'ENOSPC' } })
      expect(await readFile(file, 'utf8')).toBe(text(numbered(1)))
    }
    await history.append([sampleHistoryRecord(2)])
    expect(await all(history)).toEqual(numbered(2))
  })

  test('a file system that becomes read-only, and writable again', async ({ skip }) => {
    await using small = await mountSmall(64)
    if (small === undefined) return notProven(skip, 'a read-only file system (mounting is not allowed)')
    const file = `${small.path}/history.ndjson`
    const history = fileSchemaHistory(file)
    await history.open(context(), SIGNAL)
    await history.append(numbered(1))
    await history[Symbol.asyncDispose]()
    small.readOnly(true)
    await expect(history.open(context(), SIGNAL)).rejects.toMatchObject({ code: 'TR_HISTORY_WRITE', where: { errno: 'EROFS' } })
    small.readOnly(false)
    await history.open(context(), SIGNAL)
    await history.append([sampleHistoryRecord(2)])
    await history[Symbol.asyncDispose]()
    expect(await storedRecords(file)).toEqual(numbered(2))
  })

  test('a missing folder is told, not created', async () => {
    await using folder = await temporaryFolder()
    const file = `${folder.path}/missing/history.ndjson`
    await expect(storedRecords(file)).rejects.toMatchObject({ code: 'TR_HISTORY_WRITE', where: { file, errno: 'ENOENT' }, remedy: expect.stringContaining(`Create the folder ${folder.path}/missing`) as string })
    expect(await readdir(folder.path)).toEqual([])
  })

  for (const [operation, errno] of ['write', 'sync'].flatMap((one) => ['EIO', 'ENOSPC', 'EDQUOT'].map((other) => [one, other] as const))) {
    test(`${errno}, made up, at ${operation}: nothing is promised, nothing is left, and the next append is written`, async () => {
      await using folder = await temporaryFolder()
      const file = `${folder.path}/history.ndjson`
      let failing: readonly string[] = []
      const history = fileSchemaHistory(file, { files: failingFiles((what, where) => (where === file && failing.includes(what) ? errno : undefined)) })
      await history.open(context(), SIGNAL)
      await history.append(numbered(1))
      failing = [operation]
      await expect(history.append([sampleHistoryRecord(8)])).rejects.toMatchObject({ code: 'TR_HISTORY_WRITE', where: { file, errno } })
      expect(await readFile(file, 'utf8')).toBe(text(numbered(1)))
      // where it cannot even be removed, the next append does that first
      failing = [operation, 'truncate']
      await expect(history.append([sampleHistoryRecord(9)])).rejects.toMatchObject({ code: 'TR_HISTORY_WRITE' })
      failing = []
      await history.append([sampleHistoryRecord(2)])
      await history[Symbol.asyncDispose]()
      expect(await storedRecords(file)).toEqual(numbered(2))
    })
  }
})

describe('when it cannot be read', () => {
  test('symbolic links, folders, FIFOs: refused, never followed, never waited for', async () => {
    await using folder = await temporaryFolder()
    const at = (name: string): string => `${folder.path}/${name}`
    await writeFile(at('elsewhere'), text(numbered(1)))
    await symlink('elsewhere', at('link'))
    await symlink('nowhere', at('dangling'))
    await mkdir(at('folder'))
    execFileSync('mkfifo', [at('fifo')])
    for (const name of ['link', 'dangling', 'folder', 'fifo']) await expect(storedRecords(at(name)), name).rejects.toMatchObject({ code: 'TR_HISTORY_READ', where: { file: at(name) } })
    expect(await readFile(at('elsewhere'), 'utf8')).toBe(text(numbered(1)))
    expect((await readdir(folder.path)).filter((name) => name.includes('lock'))).toEqual([])
  })

  test('unreadable is neither missing nor empty', async () => {
    await using folder = await temporaryFolder()
    const file = `${folder.path}/history.ndjson`
    await writeFile(file, text(numbered(1)))
    for (const operation of ['lstat', 'open', 'read']) {
      const history = fileSchemaHistory(file, { files: failingFiles((what, where) => (what === operation && where === file ? (what === 'open' ? 'EMFILE' : 'EIO') : undefined)) })
      await expect(history.open(context(), SIGNAL), operation).rejects.toMatchObject({ code: operation === 'open' ? 'TR_HISTORY_WRITE' : 'TR_HISTORY_READ', where: { file } })
    }
  })

  test.runIf(process.getuid?.() === 0)('in a folder for everybody another user’s file is not trusted (as root, which can become one)', async () => {
    await using folder = await temporaryFolder()
    const file = `${folder.path}/history.ndjson`
    await writeFile(file, text(numbered(1)))
    await chown(file, 4711, 4711)
    expect(await storedRecords(file)).toEqual(numbered(1))
    await chmod(folder.path, 0o1777)
    await expect(storedRecords(file)).rejects.toMatchObject({ code: 'TR_HISTORY_READ', where: { file } })
  })

  test('what is no history is not appended to', async () => {
    await using folder = await temporaryFolder()
    const file = `${folder.path}/history.ndjson`
    for (const content of ['secret notes\n', '{"engine":"orders","version":1}\n', '{"secret":\n', '\n\nsecret\n', Buffer.from([0xff, 0xfe, 0x0a]), `\ufeff${text(numbered(1))}`]) {
      await writeFile(file, content)
      const failed = storedRecords(file)
      await expect(failed).rejects.toMatchObject({ code: 'TR_HISTORY_CORRUPT', where: { file } })
      await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining('secret') as string })
      expect((await readFile(file)).equals(Buffer.from(content))).toBe(true)
    }
  })

  test('a damaged record in the middle is told with its line', async () => {
    await using folder = await temporaryFolder()
    const file = `${folder.path}/history.ndjson`
    await writeFile(file, `${text(numbered(2))}{"source":{"server":"s"},"posi\n${text(numbered(1))}`)
    await expect(storedRecords(file)).rejects.toMatchObject({ code: 'TR_HISTORY_CORRUPT', where: { file, line: 3 } })
  })

  test('empty lines and other ends of lines are none', async () => {
    await using folder = await temporaryFolder()
    const file = `${folder.path}/history.ndjson`
    await writeFile(file, `\n${text(numbered(2)).replaceAll('\n', '\r\n')}\r\n\n`)
    expect(await storedRecords(file)).toEqual(numbered(2))
  })

  test('an abort ends the reading', async () => {
    await using folder = await temporaryFolder()
    await using history = fileSchemaHistory(`${folder.path}/history.ndjson`)
    await history.open(context(), SIGNAL)
    await history.append(numbered(3))
    const controller = new AbortController()
    await expect((async () => {
      for await (const record of history.records(controller.signal)) controller.abort(new Error(`after ${record.ddl}`))
    })()).rejects.toThrow('after CREATE DATABASE d1')
  })
})

describe('somebody who knows no lock', () => {
  test('writes to the file, cuts it, replaces it, removes it: the next append is refused', async () => {
    const acts: [string, (file: string) => Promise<unknown>, string][] = [
      ['writes', (file) => appendFile(file, text(numbered(1))), 'TR_HISTORY_LOCKED'],
      ['cuts', (file) => truncate(file, 10), 'TR_HISTORY_CORRUPT'],
      ['replaces', async (file) => writeFile(`${file}.new`, text(numbered(1))).then(() => rename(`${file}.new`, file)), 'TR_HISTORY_WRITE'],
      ['removes', (file) => rm(file), 'TR_HISTORY_WRITE'],
    ]
    for (const [name, act, code] of acts) {
      await using folder = await temporaryFolder()
      const file = `${folder.path}/history.ndjson`
      await using history = fileSchemaHistory(file)
      await history.open(context(), SIGNAL)
      await history.append(numbered(1))
      await act(file)
      const after = await readFile(file).catch(() => undefined)
      await expect(history.append([sampleHistoryRecord(2)]), name).rejects.toMatchObject({ code, where: { file } })
      expect(await readFile(file).catch(() => undefined), name).toEqual(after)
      expect(path.dirname(file)).toBe(folder.path)
    }
  })

  test('the lock that was taken over by another engine: what that one writes stays', async () => {
    await using folder = await temporaryFolder()
    const file = `${folder.path}/history.ndjson`
    const older = fileSchemaHistory(file)
    await older.open(context(), SIGNAL)
    await older.append(numbered(1))
    await rm(`${file}.lock`)
    await using newer = fileSchemaHistory(file)
    await newer.open(context(), SIGNAL)
    await newer.append([sampleHistoryRecord(2)])
    await expect(older.append([sampleHistoryRecord(9)])).rejects.toMatchObject({ code: 'TR_HISTORY_LOCKED', message: expect.not.stringContaining('engine') as string })
    await older[Symbol.asyncDispose]()
    expect(await all(newer)).toEqual(numbered(2))
  })
})
