import { EventEmitter, once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises'

/** What is wrong with the network at the moment; read before every piece that is passed on. */
export interface Fault {
  readonly blackhole: boolean
  readonly stall: boolean
  readonly oneByte: boolean
  readonly rate: number | undefined
}

/** One client connection and its counterpart to the server. */
export class ProxiedConnection {
  /** The first bytes the client sent (at most 1024). */
  opening: Buffer = Buffer.alloc(0)
  toClient = 0
  toServer = 0
  swallowed = 0
  /** Both sides are closed. */
  readonly closed: Promise<unknown>
  readonly #client: Socket
  readonly #server: Socket
  readonly #fault: Fault
  readonly #wake = new EventEmitter()
  #cutAt: number | undefined
  #deaf = false
  #ended = false

  constructor(client: Socket, port: number, fault: Fault) {
    this.#client = client
    this.#fault = fault
    this.#server = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
    for (const socket of [client, this.#server]) {
      socket.setNoDelay(true)
      // An error on one side (a reset, a server that is down) is a reset on the other, if the network carries it.
      socket.on('error', () => {
        if (!this.#lost()) this.cut()
      })
    }
    this.closed = Promise.all([client, this.#server].map((socket) => new Promise((resolve) => socket.once('close', resolve))))
    void this.#pump(client, this.#server, (chunk) => this.#sendToServer(chunk))
    void this.#pump(this.#server, client, (chunk) => this.#sendToClient(chunk))
  }

  cut(): void {
    this.#ended = true
    this.wake()
    for (const socket of [this.#client, this.#server]) reset(socket)
  }

  fin(): void {
    this.#ended = true
    this.wake()
    for (const socket of [this.#client, this.#server]) socket.end()
  }

  cutAfter(bytes: number): void {
    this.#cutAt = this.toClient + bytes
  }

  /** A stall may be over, or the connection. */
  wake(): void {
    this.#wake.emit('wake')
  }

  /** A connection that has lost something cannot go on when the network heals. */
  #lost(): boolean {
    if (this.#fault.blackhole) this.#deaf = true
    return this.#deaf
  }

  async #pump(from: Socket, to: Socket, send: (chunk: Buffer) => Promise<void>): Promise<void> {
    try {
      for await (const chunk of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        while (this.#fault.stall && !this.#ended) await once(this.#wake, 'wake')
        // After fin() what still comes is read and dropped, else the other side's own FIN would never be seen.
        if (this.#ended) continue
        if (this.#lost()) this.swallowed += chunk.length
        else await send(chunk)
      }
      if (!this.#lost()) to.end()
    } catch {
      // The 'error' handler has seen to it.
    }
  }

  async #sendToServer(chunk: Buffer): Promise<void> {
    if (this.opening.length < 1024) this.opening = Buffer.concat([this.opening, chunk]).subarray(0, 1024)
    await write(this.#server, chunk)
    this.toServer += chunk.length
  }

  async #sendToClient(chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length && !this.#ended; ) {
      if (this.#lost()) {
        this.swallowed += chunk.length - at
        return
      }
      const { oneByte, rate } = this.#fault
      let length = oneByte ? 1 : chunk.length - at
      // Twenty portions a second.
      if (rate !== undefined) length = Math.min(length, Math.max(1, Math.floor(rate / 20)))
      if (this.#cutAt !== undefined) length = Math.min(length, this.#cutAt - this.toClient)
      if (length > 0) await write(this.#client, chunk.subarray(at, at + length))
      at += length
      this.toClient += length
      if (this.#cutAt !== undefined && this.toClient >= this.#cutAt) this.cut()
      else if (rate !== undefined) await delay((length / rate) * 1000)
      else if (oneByte) await turn()
    }
  }
}

/** RST and nothing before it. */
export function reset(socket: Socket): void {
  // resetAndDestroy() ends the stream first, which sends a FIN that may be seen before the RST (lib/net.js: _reset calls
  // destroySoon); this flag is what it sets to make destroy() reset.
  if (!socket.connecting) (socket as Socket & { resetAndClosing: boolean }).resetAndClosing = true
  socket.destroy()
}

/** Resolves when the operating system has taken the bytes, or the socket is gone: back-pressure goes through the proxy. */
function write(socket: Socket, chunk: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (socket.writable) socket.write(chunk, () => resolve())
    else resolve()
  })
}
