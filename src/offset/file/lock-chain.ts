import { CREATE_NEW, errnoOf, readSmallFile, type FileSystem, type SmallFile } from './file-system.ts'
import { decodeHolder, MAX_LOCK_BYTES, type LockHolder } from './lock-holder.ts'

// A lock is the file `<lock>`. Who finds that its holder, token t, is dead does not remove it – whoever else found the
// same would then remove the next holder's – but creates `<lock>.<t>`, the successor of t. As a name can be created
// once only and tokens are never used twice, a dead holder has one successor, whoever races. If that one dies as well
// before it has moved its own file to `<lock>`, it gets a successor in turn: the chain's last member holds the lock.

/** The end of the chain. */
export type ChainEnd =
  | { readonly kind: 'free' }
  | { readonly kind: 'held'; readonly holder: LockHolder; readonly file: string }
  /** Something stands there that is not, or not yet wholly, a lock. */
  | { readonly kind: 'unclear'; readonly file: string; readonly reason: string }

/** Longer chains would need this many crashes within the same few milliseconds each; a circle can only be put there on purpose. */
const MAX_LENGTH = 64

/** Who holds the lock at this moment. */
export async function followChain(fs: FileSystem, lock: string): Promise<ChainEnd> {
  let end: ChainEnd = { kind: 'free' }
  for (let file = lock, length = 0; length < MAX_LENGTH; length++) {
    const found = await readLock(fs, file)
    if (found.kind === 'missing') return end
    if (found.kind === 'refused') return { kind: 'unclear', file, reason: found.reason }
    const holder = decodeHolder(found.bytes)
    if (holder === undefined) return { kind: 'unclear', file, reason: 'it is not the lock of an engine' }
    end = { kind: 'held', holder, file }
    file = successorOf(lock, holder.token)
  }
  return { kind: 'unclear', file: lock, reason: 'its successors have no end' }
}

async function readLock(fs: FileSystem, file: string): Promise<SmallFile> {
  try {
    return await readSmallFile(fs, file, MAX_LOCK_BYTES)
  } catch (error) {
    // The folder is ours to write to, or there would be no claim: the file alone is closed to us.
    if (errnoOf(error) === 'EACCES') return { kind: 'refused', reason: 'it belongs to another user' }
    throw error
  }
}

/** The place for the one successor of a dead holder. */
export function successorOf(lock: string, token: string): string {
  return `${lock}.${token}`
}

/** Writes a file that nobody looks at yet. */
export async function writeClaim(fs: FileSystem, file: string, bytes: Buffer): Promise<void> {
  await using handle = await fs.open(file, CREATE_NEW, 0o600)
  await handle.writeFile(bytes)
  // Power may fail: a lock that says nothing could not be taken over.
  await handle.sync()
}

// What link(2) says where there are no hard links: EPERM by its manual page, the others by file systems of servers and in user space.
const NO_LINKS: ReadonlySet<string | undefined> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

/**
 * Gives the claim the name `to` as well, at once and with all its content; false when that name is taken, or when the
 * claim is gone. Where there are no hard links the name is created first and filled then: whoever reads it in between
 * finds it unclear and looks again.
 */
export async function publish(fs: FileSystem, claim: string, to: string, bytes: Buffer): Promise<boolean> {
  try {
    await fs.link(claim, to)
    return true
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'EEXIST' || errno === 'ENOENT') return false
    if (!NO_LINKS.has(errno)) throw error
  }
  try {
    await writeClaim(fs, to, bytes)
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  }
}
