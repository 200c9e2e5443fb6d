import * as nodeFs from 'node:fs/promises'
import path from 'node:path'
import { TailraceError } from '../../error/tailrace-error.ts'
import { reachNothing, type Reach } from '../../observe/failpoint.ts'
import type { OffsetStore, StoredOffset } from '../offset-store.ts'
import { proveWritable, replaceFile } from './atomic-write.ts'
import { errnoOf, readSmallFile, type FileSystem } from './file-system.ts'
import { jsonCodec, type FileCodec } from './file-codec.ts'
import { takeHold, writeError, type Hold } from './hold.ts'
import { SaveQueue } from './save-queue.ts'

export type { FileSystem } from './file-system.ts'

/** For tests. */
export interface FileOffsetsOptions {
  /** Default: `node:fs/promises`. */
  readonly files?: FileSystem
  /** Called at the failpoints `offset.…`. Default: nothing. */
  readonly reach?: Reach
}

/**
 * Keeps an engine's offset in one file of JSON, mode 0600, which each save replaces as a whole. The folder must exist.
 * While an engine uses it, `<path>.lock` names the engine's process; the lock of a process that was killed is taken over.
 * A store can be loaded again once it is disposed. Errors: TR_CONFIG_INVALID for a path that names no file; of the store
 * those of {@link OffsetStore}.
 */
export function fileOffsets(path: string, options: FileOffsetsOptions = {}): OffsetStore {
  return fileStore(path, jsonCodec, options)
}

/** As {@link fileOffsets}, with something else in the file. */
export function fileStore(path: string, codec: FileCodec, options: FileOffsetsOptions = {}): OffsetStore {
  return new FileOffsets(filePath(path), codec, options.files ?? nodeFs, options.reach ?? reachNothing)
}

function filePath(name: unknown): string {
  if (typeof name !== 'string' || name === '' || name.includes('\0') || /[/\\]$/.test(name) || /(^|[/\\])\.\.?$/.test(name)) {
    throw new TailraceError('TR_CONFIG_INVALID', { message: 'The path of the offset file does not name a file', where: { path: String(name) } })
  }
  // At once: the working directory may change.
  return path.resolve(name)
}

class FileOffsets implements OffsetStore {
  readonly #path: string
  readonly #codec: FileCodec
  readonly #fs: FileSystem
  readonly #reach: Reach
  /** Settles when it is known whether the lock is ours; undefined when it is not and nobody asked. */
  #loading: Promise<unknown> | undefined
  #hold: Hold | undefined
  readonly #saves = new SaveQueue<{ readonly hold: Hold; readonly bytes: Buffer }>(({ hold, bytes }) => this.#write(hold, bytes))
  #disposing: Promise<void> | undefined

  constructor(path: string, codec: FileCodec, fs: FileSystem, reach: Reach) {
    this.#path = path
    this.#codec = codec
    this.#fs = fs
    this.#reach = reach
  }

  async load(engine: string): Promise<StoredOffset | undefined> {
    if (this.#loading !== undefined) {
      throw new TailraceError('TR_OFFSET_LOCKED', {
        message: `The store of ${this.#path} is in use already${this.#hold === undefined ? '' : ` by the engine ${JSON.stringify(this.#hold.engine)}`}`,
        where: { file: this.#path, pid: process.pid },
        remedy: 'Give each engine its own offset store, or dispose this one before it is used again',
      })
    }
    const loading = this.#load(engine)
    this.#loading = loading
    try {
      return await loading
    } catch (error) {
      this.#loading = undefined
      throw error
    }
  }

  async #load(engine: string): Promise<StoredOffset | undefined> {
    const hold = await takeHold(this.#fs, this.#path, engine)
    try {
      const bytes = await this.#read(hold)
      const offset = this.#codec.decode(bytes, engine, this.#path)
      await proveWritable(this.#fs, hold.file, bytes).catch((error: unknown) => {
        throw writeError(this.#path, error)
      })
      this.#hold = hold
      return offset
    } catch (error) {
      await hold.release()
      throw error
    }
  }

  async #read(hold: Hold): Promise<Buffer | undefined> {
    let reason: string
    let cause: unknown
    try {
      const found = await readSmallFile(this.#fs, hold.file.path, this.#codec.maxBytes)
      if (found.kind === 'missing') return undefined
      if (found.kind === 'found' && (await this.#isTrusted(found.uid, hold))) return found.bytes
      reason = found.kind === 'found' ? 'it belongs to another user, in a folder that everybody can write to' : found.reason
    } catch (error) {
      cause = error
      reason = errnoOf(error) ?? 'see the cause'
    }
    const errno = errnoOf(cause)
    throw new TailraceError('TR_OFFSET_READ', {
      message: `${this.#path} cannot be read: ${reason}`,
      where: { file: this.#path, ...(errno === undefined ? {} : { errno }) },
      cause,
    })
  }

  /** In a folder like /tmp, whoever comes first decides where an engine starts. Elsewhere the folder's permissions say who may. */
  async #isTrusted(uid: number, hold: Hold): Promise<boolean> {
    // Compared with a file of ours in the same folder: a file system of a server may show everything as one user's.
    if (process.platform === 'win32' || uid === hold.file.owner) return true
    const folder = await this.#fs.lstat(path.dirname(hold.file.path))
    return (folder.mode & 0o002) === 0
  }

  async save(offset: StoredOffset): Promise<void> {
    const hold = this.#hold
    if (hold === undefined) {
      throw new TailraceError('TR_OFFSET_WRITE', {
        message: `${this.#path} is not loaded: nothing keeps other engines from it`,
        where: { file: this.#path },
        remedy: 'Load the store before saving, and save nothing after disposing it',
      })
    }
    const bytes = this.#codec.encode(offset)
    if (offset.engine !== hold.engine) {
      throw new TailraceError('TR_OFFSET_FOREIGN', {
        message: `An offset of the engine ${JSON.stringify(offset.engine)} was given to the store of ${JSON.stringify(hold.engine)}`,
        where: { file: this.#path, engine: hold.engine, found: offset.engine },
      })
    }
    await this.#saves.push({ hold, bytes })
  }

  async #write(hold: Hold, bytes: Buffer): Promise<void> {
    try {
      await hold.verify()
      await replaceFile(this.#fs, hold.file, bytes, this.#reach)
    } catch (error) {
      throw writeError(this.#path, error)
    }
  }

  /** Waits for saves that were asked for, then releases the lock. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposing ??= this.#dispose().finally(() => {
      this.#disposing = undefined
    })
    return this.#disposing
  }

  async #dispose(): Promise<void> {
    await this.#loading?.catch(() => {})
    const hold = this.#hold
    if (hold === undefined) return
    this.#hold = undefined
    await this.#saves.idle()
    await hold.release()
    this.#loading = undefined
  }
}
