import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { TailraceError } from '../../error/tailrace-error.ts'
import { reachNothing, type Reach } from '../../observe/failpoint.ts'
import { CREATE_NEW, errnoOf, type FileSystem } from './file-system.ts'

/** A file that is only ever replaced as a whole. */
export interface ReplacedFile {
  readonly path: string
  /** The user that files created in this folder belong to, as the file system shows it. */
  readonly owner: number
}

/**
 * Puts `bytes` in the file's place: after a crash at any point, of the process or of the machine, the file is the old one
 * or the new one. Durable when it resolves. Throws what the file system says; the old file is then in place (or, when
 * only the folder could not be synced, possibly the new one).
 */
export async function replaceFile(fs: FileSystem, file: ReplacedFile, bytes: Buffer, reach: Reach): Promise<void> {
  const temporary = `${file.path}.tmp`
  const handle = await createTemporary(fs, temporary, file.owner)
  try {
    await fill(handle, bytes, reach)
    await fs.rename(temporary, file.path)
  } catch (error) {
    // Above all when the disk is full: what cannot be used must not take the space that the next attempt needs.
    await fs.unlink(temporary).catch(() => {})
    throw error
  }
  reach('offset.renamed')
  await syncFolder(fs, path.dirname(file.path))
  reach('offset.folder-synced')
}

/**
 * Proves that the file can be written, before anything depends on it: replaces it by its own bytes, which also finds a
 * file that cannot be renamed over (immutable, or mounted by itself into a container: EBUSY). Where there is none, a
 * temporary file is written and removed.
 */
export async function proveWritable(fs: FileSystem, file: ReplacedFile, current: Buffer | undefined): Promise<void> {
  // No failpoint is reached: those mean a save.
  if (current !== undefined) return replaceFile(fs, file, current, reachNothing)
  const temporary = `${file.path}.tmp`
  const handle = await createTemporary(fs, temporary, file.owner)
  try {
    await fill(handle, Buffer.alloc(4096), reachNothing)
  } finally {
    await fs.unlink(temporary)
  }
  await syncFolder(fs, path.dirname(file.path))
}

async function createTemporary(fs: FileSystem, temporary: string, owner: number): Promise<FileHandle> {
  try {
    return await fs.open(temporary, CREATE_NEW, 0o600)
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error
  }
  // Left by a process that was killed while it wrote; nobody else writes here, the lock is held.
  const stat = await fs.lstat(temporary)
  if (!stat.isFile() || stat.uid !== owner) {
    throw new TailraceError('TR_OFFSET_WRITE', {
      message: `${temporary} is in the way: it is ${stat.isFile() ? 'a file of another user' : 'not a regular file'}`,
      where: { file: temporary },
      remedy: 'Find out who put it there, and remove it',
    })
  }
  await fs.unlink(temporary)
  return fs.open(temporary, CREATE_NEW, 0o600)
}

async function fill(handle: FileHandle, bytes: Buffer, reach: Reach): Promise<void> {
  try {
    reach('offset.temporary-created')
    await handle.writeFile(bytes)
    reach('offset.temporary-written')
    // Before the rename: a file system may otherwise write the new name first and the content never (a file of no bytes).
    await handle.sync()
    reach('offset.temporary-synced')
  } catch (error) {
    await handle.close().catch(() => {})
    throw error
  }
  // Network file systems tell of a full disk only here (close(2)).
  await handle.close()
}

/** Makes the folder's names durable. As PostgreSQL's fsync_fname (src/common/file_utils.c): where folders cannot be opened or synced, there is nothing to do. */
export async function syncFolder(fs: FileSystem, folder: string): Promise<void> {
  if (process.platform === 'win32') return
  await using handle = await fs.open(folder, constants.O_RDONLY)
  try {
    await handle.sync()
  } catch (error) {
    const errno = errnoOf(error)
    if (errno !== 'EBADF' && errno !== 'EINVAL') throw error
  }
}
