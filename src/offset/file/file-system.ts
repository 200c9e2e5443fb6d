import { constants } from 'node:fs'
import type * as promises from 'node:fs/promises'

/** The part of `node:fs/promises` that the file store uses; tests put a failing one in its place. */
export type FileSystem = Pick<typeof promises, 'link' | 'lstat' | 'open' | 'readdir' | 'realpath' | 'rename' | 'statfs' | 'unlink'>

// Windows has neither flag.
const NO_FOLLOW = (constants.O_NOFOLLOW as number | undefined) ?? 0
const NO_BLOCK = (constants.O_NONBLOCK as number | undefined) ?? 0

/** Creates, never opens what is there; a symbolic link at that place counts as there (open(2), O_EXCL). */
export const CREATE_NEW: number = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW

/** Reads anywhere and writes behind the end; what is no file of ours is not waited for and not followed. */
export const APPEND_EXISTING: number = constants.O_RDWR | constants.O_APPEND | NO_FOLLOW | NO_BLOCK

/** What a place holds. `refused`: something that cannot be a file of ours. */
export type SmallFile =
  | { readonly kind: 'missing' }
  | { readonly kind: 'found'; readonly bytes: Buffer; readonly uid: number }
  | { readonly kind: 'refused'; readonly reason: string }

/** Reads a regular file of at most `limit` bytes. Follows no symbolic link and never waits for a FIFO. Throws what the file system says, ENOENT excepted. */
export async function readSmallFile(fs: FileSystem, path: string, limit: number): Promise<SmallFile> {
  try {
    // Opening a device can do something already: look first.
    const refusal = refuse(await fs.lstat(path), limit)
    if (refusal !== undefined) return refusal
    await using file = await fs.open(path, constants.O_RDONLY | NO_FOLLOW | NO_BLOCK)
    const stat = await file.stat()
    const second = refuse(stat, limit)
    if (second !== undefined) return second
    const buffer = Buffer.alloc(stat.size + 1)
    let length = 0
    for (;;) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length)
      length += bytesRead
      if (length === buffer.length) return { kind: 'refused', reason: 'it grew while it was read' }
      if (bytesRead === 0) return { kind: 'found', bytes: buffer.subarray(0, length), uid: stat.uid }
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { kind: 'missing' }
    if (errnoOf(error) === 'ELOOP') return { kind: 'refused', reason: 'it is a symbolic link' }
    throw error
  }
}

function refuse(stat: { isFile(): boolean; isSymbolicLink(): boolean; readonly size: number }, limit: number): SmallFile | undefined {
  if (stat.isSymbolicLink()) return { kind: 'refused', reason: 'it is a symbolic link' }
  if (!stat.isFile()) return { kind: 'refused', reason: 'it is not a regular file' }
  if (stat.size > limit) return { kind: 'refused', reason: `it is larger than ${limit} bytes` }
  return undefined
}

/** `ENOSPC`, `EACCES` …; undefined for anything that is not an error of the operating system. */
export function errnoOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Error && 'code' in error && 'syscall' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}
