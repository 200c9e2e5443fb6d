import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { fileOffsets } from '../../../src/offset/file/file-offsets.ts'
import { encodeOffset } from '../../../src/offset/file/offset-file.ts'
import { failingFiles } from './failing-files.ts'
import { temporaryFolder } from './folder.ts'
import { numbered, storedNumber } from './numbered.ts'

describe('what it leaves in the folder', () => {
  test('while it is used the offset and its lock, afterwards the offset, both for its user’s eyes alone', async () => {
    await using folder = await temporaryFolder()
    const store = fileOffsets(`${folder.path}/orders.json`)
    const umask = process.umask(0)
    try {
      await store.load('orders')
      await store.save(numbered('orders', 1))
    } finally {
      process.umask(umask)
    }
    expect((await readdir(folder.path)).sort()).toEqual(['orders.json', 'orders.json.lock'])
    for (const name of await readdir(folder.path)) expect((await stat(`${folder.path}/${name}`)).mode & 0o777).toBe(0o600)
    const lock = JSON.parse(await readFile(`${folder.path}/orders.json.lock`, 'utf8')) as object
    expect(lock).toMatchObject({ pid: process.pid, engine: 'orders', host: expect.any(String) as string, since: expect.any(String) as string })
    await store[Symbol.asyncDispose]()
    expect(await readdir(folder.path)).toEqual(['orders.json'])
  })

  test('loading alone changes nothing', async () => {
    await using folder = await temporaryFolder()
    expect(await storedNumber(`${folder.path}/orders.json`)).toBeUndefined()
    expect(await readdir(folder.path)).toEqual([])
    const bytes = encodeOffset(numbered('orders', 1))
    await writeFile(`${folder.path}/orders.json`, bytes)
    expect(await storedNumber(`${folder.path}/orders.json`)).toBe(1)
    expect(await readdir(folder.path)).toEqual(['orders.json'])
    expect(await readFile(`${folder.path}/orders.json`)).toEqual(bytes)
  })

  test('a refused load leaves no lock', async () => {
    await using folder = await temporaryFolder()
    await writeFile(`${folder.path}/orders.json`, 'nonsense')
    await expect(fileOffsets(`${folder.path}/orders.json`).load('orders')).rejects.toMatchObject({ code: 'TR_OFFSET_CORRUPT' })
    expect(await readdir(folder.path)).toEqual(['orders.json'])
  })

  test('the working directory may change after the store was made', async () => {
    await using folder = await temporaryFolder()
    await mkdir(`${folder.path}/other`)
    const before = process.cwd()
    try {
      process.chdir(folder.path)
      const store = fileOffsets('orders.json')
      process.chdir('other')
      await store.load('orders')
      await store.save(numbered('orders', 1))
      await store[Symbol.asyncDispose]()
    } finally {
      process.chdir(before)
    }
    expect(await storedNumber(`${folder.path}/orders.json`)).toBe(1)
  })

  test('a path that names no file is refused at once', () => {
    for (const path of ['', 'folder/', '.', '..', 'a/..', 'a\0b', undefined, 5]) {
      expect(() => fileOffsets(path as string)).toThrow(expect.objectContaining({ code: 'TR_CONFIG_INVALID' }))
    }
  })
})

describe('many saves', () => {
  test('while one is written, of the others only the newest is, and none resolves before it is durable', async () => {
    await using folder = await temporaryFolder()
    const path = `${folder.path}/orders.json`
    let writing = 0
    let folderSynced = 0
    let renamed = 0
    const store = fileOffsets(path, {
      reach(point) {
        if (point === 'offset.temporary-created') expect(++writing).toBe(1)
        if (point === 'offset.renamed') renamed++
        if (point === 'offset.folder-synced') {
          writing--
          folderSynced++
        }
      },
    })
    await store.load('orders')
    const syncedWhenResolved: number[] = []
    const saves = Array.from({ length: 50 }, (_, index) => store.save(numbered('orders', index + 1)).then(() => void syncedWhenResolved.push(folderSynced)))
    await saves[0]
    const first = encodeOffset(numbered('orders', 1))
    // The second write may have been renamed by now, but nothing in between was ever written.
    expect([first.toString(), encodeOffset(numbered('orders', 50)).toString()]).toContain(await readFile(path, 'utf8'))
    await Promise.all(saves)
    expect(renamed).toBe(2)
    expect(syncedWhenResolved[0]).toBe(1)
    expect(syncedWhenResolved.slice(1)).toEqual(Array(49).fill(2))
    await store[Symbol.asyncDispose]()
    expect(await storedNumber(path)).toBe(50)
  })

  test('content is synced before it gets its name, the name before the save resolves', async () => {
    await using folder = await temporaryFolder()
    const path = `${folder.path}/orders.json`
    const steps: string[] = []
    const files = failingFiles((operation, of) => {
      if (!of.includes('.lock')) steps.push(`${operation} ${of.slice(folder.path.length)}`.trim())
      return undefined
    })
    await using store = fileOffsets(path, { files, reach: (point) => steps.push(point) })
    await store.load('orders')
    steps.length = 0
    await store.save(numbered('orders', 1))
    steps.push('resolved')
    const temporary = '/orders.json.tmp'
    expect(steps).toEqual([
      ...[`open ${temporary}`, 'offset.temporary-created', `writeFile ${temporary}`, 'offset.temporary-written', `sync ${temporary}`, 'offset.temporary-synced'],
      ...[`close ${temporary}`, `rename ${temporary}`, 'offset.renamed', 'open', 'sync', 'close', 'offset.folder-synced', 'resolved'],
    ])
  })

  test('those that waited for a write that failed fail with it, the next succeeds', async () => {
    await using folder = await temporaryFolder()
    const path = `${folder.path}/orders.json`
    let failing = false
    const store = fileOffsets(path, { files: failingFiles((operation, of) => (failing && operation === 'sync' && of.endsWith('.tmp') ? 'EIO' : undefined)) })
    await store.load('orders')
    await store.save(numbered('orders', 1))
    failing = true
    const results = await Promise.allSettled([2, 3, 4].map((number) => store.save(numbered('orders', number))))
    for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: { code: 'TR_OFFSET_WRITE', where: { errno: 'EIO' } } })
    failing = false
    await store.save(numbered('orders', 5))
    await store[Symbol.asyncDispose]()
    expect(await storedNumber(path)).toBe(5)
  })
})
