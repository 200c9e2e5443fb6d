import type { FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { Logger } from '../../observe/logger.ts'
import type { Reach } from '../../observe/failpoint.ts'
import { syncFolder } from '../../offset/file/atomic-write.ts'
import { APPEND_EXISTING, CREATE_NEW, errnoOf, type FileSystem } from '../../offset/file/file-system.ts'
import { writeError, type Hold } from '../../offset/file/hold.ts'
import { decodeRecord } from '../record-json.ts'
import type { HistoryRecord } from '../record.ts'
import { lastLine, readLines } from './lines.ts'
import { isTorn } from './torn-line.ts'

/** What a history file is opened with. */
export interface HistoryFileContext {
  readonly fs: FileSystem
  readonly hold: Hold
  readonly reach: Reach
  readonly logger: Logger
}

/** The open file. One append after the other. */
export class HistoryFile {
  readonly #context: HistoryFileContext
  readonly #handle: FileHandle
  readonly #device: number
  readonly #inode: number
  /** Bytes that are durable, or were there. */
  #length: number
  /** Something may stand behind them, from an append that failed. */
  #unsure = false

  private constructor(context: HistoryFileContext, handle: FileHandle, { dev, ino, size }: { readonly dev: number; readonly ino: number; readonly size: number }) {
    this.#context = context
    this.#handle = handle
    this.#device = dev
    this.#inode = ino
    this.#length = size
  }

  /** Makes the file where there is none, and proves that it is a history that can be written to. Errors: TR_HISTORY_READ, TR_HISTORY_WRITE, TR_HISTORY_CORRUPT. */
  static async open(context: HistoryFileContext): Promise<HistoryFile> {
    const { fs, hold } = context
    await createIfMissing(fs, hold.file.path)
    const handle = await openExisting(fs, hold)
    try {
      const file = new HistoryFile(context, handle, await handle.stat())
      await file.#mendEnd()
      for await (const record of file.records()) {
        void record
        break
      }
      return file
    } catch (error) {
      await handle.close().catch(() => {})
      throw error
    }
  }

  get #path(): string {
    return this.#context.hold.file.path
  }

  /** Durable when it resolves; after a failure nothing is promised of it, and what is there of it is removed. Errors: TR_HISTORY_WRITE, TR_HISTORY_LOCKED. */
  async append(lines: string): Promise<void> {
    const { hold, reach } = this.#context
    let begun = false
    try {
      await hold.verify()
      await this.#verify()
      begun = this.#unsure = true
      const bytes = Buffer.from(lines)
      for (let written = 0; written < bytes.length; ) written += (await this.#handle.write(bytes, written, bytes.length - written, null)).bytesWritten
      reach('history.written')
      await this.#handle.sync()
      reach('history.synced')
      this.#length += bytes.length
      this.#unsure = false
    } catch (error) {
      // Above all when the disk is full; otherwise the next append does it.
      if (begun) await this.#handle.truncate(this.#length).catch(() => {})
      throw writeError(this.#path, error, 'TR_HISTORY_WRITE')
    }
  }

  /** What is there when this is called. Errors: TR_HISTORY_READ, TR_HISTORY_CORRUPT. */
  async *records(): AsyncGenerator<HistoryRecord> {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    let number = 0
    const lines = readLines(this.#handle, this.#length)
    for (;;) {
      const line = await this.#reading(() => lines.next())
      if (line.done === true) return
      number++
      if (isEmpty(line.value.bytes)) continue
      yield decoded(() => decodeRecord(decoder.decode(line.value.bytes)), { file: this.#path, line: number })
    }
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }

  /** A record whose writing was interrupted was never promised; a whole one without its end is kept. */
  async #mendEnd(): Promise<void> {
    const { start, bytes } = await this.#reading(() => lastLine(this.#handle, this.#length))
    if (bytes.length === 0) return
    try {
      if (isTorn(bytes)) {
        this.#context.logger.warn('The last record of the schema history was not wholly written when a process or the machine stopped, and is removed', { file: this.#path, at: start, bytes: bytes.length })
        await this.#handle.truncate(start)
        this.#length = start
      } else {
        decoded(() => decodeRecord(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)), { file: this.#path, at: start })
        await this.#handle.write(Buffer.from('\n'))
        this.#length += 1
      }
      await this.#handle.sync()
    } catch (error) {
      throw writeError(this.#path, error, 'TR_HISTORY_WRITE')
    }
  }

  /** Somebody who knows no lock may have replaced the file, or written to it. */
  async #verify(): Promise<void> {
    const { dev, ino, size } = await this.#context.fs.lstat(this.#path)
    const where = { file: this.#path }
    if (dev !== this.#device || ino !== this.#inode) throw new TailraceError('TR_HISTORY_WRITE', { message: `${this.#path} was replaced while it was in use`, where, remedy: 'Start the engine again once the right file is in its place' })
    if (size < this.#length) throw new TailraceError('TR_HISTORY_CORRUPT', { message: `${this.#path} has become shorter: records are missing`, where })
    if (this.#unsure) return this.#handle.truncate(this.#length)
    if (size > this.#length) throw new TailraceError('TR_HISTORY_LOCKED', { message: `${this.#path} was written to by somebody else`, where, remedy: 'Give each engine a history of its own; Debezium may write to it while no engine does' })
  }

  async #reading<Result>(read: () => Promise<Result>): Promise<Result> {
    try {
      return await read()
    } catch (cause) {
      throw cause instanceof RangeError ? new TailraceError('TR_HISTORY_CORRUPT', { message: `${this.#path} is damaged: ${cause.message}`, where: { file: this.#path } }) : unreadable(this.#path, cause)
    }
  }
}

/** Java ends lines as its system does. */
function isEmpty(line: Buffer): boolean {
  return line.length === 0 || (line.length === 1 && line[0] === 0x0d)
}

async function createIfMissing(fs: FileSystem, file: string): Promise<void> {
  try {
    const handle = await fs.open(file, CREATE_NEW, 0o600)
    await handle.close()
    await syncFolder(fs, path.dirname(file))
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw writeError(file, error, 'TR_HISTORY_WRITE')
  }
}

async function openExisting(fs: FileSystem, { file }: Hold): Promise<FileHandle> {
  let reason: string | undefined
  try {
    // opening a device can do something already: look first
    const stat = await fs.lstat(file.path)
    reason = stat.isSymbolicLink() ? 'it is a symbolic link' : stat.isFile() ? undefined : 'it is not a regular file'
    // as for offset files: in a folder like /tmp, whoever comes first decides what the tables are
    if (process.platform !== 'win32' && stat.uid !== file.owner && ((await fs.lstat(path.dirname(file.path))).mode & 0o002) !== 0) reason ??= 'it belongs to another user, in a folder that everybody can write to'
    if (reason === undefined) return await fs.open(file.path, APPEND_EXISTING)
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS', 'ETXTBSY'].includes(errnoOf(error) ?? '')) throw writeError(file.path, error, 'TR_HISTORY_WRITE')
    throw unreadable(file.path, error)
  }
  throw new TailraceError('TR_HISTORY_READ', { message: `${file.path} cannot be read: ${reason}`, where: { file: file.path } })
}

function unreadable(file: string, cause: unknown): TailraceError {
  const errno = errnoOf(cause)
  return new TailraceError('TR_HISTORY_READ', { message: `${file} cannot be read: ${errno ?? 'see the cause'}`, where: { file, ...(errno === undefined ? {} : { errno }) }, cause })
}

/** The record, or TR_HISTORY_CORRUPT, which says nothing of its content. */
function decoded(decode: () => HistoryRecord, where: Readonly<Record<string, string | number>>): HistoryRecord {
  try {
    return decode()
  } catch (cause) {
    const problem = cause instanceof TypeError && 'code' in cause ? 'it is not UTF-8' : cause instanceof Error ? cause.message : 'it is no record'
    throw new TailraceError('TR_HISTORY_CORRUPT', { message: `${where['file']}, ${where['line'] === undefined ? `at byte ${where['at']}` : `line ${where['line']}`}, is no record of a schema history: ${problem.slice(0, 200)}`, where })
  }
}
