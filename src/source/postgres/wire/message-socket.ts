import type { Socket } from 'node:net'
import type pg from 'pg'
import type { Clock } from '../../../time/clock.ts'
import { TailraceError } from '../../../error/tailrace-error.ts'
import { Framing, type TakeMessage } from './framing.ts'
import { toServerError } from './server-error.ts'

/** What a turn of the event loop reads is worth waiting a moment for more, if it is less than this and the server is busy. */
const SHORT_READ = 32_768
/** After a wait, more than this says that the server is still busy. */
const BUSY_READ = 4_096
const BUSY_GAP_MS = 0.3
const BUSY_READS = 4
const COALESCE_MS = 1

export interface MessageSocketOptions {
  readonly clock: Clock
  readonly maxMessageBytes: number
  readonly take: TakeMessage
  /** After each read, once its messages are taken. */
  readonly onRead: () => void
  /** Once: the socket failed or closed, or a message could not be taken. Nothing is taken afterwards. */
  readonly onFailure: (error: TailraceError) => void
}

/**
 * The socket of a logged-in `pg` connection, taken over: `pg` does login and TLS, from here on the bytes are ours. The
 * chunks a socket emits are memory of their own, unlike the buffer that pg-protocol hands out slices of and reuses.
 *
 * Read coalescing: a walsender sends one small packet a row, and waking up for each costs more than the row. While reads
 * come thick and fast, reading pauses for a millisecond, so that the kernel collects. A lone read is never delayed. Judged is what
 * one turn of the event loop brings: TLS hands out each of its records as a read of its own, however small.
 */
export class MessageSocket {
  readonly #client: pg.Client
  readonly #socket: Socket
  readonly #framing: Framing
  readonly #options: MessageSocketOptions
  #failed = false
  #closing = false
  #lastReadAt = 0
  #quickReads = 0
  #coalescing = false
  /** Read in this turn of the event loop. */
  #turnBytes = 0
  /** Reads since the last {@link MessageSocket.takeReadCount}: a sign of life. */
  #reads = 0

  constructor(client: pg.Client, options: MessageSocketOptions) {
    this.#client = client
    this.#options = options
    this.#framing = new Framing(options.take, options.maxMessageBytes)
    this.#socket = (client as unknown as { connection: { stream: Socket } }).connection.stream
    this.#socket.removeAllListeners('data')
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk))
    this.#socket.on('error', (error) => this.#fail(toServerError(error, 'streaming')))
    this.#socket.on('close', () => this.#fail(new TailraceError('TR_PG_DISCONNECTED', { message: 'The server closed the connection' })))
  }

  get buffered(): number {
    return this.#framing.buffered
  }

  takeReadCount(): number {
    const reads = this.#reads
    this.#reads = 0
    return reads
  }

  get paused(): boolean {
    return this.#framing.held
  }

  send(message: Buffer): void {
    if (!this.#failed && this.#socket.writable) this.#socket.write(message)
  }

  /** Goes on after `take` has returned false. */
  release(): void {
    if (this.#failed || !this.#framing.held) return
    this.#guard(() => this.#framing.release())
    if (!this.#framing.held && !this.#coalescing) this.#socket.resume()
  }

  /** Says goodbye with `last` and closes; waits for the server to hang up, at most `timeoutMs`. */
  async close(last: Buffer, timeoutMs: number): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    this.#failed = true
    const { promise, resolve } = deferred()
    if (this.#socket.destroyed) return
    this.#socket.removeAllListeners('data')
    this.#socket.on('data', () => {})
    this.#socket.once('close', resolve)
    const cancel = this.#options.clock.after(timeoutMs, resolve)
    this.#socket.end(last)
    this.#socket.resume()
    await promise
    cancel()
    this.#socket.destroy()
    this.#client.end().catch(() => {})
  }

  #read(chunk: Buffer): void {
    if (this.#failed) return
    this.#reads++
    if (this.#turnBytes === 0) setImmediate(() => this.#endTurn())
    this.#turnBytes += chunk.length
    this.#guard(() => this.#framing.push(chunk))
    if (this.#failed) return
    this.#options.onRead()
    if (this.#framing.held) this.#socket.pause()
  }

  #endTurn(): void {
    const size = this.#turnBytes
    this.#turnBytes = 0
    if (!this.#failed && !this.#framing.held && this.#busy(size)) this.#coalesce()
  }

  #busy(size: number): boolean {
    const now = this.#options.clock.monotonicMs()
    const quick = now - this.#lastReadAt < BUSY_GAP_MS
    this.#lastReadAt = now
    // what follows a wait is judged by its size, any other by how soon it came
    if (this.#quickReads >= BUSY_READS && !quick) this.#quickReads = size >= BUSY_READ ? BUSY_READS : 0
    else this.#quickReads = quick ? this.#quickReads + 1 : 0
    return this.#quickReads >= BUSY_READS && size < SHORT_READ
  }

  #coalesce(): void {
    this.#coalescing = true
    this.#socket.pause()
    this.#options.clock.after(COALESCE_MS, () => {
      this.#coalescing = false
      if (!this.#framing.held && !this.#failed) this.#socket.resume()
    })
  }

  #guard(step: () => void): void {
    try {
      step()
    } catch (error) {
      this.#fail(error instanceof TailraceError ? error : new TailraceError('TR_ENGINE_INVARIANT', { message: 'Decoding failed unexpectedly', cause: error }))
    }
  }

  #fail(error: TailraceError): void {
    if (this.#failed) return
    this.#failed = true
    this.#socket.destroy()
    this.#client.end().catch(() => {})
    this.#options.onFailure(error)
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>((settle) => (resolve = settle))
  return { promise, resolve }
}
