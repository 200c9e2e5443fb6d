import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { ProxiedConnection, reset, type Fault } from './tcp-proxied-connection.ts'

export type { ProxiedConnection } from './tcp-proxied-connection.ts'

/** Which connections a fault is for; all when left out. */
export type Which = (connection: ProxiedConnection) => boolean

/** The connection asked for replication in its startup packet (not to be seen through TLS). */
export const isReplication: Which = (connection) => /\0replication\0(?:database|true|on|1)\0/.test(connection.opening.toString('latin1'))

/** Starts a proxy on a free port of 127.0.0.1 that passes everything to 127.0.0.1:`target` until told otherwise. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return new TcpProxy(server, target)
}

/** A TCP proxy in this process with the faults of networks. Faults are for open connections and new ones alike. */
export class TcpProxy {
  readonly host = '127.0.0.1'
  readonly port: number
  readonly #server: Server
  readonly #open = new Set<ProxiedConnection>()
  readonly #fault: { -readonly [K in keyof Fault]: Fault[K] } = { blackhole: false, stall: false, oneByte: false, rate: undefined }
  #target: number
  #refusing = false
  #accepted = 0
  #past = { toClient: 0, toServer: 0, swallowed: 0 }

  constructor(server: Server, target: number) {
    this.#server = server
    this.#target = target
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (socket) => this.#accept(socket))
  }

  get connections(): readonly ProxiedConnection[] {
    return [...this.#open]
  }

  /** Since the proxy was started; bytes are those passed on (swallowed: those that were not). */
  get counters(): { accepted: number; open: number; toClient: number; toServer: number; swallowed: number } {
    const sum = { accepted: this.#accepted, open: this.#open.size, ...this.#past }
    for (const { toClient, toServer, swallowed } of this.#open) {
      sum.toClient += toClient
      sum.toServer += toServer
      sum.swallowed += swallowed
    }
    return sum
  }

  /** Ends connections with RST on both sides. */
  cut(which?: Which): void {
    for (const connection of this.#chosen(which)) connection.cut()
  }

  /** Ends connections with FIN on both sides, as a server that shuts down in order. */
  fin(which?: Which): void {
    for (const connection of this.#chosen(which)) connection.fin()
  }

  /** Cuts a connection (the first that gets there) once `bytes` more went to the client on it. */
  cutAfter(bytes: number, which?: Which): void {
    for (const connection of this.#chosen(which)) connection.cutAfter(bytes)
  }

  /**
   * On: both directions swallow what comes, without an answer, and new connections are taken but lead nowhere. Off: new
   * connections work; those that lost bytes stay dumb for ever, as when a firewall has forgotten them.
   */
  blackhole(on: boolean): void {
    this.#fault.blackhole = on
  }

  /** On: nothing is read any more in either direction, nothing is lost. Off: it flows on. */
  stall(on: boolean): void {
    this.#fault.stall = on
    for (const connection of this.#open) connection.wake()
  }

  /** On: the client gets one byte a write, each in a turn of the event loop of its own. */
  oneByte(on: boolean): void {
    this.#fault.oneByte = on
  }

  /** Bytes a second towards the client, for each connection; undefined: as fast as it goes. */
  rate(bytesPerSecond: number | undefined): void {
    this.#fault.rate = bytesPerSecond
  }

  /** On: new connections are reset at once. Open ones are left alone. */
  refuse(on: boolean): void {
    this.#refusing = on
  }

  /** New connections go to another port of 127.0.0.1. Open ones stay where they are. */
  retarget(port: number): void {
    this.#target = port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    const closed = once(this.#server, 'close')
    this.#server.close()
    await closed
  }

  #chosen(which: Which = () => true): ProxiedConnection[] {
    return this.connections.filter(which)
  }

  #accept(socket: Socket): void {
    this.#accepted++
    if (this.#refusing) {
      reset(socket)
      return
    }
    const connection = new ProxiedConnection(socket, this.#target, this.#fault)
    this.#open.add(connection)
    void connection.closed.then(() => {
      this.#open.delete(connection)
      this.#past.toClient += connection.toClient
      this.#past.toServer += connection.toServer
      this.#past.swallowed += connection.swallowed
    })
  }
}
