import type { Socket } from 'node:net'
import { systemClock, type Clock } from '../../../time/clock.ts'
import { TailraceError } from '../../../error/tailrace-error.ts'
import { ReadCoalescing } from '../../read-coalescing.ts'
import { PacketFraming, toPackets, type TakePacket } from './packet-framing.ts'
import { fromErrorPacket, readErrorPacket, toServerError } from './server-error.ts'

const ERR = 0xff
/** Answers of the server to a statement: what `max_allowed_packet` can be at most. */
const MAX_PACKET_BYTES = 1024 * 1024 * 1024

/** Whoever gets the packets at the moment. */
export interface PacketUse {
  /** For messages: "While …". */
  readonly doing: string
  readonly take: TakePacket
  /** After each read, once its packets are taken. */
  readonly onRead?: () => void
  /** Once: the socket failed or closed, or a packet could not be taken. Nothing is taken afterwards. */
  readonly onFailure: (error: TailraceError) => void
  /** Default 1 GiB. */
  readonly maxPacketBytes?: number
}

/**
 * The socket of a logged-in `mysql2` connection, taken over: `mysql2` does login and TLS, from here on the bytes are ours. The
 * chunks that a socket emits are memory of their own.
 */
export class PacketSocket {
  readonly #socket: Socket
  readonly #framing: PacketFraming
  readonly #coalescing: ReadCoalescing
  readonly #ended: (() => void)[] = []
  #clock: Clock = systemClock
  #use: PacketUse
  #failure: TailraceError | undefined
  #closing = false
  /** Reads since the last {@link PacketSocket.takeReadCount}: a sign of life. */
  #reads = 0

  constructor(socket: Socket) {
    this.#socket = socket
    this.#use = this.#idle
    this.#framing = new PacketFraming((bytes, start, end) => this.#use.take(bytes, start, end), MAX_PACKET_BYTES)
    this.#coalescing = new ReadCoalescing(socket, { clock: () => this.#clock, wanted: () => this.#failure === undefined && !this.#framing.held })
    socket.removeAllListeners('data')
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('error', (error) => this.fail(toServerError(error, this.#use.doing)))
    // an injected socket may stay half open
    for (const event of ['end', 'close']) socket.on(event, () => this.fail(new TailraceError('TR_MYSQL_DISCONNECTED', { message: `The server closed the connection while ${this.#use.doing}` })))
    socket.resume()
  }

  get buffered(): number {
    return this.#framing.buffered
  }

  get paused(): boolean {
    return this.#framing.held
  }

  /** Why nothing goes any more. */
  get failure(): TailraceError | undefined {
    return this.#failure
  }

  takeReadCount(): number {
    const reads = this.#reads
    this.#reads = 0
    return reads
  }

  /** Called back once, when the connection has ended, whoever ended it. */
  onEnd(callback: () => void): void {
    if (this.#failure === undefined) this.#ended.push(callback)
    else callback()
  }

  /** From now on packets go there; undefined: nobody expects any. */
  use(use: PacketUse | undefined, clock: Clock = systemClock): void {
    this.#use = use ?? this.#idle
    this.#clock = clock
    this.#framing.maxPacketBytes = this.#use.maxPacketBytes ?? MAX_PACKET_BYTES
  }

  /** Sends a command. Errors: what the connection ended with. */
  send(payload: Buffer): void {
    if (this.#failure !== undefined) throw this.#failure
    const packets = toPackets(payload)
    this.#framing.commandSent((packets.length - payload.length) / 4)
    this.#socket.write(packets)
  }

  /** Goes on after `take` has returned false. */
  release(): void {
    if (this.#failure !== undefined || !this.#framing.held) return
    this.#guard(() => this.#framing.release())
    this.#coalescing.resume()
  }

  /** Says goodbye with `last` and closes; waits for the server to hang up, at most `timeoutMs`. Without `last`: at once. Never rejects. */
  async close(last: Buffer | undefined, timeoutMs: number): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    this.#failure ??= new TailraceError('TR_MYSQL_DISCONNECTED', { message: 'The connection is closed' })
    this.#tell()
    const socket = this.#socket
    if (!socket.destroyed && last !== undefined) {
      socket.removeAllListeners('data')
      socket.on('data', () => {})
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(timeoutMs, resolve)
        socket.once('close', () => {
          cancel()
          resolve()
        })
        socket.end(toPackets(last))
        socket.resume()
      })
    }
    socket.destroy()
  }

  fail(error: TailraceError): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    this.#socket.destroy()
    this.#use.onFailure(error)
    this.#tell()
  }

  get #idle(): PacketUse {
    return {
      doing: 'idle',
      // a server that shuts down, or finds us idle for too long, says so before it hangs up
      take: (bytes, start, end) => {
        if (bytes[start] === ERR) throw fromErrorPacket(readErrorPacket(bytes, start, end), 'idle')
        throw new TailraceError('TR_MYSQL_PROTOCOL', { message: `A packet of ${end - start} bytes arrived that nobody asked for` })
      },
      onFailure: () => {},
    }
  }

  #tell(): void {
    for (const callback of this.#ended.splice(0)) callback()
  }

  #read(chunk: Buffer): void {
    if (this.#failure !== undefined) return
    this.#reads++
    this.#coalescing.note(chunk.length)
    this.#guard(() => this.#framing.push(chunk))
    if (this.#failure !== undefined) return
    this.#use.onRead?.()
    if (this.#framing.held) this.#socket.pause()
  }

  #guard(step: () => void): void {
    try {
      step()
    } catch (error) {
      this.fail(error instanceof TailraceError ? error : new TailraceError('TR_ENGINE_INVARIANT', { message: 'Decoding failed unexpectedly', cause: error }))
    }
  }
}
