import { execFileSync } from 'node:child_process'
import { chmod, chown, link, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import net from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileOffsets } from '../../../src/offset/file/file-offsets.ts'
import { encodeOffset } from '../../../src/offset/file/offset-file.ts'
import { failingFiles } from './failing-files.ts'
import { temporaryFolder } from './folder.ts'
import { numbered, numberOf } from './numbered.ts'
import { compileChild, type CompiledChild } from './offset-process.ts'
import { mountSmall, notProven } from './small-file-system.ts'

async function stored(path: string): Promise<unknown> {
  await using store = fileOffsets(path)
  return numberOf(await store.load('orders'))
}

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
    expect(await stored(`${folder.path}/orders.json`)).toBeUndefined()
    expect(await readdir(folder.path)).toEqual([])
    const bytes = encodeOffset(numbered('orders', 1))
    await writeFile(`${folder.path}/orders.json`, bytes)
    expect(await stored(`${folder.path}/orders.json`)).toBe(1)
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
    expect(await stored(`${folder.path}/orders.json`)).toBe(1)
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
    expect(await stored(path)).toBe(50)
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
    expect(await stored(path)).toBe(5)
  })
})

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
        expect(await stored(path)).toBe(3)
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

describe('what is no offset file', () => {
  test('symbolic links, folders, FIFOs, sockets, huge files: refused, never followed, never waited for', async () => {
    await using folder = await temporaryFolder()
    const at = (name: string): string => `${folder.path}/${name}`
    await writeFile(at('elsewhere'), encodeOffset(numbered('orders', 1)))
    await symlink('elsewhere', at('link'))
    await symlink('nowhere', at('dangling'))
    await symlink('circle', at('circle'))
    await mkdir(at('folder'))
    execFileSync('mkfifo', [at('fifo')])
    await using listening = await listen(at('socket'))
    await writeFile(at('huge'), Buffer.alloc(1024 * 1024 + 1, 0x20))
    await symlink('/dev/zero', at('endless'))
    expect(listening.path).toBe(at('socket'))
    for (const name of ['link', 'dangling', 'circle', 'folder', 'fifo', 'socket', 'huge', 'endless']) {
      await expect(fileOffsets(at(name)).load('orders'), name).rejects.toMatchObject({ code: 'TR_OFFSET_READ', where: { file: at(name) } })
    }
    expect(await readFile(at('elsewhere'))).toEqual(encodeOffset(numbered('orders', 1)))
  })

  test('a symbolic link where the temporary file goes is neither followed nor removed', async () => {
    await using folder = await temporaryFolder()
    const path = `${folder.path}/orders.json`
    await writeFile(`${folder.path}/victim`, 'precious')
    await using store = fileOffsets(path)
    await store.load('orders')
    await symlink('victim', `${path}.tmp`)
    await expect(store.save(numbered('orders', 1))).rejects.toMatchObject({ code: 'TR_OFFSET_WRITE', where: { file: `${path}.tmp` } })
    expect(await readFile(`${folder.path}/victim`, 'utf8')).toBe('precious')
    expect((await readdir(folder.path)).sort()).toEqual(['orders.json.lock', 'orders.json.tmp', 'victim'])
  })

  test('a symbolic link where the lock goes is neither followed nor removed', async () => {
    await using folder = await temporaryFolder()
    const path = `${folder.path}/orders.json`
    for (const target of ['victim', 'nowhere']) {
      await writeFile(`${folder.path}/victim`, 'precious')
      await symlink(target, `${path}.lock`)
      await expect(fileOffsets(path).load('orders')).rejects.toMatchObject({ code: 'TR_OFFSET_LOCKED', where: { lock: `${path}.lock` } })
      expect(await readFile(`${folder.path}/victim`, 'utf8')).toBe('precious')
      expect((await readdir(folder.path)).sort()).toEqual(['orders.json.lock', 'victim'])
      await rm(`${path}.lock`)
    }
  })

  test('a folder reached by two ways has one lock', async () => {
    await using folder = await temporaryFolder()
    await mkdir(`${folder.path}/real`)
    await symlink('real', `${folder.path}/way`)
    await using store = fileOffsets(`${folder.path}/real/orders.json`)
    await store.load('orders')
    await expect(fileOffsets(`${folder.path}/way/orders.json`).load('orders')).rejects.toMatchObject({
      code: 'TR_OFFSET_LOCKED',
      message: expect.stringContaining('this process itself') as string,
      where: { pid: process.pid },
    })
  })

  test('a stale temporary file, even one with other links, does not get in the way', async () => {
    await using folder = await temporaryFolder()
    const path = `${folder.path}/orders.json`
    await writeFile(`${path}.tmp`, 'half')
    await link(`${path}.tmp`, `${folder.path}/precious`)
    await using store = fileOffsets(path)
    await store.load('orders')
    await store.save(numbered('orders', 1))
    expect(await readFile(`${folder.path}/precious`, 'utf8')).toBe('half')
    expect(await readFile(path)).toEqual(encodeOffset(numbered('orders', 1)))
  })
})

describe.runIf(process.getuid?.() === 0)('other users (as root, which can become one)', () => {
  const user = { uid: 4711, gid: 4711 }
  let child: CompiledChild
  beforeAll(() => {
    child = compileChild()
  })
  afterAll(() => child[Symbol.dispose]())

  async function outcome(path: string): Promise<unknown> {
    const process = child.start({ path, engine: 'orders', act: 'hold' }, user)
    const { held, code, where, loaded } = await process.outcome()
    await process.end()
    return held === true ? { number: loaded?.position.number } : { code, errno: where?.errno }
  }

  test('a folder that is not to be written to, a file that is not to be read', async () => {
    await using folder = await temporaryFolder()
    const path = `${folder.path}/orders.json`
    await writeFile(path, encodeOffset(numbered('orders', 1)))
    await chown(path, user.uid, user.gid)
    await chmod(folder.path, 0o555)
    expect(await outcome(path)).toEqual({ code: 'TR_OFFSET_WRITE', errno: 'EACCES' })
    await chown(folder.path, user.uid, user.gid)
    await chmod(folder.path, 0o700)
    expect(await outcome(path)).toEqual({ number: 1 })
    await chown(path, 0, 0)
    await chmod(path, 0o600)
    expect(await outcome(path)).toEqual({ code: 'TR_OFFSET_READ', errno: 'EACCES' })
    await chmod(folder.path, 0o000)
    expect(await outcome(path)).toEqual({ code: 'TR_OFFSET_WRITE', errno: 'EACCES' })
    await chmod(folder.path, 0o700)
  })

  test('in a folder for everybody another user’s file is not trusted, in a folder of one’s own it is', async () => {
    await using folder = await temporaryFolder()
    const path = `${folder.path}/orders.json`
    await writeFile(path, encodeOffset(numbered('orders', 1)), { mode: 0o644 })
    await chmod(folder.path, 0o1777)
    expect(await outcome(path)).toEqual({ code: 'TR_OFFSET_READ', errno: undefined })
    await chown(folder.path, user.uid, user.gid)
    await chmod(folder.path, 0o700)
    expect(await outcome(path)).toEqual({ number: 1 })
  })

  test('another user’s lock is a lock', async () => {
    await using folder = await temporaryFolder()
    await chmod(folder.path, 0o777)
    const path = `${folder.path}/orders.json`
    await using store = fileOffsets(path)
    await store.load('orders')
    expect(await outcome(path)).toEqual({ code: 'TR_OFFSET_LOCKED', errno: undefined })
  })

  test('another user’s file in the place of the temporary one stays', async () => {
    await using folder = await temporaryFolder()
    const path = `${folder.path}/orders.json`
    await writeFile(`${path}.tmp`, 'theirs')
    await chown(`${path}.tmp`, user.uid, user.gid)
    await expect(fileOffsets(path).load('orders')).rejects.toMatchObject({ code: 'TR_OFFSET_WRITE', where: { file: `${path}.tmp` } })
    expect(await readFile(`${path}.tmp`, 'utf8')).toBe('theirs')
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

async function listen(path: string): Promise<{ readonly path: string } & AsyncDisposable> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return { path, [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) }
}
