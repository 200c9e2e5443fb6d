import { execFileSync } from 'node:child_process'
import { chmod, chown, link, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import net from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileOffsets } from '../../../src/offset/file/file-offsets.ts'
import { encodeOffset } from '../../../src/offset/file/offset-file.ts'
import { temporaryFolder } from './folder.ts'
import { numbered } from './numbered.ts'
import { compileChild, type CompiledChild } from './offset-process.ts'

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

async function listen(path: string): Promise<{ readonly path: string } & AsyncDisposable> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return { path, [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) }
}
