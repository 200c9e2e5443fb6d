import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readSmallFile, type FileSystem } from './file-system.ts'
import { followChain, publish, successorOf, writeClaim } from './lock-chain.ts'
import { decodeHolder, encodeHolder, MAX_LOCK_BYTES, type LockHolder, type Verdict } from './lock-holder.ts'
import { askWitness } from './witness.ts'

export interface LockRequest {
  readonly fs: FileSystem
  /** The lock file. */
  readonly path: string
  /** Whom the lock is for. */
  readonly holder: LockHolder
  readonly judge: (holder: LockHolder) => Promise<Verdict>
}

/** Why the lock cannot be had. */
export type LockRefusal =
  | { readonly kind: 'held'; readonly holder: LockHolder; readonly verdict: Exclude<Verdict, 'dead'>; readonly file: string }
  | { readonly kind: 'unclear'; readonly file: string; readonly reason: string }

export type LockResult = { readonly kind: 'taken'; readonly lock: FileLock } | LockRefusal

// Somebody else's lock that is being written is complete after a moment; one that never will be is reported.
const UNCLEAR_PAUSE_MS = 20
const UNCLEAR_LOOKS = 100
// Each further look means that somebody else got ahead in between.
const MAX_LOOKS = 1000

/** Takes the lock, also from a holder that is proven dead: of any number that try at once, one gets it. Throws what the file system says. */
export async function takeLock(request: LockRequest): Promise<LockResult> {
  const { fs, holder } = request
  const bytes = encodeHolder(holder)
  const claim = `${request.path}.${holder.token}.claim`
  const successors: string[] = []
  const lock = new FileLock(request, bytes)
  let result: LockResult | undefined
  try {
    await writeClaim(fs, claim, bytes)
    result = await contend(request, claim, bytes, successors, lock)
    return result
  } finally {
    await fs.unlink(claim).catch(() => {})
    // The one that gave us the lock has been moved by now. The others are not part of the chain any more: nobody comes to
    // them again, so that it does no harm if one was created by somebody else meanwhile.
    for (const file of successors) await fs.unlink(file).catch(() => {})
    if (result?.kind !== 'taken') await lock.release()
  }
}

async function contend(request: LockRequest, claim: string, bytes: Buffer, successors: string[], lock: FileLock): Promise<LockResult> {
  const { fs, holder } = request
  let unclear = 0
  let seen: string | undefined
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    const end = await followChain(fs, request.path)
    if (end.kind === 'free') {
      await attempt(fs, claim, request.path, bytes)
    } else if (end.kind === 'unclear') {
      if (++unclear >= UNCLEAR_LOOKS) return end
      await sleep(UNCLEAR_PAUSE_MS)
    } else if (end.holder.token === holder.token) {
      // Nobody succeeds the living: from here on the lock is ours, and its files are ours to put in order.
      if (end.file !== request.path) await fs.rename(end.file, request.path)
      await sweep(request)
      return { kind: 'taken', lock }
    } else {
      const verdict = await request.judge(end.holder)
      if (verdict !== 'dead') {
        // A chain is read file by file. Who came too late to succeed a dead holder, and has not noticed yet, can look like
        // its end when the chain moves meanwhile – but hardly twice.
        if (end.holder.token === seen) return { kind: 'held', holder: end.holder, verdict, file: end.file }
        seen = end.holder.token
        continue
      }
      const place = successorOf(request.path, end.holder.token)
      // Whether this gave us the lock is not said here: the dead one may have left the chain before we looked. The next look tells.
      if (await attempt(fs, claim, place, bytes)) successors.push(place)
    }
  }
  return { kind: 'unclear', file: request.path, reason: 'others took it again and again' }
}

async function attempt(fs: FileSystem, claim: string, to: string, bytes: Buffer): Promise<boolean> {
  const done = await publish(fs, claim, to, bytes)
  // A holder that sweeps takes a claim for garbage while it is being written.
  if (!done && (await readSmallFile(fs, claim, MAX_LOCK_BYTES)).kind === 'missing') await writeClaim(fs, claim, bytes)
  return done
}

/** Removes what processes that were killed left beside the lock. Only its holder may; nothing depends on it. */
async function sweep({ fs, path: lock, holder, judge }: LockRequest): Promise<void> {
  const folder = path.dirname(lock)
  const prefix = `${path.basename(lock)}.`
  try {
    const names = (await fs.readdir(folder)).filter((name) => name.startsWith(prefix))
    for (const name of names) {
      const file = path.join(folder, name)
      const found = name.endsWith('.socket') ? undefined : await readSmallFile(fs, file, MAX_LOCK_BYTES)
      if (found?.kind !== 'found') continue
      const left = decodeHolder(found.bytes)
      const garbage = left === undefined ? name.endsWith('.claim') : left.token !== holder.token && (await judge(left)) === 'dead'
      if (garbage) await fs.unlink(file)
    }
    // After the files that name them, which could not be judged without them.
    for (const name of names) {
      if (name.endsWith('.socket') && !name.includes(holder.token) && (await refuses(fs, folder, name))) await fs.unlink(path.join(folder, name))
    }
  } catch {
    // Somebody else removed it first, or it cannot be removed: it does no harm.
  }
}

async function refuses(fs: FileSystem, folder: string, name: string): Promise<boolean> {
  const { dev, ino } = await fs.lstat(path.join(folder, name), { bigint: true })
  return (await askWitness(folder, { name, device: String(dev), inode: String(ino) })) === 'dead'
}

/** A lock that was taken. */
export class FileLock {
  readonly #request: LockRequest
  readonly #bytes: Buffer

  constructor(request: LockRequest, bytes: Buffer) {
    this.#request = request
    this.#bytes = bytes
  }

  /**
   * Undefined when the lock is ours still. Somebody may have removed it by hand, taking this process for dead: unless
   * another one has it by now, it is put back, which shows them their mistake. Throws what the file system says.
   */
  async verify(): Promise<LockRefusal | undefined> {
    const { fs, path: lock, holder } = this.#request
    for (let looks = 0; ; looks++) {
      const found = await readSmallFile(fs, lock, MAX_LOCK_BYTES)
      const there = found.kind === 'found' ? decodeHolder(found.bytes) : undefined
      if (there?.token === holder.token) return undefined
      if (there !== undefined) return { kind: 'held', holder: there, verdict: 'alive', file: lock }
      if (found.kind !== 'missing' || looks > 0) return { kind: 'unclear', file: lock, reason: found.kind === 'refused' ? found.reason : 'it was replaced' }
      const claim = `${lock}.${holder.token}.claim`
      try {
        await writeClaim(fs, claim, this.#bytes)
        await publish(fs, claim, lock, this.#bytes)
      } finally {
        await fs.unlink(claim)
      }
    }
  }

  /** Never rejects: a lock that cannot be removed is taken over once this process has ended. */
  async release(): Promise<void> {
    const { fs, path: lock, holder } = this.#request
    try {
      const found = await readSmallFile(fs, lock, MAX_LOCK_BYTES)
      if (found.kind === 'found' && decodeHolder(found.bytes)?.token === holder.token) await fs.unlink(lock)
    } catch {
      // See above.
    }
  }
}
