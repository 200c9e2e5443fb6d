import { execFileSync } from 'node:child_process'
import { readdir, readFile, readlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileOffsets } from '../../../src/offset/file/file-offsets.ts'
import { encodeHolder, type LockHolder } from '../../../src/offset/file/lock-holder.ts'
import { hasEnded, ownIdentity, psState } from '../../../src/offset/file/process-identity.ts'
import { askWitness, openWitness } from '../../../src/offset/file/witness.ts'
import { failingFiles } from './failing-files.ts'
import { temporaryFolder } from './folder.ts'
import { numbered } from './numbered.ts'
import { compileChild, type ChildLine, type ChildOptions, type CompiledChild, type OffsetProcess } from './offset-process.ts'
import { notProven } from './small-file-system.ts'

let child: CompiledChild
beforeAll(() => {
  child = compileChild()
})
afterAll(() => child[Symbol.dispose]())

function hold(path: string, options: ChildOptions = {}, engine = 'orders'): OffsetProcess {
  return child.start({ path, engine, act: 'hold' }, options)
}

/** Starts so many processes, lets them all load at once, and gives back those that hold and what the others said. */
async function race(path: string, count: number): Promise<{ holders: OffsetProcess[]; refusals: ChildLine[] }> {
  const processes = Array.from({ length: count }, () => child.start({ path, engine: 'orders', act: 'hold', onCommand: true }))
  await Promise.all(processes.map((process) => process.ready()))
  for (const process of processes) process.command()
  const outcomes = await Promise.all(processes.map((process) => process.outcome()))
  await Promise.all(processes.filter((_, index) => outcomes[index]!.held !== true).map((process) => process.ended()))
  return { holders: processes.filter((_, index) => outcomes[index]!.held === true), refusals: outcomes.filter((line) => line.held !== true) }
}

describe('two processes', () => {
  test('the second is refused and told by whom; after the first has gone it is let in', async () => {
    await using folder = await temporaryFolder()
    const path = `${folder.path}/orders.json`
    const first = hold(path)
    expect(await first.outcome()).toMatchObject({ held: true })
    const second = hold(path)
    expect(await second.outcome()).toMatchObject({
      code: 'TR_OFFSET_LOCKED',
      where: { file: path, lock: `${path}.lock`, pid: first.pid, host: os.hostname(), engine: 'orders' },
      message: expect.stringContaining(`process ${first.pid} on host ${os.hostname()}`) as string,
    })
    await first.end()
    const third = hold(path)
    expect(await third.outcome()).toMatchObject({ held: true })
    await third.end()
    expect(await readdir(folder.path)).toEqual([])
  })

  test('a process that is stopped holds its lock', async () => {
    await using folder = await temporaryFolder()
    const path = `${folder.path}/orders.json`
    const first = hold(path)
    await first.outcome()
    process.kill(first.pid, 'SIGSTOP')
    expect(await hold(path).outcome()).toMatchObject({ code: 'TR_OFFSET_LOCKED', where: { pid: first.pid } })
    await first.kill()
    const second = hold(path)
    expect(await second.outcome()).toMatchObject({ held: true })
    await second.end()
  })

  test('a process that was killed holds nothing, though nobody has asked for its end yet', async () => {
    await using folder = await temporaryFolder()
    const path = `${folder.path}/orders.json`
    // The shell does not ask for its child's end before its own: until then the child is a zombie. A background process would
    // read /dev/null, and so end by itself at once, unless it is given the shell's own input.
    const script = `exec 3<&0; "$@" <&3 & echo $! >${folder.path}/pid; exec sleep 60`
    const parent = hold(path, { through: ['sh', '-c', script, 'sh'] })
    expect(await parent.outcome()).toMatchObject({ held: true })
    const pid = Number(await readFile(`${folder.path}/pid`, 'utf8'))
    expect(await hasEnded(pid, undefined)).toBe(false)
    process.kill(pid, 'SIGKILL')
    await expect.poll(async () => hasEnded(pid, undefined), { timeout: 60_000 }).toBe(true)
    expect(process.kill(pid, 0)).toBe(true)
    await using store = fileOffsets(path)
    await store.load('orders')
    await parent.kill()
  })
})

describe('twenty processes', () => {
  test('at a free place: one gets it', async () => {
    await using folder = await temporaryFolder()
    const { holders, refusals } = await race(`${folder.path}/orders.json`, 20)
    expect(holders).toHaveLength(1)
    expect(refusals.map((line) => line.code)).toEqual(Array(19).fill('TR_OFFSET_LOCKED'))
    await holders[0]!.end()
  })

  test('after a kill, again and again: one gets it, the others name it, and nothing piles up', { timeout: 300_000 }, async () => {
    await using folder = await temporaryFolder()
    const path = `${folder.path}/orders.json`
    let holder = hold(path)
    await holder.outcome()
    for (let round = 0; round < 6; round++) {
      await holder.kill()
      expect(await readdir(folder.path)).toContain('orders.json.lock')
      const { holders, refusals } = await race(path, 20)
      expect(holders).toHaveLength(1)
      expect(refusals).toHaveLength(19)
      holder = holders[0]!
      for (const line of refusals) expect(line).toMatchObject({ code: 'TR_OFFSET_LOCKED', where: { pid: holder.pid } })
      expect(await readdir(folder.path)).toEqual(['orders.json.lock'])
      expect(JSON.parse(await readFile(`${path}.lock`, 'utf8'))).toMatchObject({ pid: holder.pid })
    }
    await holder.end()
    expect(await readdir(folder.path)).toEqual([])
  })
})

describe('what a lock file says', () => {
  const token = '0123456789abcdef'

  async function lockOf(change: Partial<Record<keyof LockHolder, unknown>>): Promise<Buffer> {
    const self = await ownIdentity()
    return encodeHolder({ ...self, token, engine: 'orders', since: '2026-01-01T00:00:00.000Z', ...change } as LockHolder)
  }

  async function outcome(lock: Buffer | string, files = failingFiles(() => undefined)): Promise<unknown> {
    await using folder = await temporaryFolder()
    await writeFile(`${folder.path}/orders.json.lock`, lock)
    await using store = fileOffsets(`${folder.path}/orders.json`, { files })
    return await store.load('orders').then(
      () => 'taken over',
      (error: unknown) => error,
    )
  }

  test('a process that runs: locked; the same pid started at another time: taken over', async () => {
    expect(await outcome(await lockOf({}))).toMatchObject({ code: 'TR_OFFSET_LOCKED', kind: 'definite', where: { pid: process.pid } })
    expect(await outcome(await lockOf({ started: '1' }))).toBe('taken over')
    // PID 1 always runs, and is another user's where we are not root.
    expect(await outcome(await lockOf({ pid: 1, started: undefined }))).toMatchObject({ code: 'TR_OFFSET_LOCKED', where: { pid: 1 } })
  })

  test.runIf(process.platform === 'linux')('a machine that was started anew: taken over on its own disk, not over the network', async () => {
    const lock = await lockOf({ boot: '00000000-0000-4000-8000-000000000000' })
    expect(await outcome(lock)).toBe('taken over')
    const files = failingFiles(() => undefined)
    const network = new Proxy(files, { get: (target, key) => (key === 'statfs' ? async () => ({ type: 0x6969 }) : Reflect.get(target, key) as unknown) })
    expect(await outcome(lock, network)).toMatchObject({ code: 'TR_OFFSET_LOCKED' })
    expect(await outcome(lock, failingFiles((operation) => (operation === 'statfs' ? 'ENOSYS' : undefined)))).toMatchObject({ code: 'TR_OFFSET_LOCKED' })
  })

  test('another host: locked, and the remedy says that nothing can be proven from here', async () => {
    const pid = await unusedPid()
    for (const boot of ['00000000-0000-4000-8000-000000000000', undefined]) {
      expect(await outcome(await lockOf({ host: 'elsewhere.example', boot, pid }))).toMatchObject({
        code: 'TR_OFFSET_LOCKED',
        where: { host: 'elsewhere.example', pid },
        remedy: expect.stringMatching(/on another host.*cannot be seen from here.*remove .*orders\.json\.lock/) as string,
      })
    }
  })

  test.runIf(process.platform === 'linux')('another container of this machine, without a witness: locked', async () => {
    expect(await outcome(await lockOf({ namespace: 'pid:[1]', pid: await unusedPid() }))).toMatchObject({
      code: 'TR_OFFSET_LOCKED',
      remedy: expect.stringContaining('another container') as string,
    })
  })

  test('nonsense: locked, with a remedy, and what is named by it is not touched', async () => {
    const whole = (await lockOf({})).toString()
    const nonsense = ['', '{', 'null', '[]', '1', '"x"', whole.slice(0, -20), '\0'.repeat(100), 'x'.repeat(20_000), '['.repeat(16_000)]
    const forged = await Promise.all([{ pid: 0 }, { pid: -1 }, { pid: 1.5 }, { token: '../../x' }, { witness: { name: '../x', device: '1', inode: '1' } }].map((change) => lockOf(change)))
    const outcomes = await Promise.all([...nonsense, ...forged].map((lock) => outcome(lock)))
    for (const [index, error] of outcomes.entries()) {
      expect(error, String(index)).toMatchObject({ code: 'TR_OFFSET_LOCKED', remedy: expect.stringContaining('If no other engine uses') as string })
    }
  })

  test('a circle of successors has an end', async () => {
    await using folder = await temporaryFolder()
    const path = `${folder.path}/orders.json`
    const lock = await lockOf({ pid: await unusedPid() })
    await writeFile(`${path}.lock`, lock)
    await writeFile(`${path}.lock.${token}`, lock)
    await expect(fileOffsets(path).load('orders')).rejects.toMatchObject({ code: 'TR_OFFSET_LOCKED' })
  })
})

describe('a lock removed by hand', () => {
  test('is put back by the next save: whoever removed it sees that its holder lives', async () => {
    await using folder = await temporaryFolder()
    const path = `${folder.path}/orders.json`
    await using store = fileOffsets(path)
    await store.load('orders')
    execFileSync('rm', [`${path}.lock`])
    await store.save(numbered('orders', 1))
    expect((await readdir(folder.path)).sort()).toEqual(['orders.json', 'orders.json.lock'])
    await expect(fileOffsets(path).load('orders')).rejects.toMatchObject({ code: 'TR_OFFSET_LOCKED', where: { pid: process.pid } })
  })

  test('and taken by another: the first saves no more, and does not release what is not its own', async () => {
    await using folder = await temporaryFolder()
    const path = `${folder.path}/orders.json`
    const store = fileOffsets(path)
    await store.load('orders')
    await store.save(numbered('orders', 1))
    const before = await readFile(path)
    execFileSync('rm', [`${path}.lock`])
    const other = hold(path)
    expect(await other.outcome()).toMatchObject({ held: true, loaded: { position: { number: 1 } } })
    await expect(store.save(numbered('orders', 2))).rejects.toMatchObject({ code: 'TR_OFFSET_LOCKED', where: { pid: other.pid } })
    await store[Symbol.asyncDispose]()
    expect(await readFile(path)).toEqual(before)
    expect(JSON.parse(await readFile(`${path}.lock`, 'utf8'))).toMatchObject({ pid: other.pid })
    await other.end()
  })
})

describe.runIf(process.platform === 'linux')('containers: PID namespaces of their own', () => {
  // --kill-child: the namespace goes with unshare itself. As root, or as a user that may have namespaces.
  const through = [...(process.getuid?.() === 0 ? ['unshare'] : ['unshare', '-Ur']), '--pid', '--fork', '--kill-child', '--mount-proc']
  const possible = ((): boolean => {
    try {
      execFileSync(through[0]!, [...through.slice(1), 'true'], { stdio: 'pipe' })
      return true
    } catch {
      return false
    }
  })()

  test('while one runs the next is refused; once it was killed the next takes over', async ({ skip }) => {
    if (!possible) return notProven(skip, 'locks of containers (unshare is not allowed)')
    // Longer than a socket's path may be.
    await using folder = await temporaryFolder()
    const long = `${folder.path}/${'x'.repeat(200)}`
    execFileSync('mkdir', [long])
    const path = `${long}/orders.json`
    for (let round = 0; round < 3; round++) {
      const first = hold(path, { through })
      const line = await first.outcome()
      expect(line).toMatchObject({ held: true })
      const lock = JSON.parse(await readFile(`${path}.lock`, 'utf8')) as LockHolder
      // In its namespace it has a low number, which here is somebody else's: pids prove nothing.
      expect(lock.namespace).not.toBe(await readlink('/proc/self/ns/pid'))
      expect(lock.pid).toBeLessThan(10)
      const second = hold(path, { through })
      expect(await second.outcome()).toMatchObject({ code: 'TR_OFFSET_LOCKED', where: { pid: lock.pid } })
      await second.ended()
      await expect(fileOffsets(path).load('orders')).rejects.toMatchObject({ code: 'TR_OFFSET_LOCKED' })
      expect((await readdir(long)).sort()).toEqual(['orders.json.lock', `orders.json.lock.${lock.token}.socket`])
      await first.kill()
      // The end of unshare is asked for before that of its child, which dies at the same signal.
      await expect.poll(async () => (await fetchHold(path)) ?? 'taken', { timeout: 60_000 }).toBe('taken')
      expect(await readdir(long)).toEqual([])
    }
  })

  test('a witness is believed only when it is beyond doubt the one', async () => {
    await using folder = await temporaryFolder()
    const witness = await openWitness(folder.path, 'lock.0123456789abcdef.socket')
    const { mark } = witness!
    expect(await askWitness(folder.path, mark)).toBe('alive')
    // The same name on another file system, or the same name again.
    for (const other of [{ device: '1' }, { inode: '1' }]) expect(await askWitness(folder.path, { ...mark, ...other })).toBe('unknown')
    await witness![Symbol.asyncDispose]()
    expect(await readdir(folder.path)).toEqual([])
    expect(await askWitness(folder.path, mark)).toBe('unknown')
    expect(await openWitness(folder.path, `${'x'.repeat(100)}.socket`)).toBeUndefined()
    expect(await openWitness(`${folder.path}/missing`, 'lock.socket')).toBeUndefined()
  })

  async function fetchHold(path: string): Promise<string | undefined> {
    await using store = fileOffsets(path)
    return await store.load('orders').then(
      () => undefined,
      (error: unknown) => (error as { code: string }).code,
    )
  }
})

describe('telling processes apart', () => {
  test('ps tells the start of a process, and that of another is another', async () => {
    const own = await psState(process.pid)
    expect(own).toEqual(await psState(process.pid))
    expect(own.started).toMatch(/20\d\d$/)
    expect(own.ended).toBe(false)
    expect((await psState(1)).started).not.toBe(own.started)
    expect((await psState(await unusedPid())).started).toBeUndefined()
  })
})

/** The number of a process that has ended, and that nobody has had since. */
async function unusedPid(): Promise<number> {
  const pid = Number(execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }))
  expect(await hasEnded(pid, undefined)).toBe(true)
  return pid
}
