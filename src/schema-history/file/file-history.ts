import * as nodeFs from 'node:fs/promises'
import path from 'node:path'
import { TailraceError } from '../../error/tailrace-error.ts'
import { reachNothing, type Reach } from '../../observe/failpoint.ts'
import type { FileSystem } from '../../offset/file/file-system.ts'
import { takeHold, type Hold } from '../../offset/file/hold.ts'
import type { HistoryContext, SchemaHistory } from '../history.ts'
import { encodeRecord } from '../record-json.ts'
import type { HistoryRecord } from '../record.ts'
import { HistoryFile } from './history-file.ts'

/** For tests. */
export interface FileHistoryOptions {
  /** Default: `node:fs/promises`. */
  readonly files?: FileSystem
  /** Called at the failpoints `history.…`. Default: nothing. */
  readonly reach?: Reach
}

/**
 * Keeps the schema history in a file as Debezium's FileSchemaHistory does: one record of JSON a line, UTF-8. Each append is synced; what an
 * interrupted one left is removed when the file is opened again. The folder must exist; the file, mode 0600, is made. While an engine uses
 * it, `<path>.lock` names the engine's process; the lock of a process that was killed is taken over. It can be opened again once it is disposed.
 * Errors: TR_CONFIG_INVALID for a path that names no file; of the history TR_HISTORY_LOCKED, TR_HISTORY_CORRUPT, TR_HISTORY_READ, TR_HISTORY_WRITE.
 */
export function fileSchemaHistory(path: string, options: FileHistoryOptions = {}): SchemaHistory {
  return new FileHistory(filePath(path), options.files ?? nodeFs, options.reach ?? reachNothing)
}

function filePath(name: unknown): string {
  if (typeof name !== 'string' || name === '' || name.includes('\0') || /[/\\]$/.test(name) || /(^|[/\\])\.\.?$/.test(name)) {
    throw new TailraceError('TR_CONFIG_INVALID', { message: 'The path of the schema history does not name a file', where: { path: String(name) } })
  }
  // at once: the working directory may change
  return path.resolve(name)
}

interface Open {
  readonly hold: Hold
  readonly file: HistoryFile
}

class FileHistory implements SchemaHistory {
  readonly #path: string
  readonly #fs: FileSystem
  readonly #reach: Reach
  #opening: Promise<Open> | undefined
  #open: Open | undefined
  #turn: Promise<void> = Promise.resolve()
  #disposing: Promise<void> | undefined

  constructor(path: string, fs: FileSystem, reach: Reach) {
    this.#path = path
    this.#fs = fs
    this.#reach = reach
  }

  async open(context: HistoryContext): Promise<void> {
    if (this.#opening !== undefined) throw new TailraceError('TR_HISTORY_LOCKED', { message: `${this.#path} is in use already`, where: { file: this.#path, pid: process.pid }, remedy: 'Give each engine a schema history of its own' })
    const opening = this.#take(context)
    this.#opening = opening
    try {
      this.#open = await opening
    } catch (error) {
      this.#opening = undefined
      throw error
    }
  }

  async *records(signal: AbortSignal): AsyncGenerator<HistoryRecord> {
    const { file } = this.#opened('TR_HISTORY_READ')
    for await (const record of file.records()) {
      signal.throwIfAborted()
      yield record
    }
  }

  async append(records: readonly HistoryRecord[]): Promise<void> {
    const { file } = this.#opened('TR_HISTORY_WRITE')
    if (records.length === 0) return
    // now: whoever gave them may change them
    const lines = records.map((record) => `${encodeRecord(record)}\n`).join('')
    const written = this.#turn.then(() => file.append(lines))
    this.#turn = written.catch(() => {})
    await written
  }

  /** Waits for appends that were asked for, then releases the lock. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposing ??= this.#close().finally(() => {
      this.#disposing = undefined
    })
    return this.#disposing
  }

  async #take({ logger }: HistoryContext): Promise<Open> {
    // whose engine it is, is not known here
    const hold = await takeHold(this.#fs, this.#path, '', { locked: 'TR_HISTORY_LOCKED', write: 'TR_HISTORY_WRITE' })
    try {
      return { hold, file: await HistoryFile.open({ fs: this.#fs, hold, reach: this.#reach, logger }) }
    } catch (error) {
      await hold.release()
      throw error
    }
  }

  #opened(code: 'TR_HISTORY_READ' | 'TR_HISTORY_WRITE'): Open {
    if (this.#open === undefined) throw new TailraceError(code, { message: `${this.#path} is not open: nothing keeps other engines from it`, where: { file: this.#path }, remedy: 'Open the schema history before, and use it no more once it is disposed' })
    return this.#open
  }

  async #close(): Promise<void> {
    await this.#opening?.catch(() => {})
    const open = this.#open
    this.#open = undefined
    if (open === undefined) return
    await this.#turn
    // a network file system may tell only here that it could not write, and all that was promised was synced
    await open.file.close().catch(() => {})
    await open.hold.release()
    this.#opening = undefined
  }
}
