import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { fileOffsets } from '../../../src/offset/file/file-offsets.ts'
import { encodeOffset } from '../../../src/offset/file/offset-file.ts'
import { failingFiles } from './failing-files.ts'
import { temporaryFolder } from './folder.ts'
import { numbered, storedNumber } from './numbered.ts'
import { mountSmall, notProven } from './small-file-system.ts'

describe('when it cannot be written', () => {
  test('a full disk: the save fails, the offset stays, and there is room again for the next save', async ({ skip }) => {
    await using small = await mountSmall(64)
    if (small === undefined) return notProven(skip, 'a full disk (mounting is not allowed): see the test of made-up errors')
    const path = `${small.path}/orders.json`
    await using store = fileOffsets(path)
    await store.load('orders')
    await store.save(numbered('orders', 1))
    await expect(writeFile(`${small.path}/filler`, Buffer.alloc(1024 * 1024))).rejects.toMatchObject({ code: 'ENOSPC' })
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(store.save(numbered('orders', 2))).rejects.toMatchObject({ code: 'TR_OFFSET_WRITE', kind: 'definite', where: { file: path, errno: 'ENOSPC' } })
    }
    expect((await readdir(small.path)).sort()).toEqual(['filler', 'orders.json', 'orders.json.lock'])
    expect(await readFile(path)).toEqual(encodeOffset(numbered('orders', 1)))
    await rm(`${small.path}/filler`)
    await store.save(numbered('orders', 3))
    expect(await readFile(path)).toEqual(encodeOffset(numbered('orders', 3)))
  })

  test('a full disk at the start: nothing is delivered that could not be stored', async ({ skip }) => {
    await using small = await mountSmall(64)
    if (small === undefined) return notProven(skip, 'a full disk at the start (mounting is not allowed)')
    await expect(writeFile(`${small.path}/filler`, Buffer.alloc(1024 * 1024))).rejects.toMatchObject({ code: 'ENOSPC' })
    const path = `${small.path}/orders.json`
    await expect(fileOffsets(path).load('orders')).rejects.toMatchObject({ code: 'TR_OFFSET_WRITE', where: { errno: 'ENOSPC' } })
    expect(await readdir(small.path)).toEqual(['filler'])
  })

  test('a file system that becomes read-only, and writable again', async ({ skip }) => {
    await using small = await mountSmall(64)
    if (small === undefined) return notProven(skip, 'a read-only file system (mounting is not allowed)')
    const path = `${small.path}/orders.json`
    const store = fileOffsets(path)
    await store.load('orders')
    await store.save(numbered('orders', 1))
    small.readOnly(true)
    await expect(store.save(numbered('orders', 2))).rejects.toMatchObject({ code: 'TR_OFFSET_WRITE', where: { file: path, errno: 'EROFS' } })
    // Disposing has nothing to throw at anybody; the lock stays and is this process's still.
    await store[Symbol.asyncDispose]()
    await expect(fileOffsets(path).load('orders')).rejects.toMatchObject({ code: 'TR_OFFSET_WRITE', where: { errno: 'EROFS' } })
    small.readOnly(false)
    expect(await readFile(path)).toEqual(encodeOffset(numbered('orders', 1)))
  })

  test('a missing folder is told, not created', async () => {
    await using folder = await temporaryFolder()
    const path = `${folder.path}/missing/orders.json`
    await expect(fileOffsets(path).load('orders')).rejects.toMatchObject({
      code: 'TR_OFFSET_WRITE',
      where: { file: path, errno: 'ENOENT' },
      remedy: expect.stringContaining(`Create the folder ${folder.path}/missing`) as string,
    })
    expect(await readdir(folder.path)).toEqual([])
  })

  test('a file that cannot be replaced is found at the start, not at the first save', async ({ skip }) => {
    await using folder = await temporaryFolder()
    const path = `${folder.path}/orders.json`
    await writeFile(path, encodeOffset(numbered('orders', 1)))
    try {
      // A single file mounted into a container looks like this.
      execFileSync('mount', ['--bind', path, path], { stdio: 'pipe' })
    } catch {
      return notProven(skip, 'a mounted file (mounting is not allowed)')
    }
    try {
      await expect(fileOffsets(path).load('orders')).rejects.toMatchObject({ code: 'TR_OFFSET_WRITE', where: { errno: 'EBUSY' } })
    } finally {
      execFileSync('umount', [path], { stdio: 'pipe' })
    }
    expect((await readdir(folder.path)).sort()).toEqual(['orders.json'])
  })

  // Faults of hardware cannot be had here: these errors are made up, at every step of a save.
  const steps: [operation: string, of: string][] = [
    ['open', '.tmp'],
    ['writeFile', '.tmp'],
    ['sync', '.tmp'],
    ['close', '.tmp'],
    ['rename', '.tmp'],
    ['open', ''],
    ['sync', ''],
  ]
  for (const [operation, of] of steps) {
    for (const errno of ['EIO', 'ENOSPC', 'EDQUOT', 'EACCES']) {
      test(`${errno}, made up, at ${operation} of the ${of === '' ? 'folder' : 'temporary file'}`, async () => {
        await using folder = await temporaryFolder()
        const path = `${folder.path}/orders.json`
        let failing = false
        const target = of === '' ? folder.path : path + of
        const store = fileOffsets(path, { files: failingFiles((what, where) => (failing && what === operation && where === target ? errno : undefined)) })
        await store.load('orders')
        await store.save(numbered('orders', 1))
        failing = true
        await expect(store.save(numbered('orders', 2))).rejects.toMatchObject({ code: 'TR_OFFSET_WRITE', where: { errno } })
        expect((await readdir(folder.path)).sort()).toEqual(['orders.json', 'orders.json.lock'])
        // Renamed, and only the folder not synced: the new offset is in place, but nobody was told so.
        expect(await readFile(path)).toEqual(encodeOffset(numbered('orders', of === '' ? 2 : 1)))
        failing = false
        await store.save(numbered('orders', 3))
        await store[Symbol.asyncDispose]()
        expect(await storedNumber(path)).toBe(3)
      })
    }
  }

  test('a folder that cannot be synced by its file system is no error', async () => {
    await using folder = await temporaryFolder()
    const files = failingFiles((what, where) => (what === 'sync' && where === folder.path ? 'EINVAL' : undefined))
    await using store = fileOffsets(`${folder.path}/orders.json`, { files })
    await store.load('orders')
    await store.save(numbered('orders', 1))
    expect(await readFile(`${folder.path}/orders.json`)).toEqual(encodeOffset(numbered('orders', 1)))
  })

  test('unreadable is not missing', async () => {
    await using folder = await temporaryFolder()
    const path = `${folder.path}/orders.json`
    await writeFile(path, encodeOffset(numbered('orders', 1)))
    for (const errno of ['EIO', 'EACCES', 'ESTALE', 'EMFILE']) {
      for (const operation of ['lstat', 'open', 'stat', 'read']) {
        const store = fileOffsets(path, { files: failingFiles((what, where) => (what === operation && where === path ? errno : undefined)) })
        await expect(store.load('orders')).rejects.toMatchObject({ code: 'TR_OFFSET_READ', where: { file: path, errno } })
      }
    }
  })
})

test('the folder may be renamed away: the save fails, and nothing is written elsewhere', async () => {
  await using folder = await temporaryFolder()
  await mkdir(`${folder.path}/here`)
  await using store = fileOffsets(`${folder.path}/here/orders.json`)
  await store.load('orders')
  await rename(`${folder.path}/here`, `${folder.path}/there`)
  await expect(store.save(numbered('orders', 1))).rejects.toMatchObject({ code: 'TR_OFFSET_WRITE', where: { errno: 'ENOENT' } })
  expect(await readdir(folder.path)).toEqual(['there'])
})
