import type { Socket } from 'node:net'
import type pg from 'pg'
import type { Clock } from '../../../time/clock.ts'
import { TailraceError } from '../../../error/tailrace-error.ts'
import { Framing, type TakeMessage } from './framing.ts'
import { ReadCoalescing } from '../../read-coalescing.ts'
import { toServerError } from './server-error.ts'

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
 */
export class MessageSocket {
  readonly #client: pg.Client
  readonly #socket: Socket
  readonly #framing: Framing
  readonly #coalescing: ReadCoalescing
  readonly #options: MessageSocketOptions
  #failed = false
  #closing = false
  /** Reads since the last {@link MessageSocket.takeReadCount}: a sign of life. */
  #reads = 0

  constructor(client: pg.Client, options: MessageSocketOptions) {
    this.#client = client
    this.#options = options
    this.#framing = new Framing(options.take, options.maxMessageBytes)
    this.#socket = (client as unknown as { connection: { stream: Socket } }).connection.stream
    this.#coalescing = new ReadCoalescing(this.#socket, { clock: () => options.clock, wanted: () => !this.#failed && !this.#framing.held })
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
    this.#coalescing.resume()
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
    this.#coalescing.note(chunk.length)
    this.#guard(() => this.#framing.push(chunk))
    if (this.#failed) return
    this.#options.onRead()
    if (this.#framing.held) this.#socket.pause()
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
