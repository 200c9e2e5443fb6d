import type { Clock } from '../../../time/clock.ts'
import type { TailraceError } from '../../../error/tailrace-error.ts'
import type { MysqlClient } from './client.ts'
import type { TakePacket } from './packet-framing.ts'

export interface BinlogSocketOptions {
  readonly clock: Clock
  readonly maxPacketBytes: number
  readonly take: TakePacket
  /** After each read, once its packets are taken. */
  readonly onRead: () => void
  /** Once: the socket failed or closed, or a packet could not be taken. Nothing is taken afterwards. */
  readonly onFailure: (error: TailraceError) => void
}

/** A connection that is given to the dump of the log, and never given back: the server leaves it by closing it only. */
export class BinlogSocket {
  readonly #client: MysqlClient

  constructor(client: MysqlClient, { clock, ...use }: BinlogSocketOptions) {
    this.#client = client
    client.abandon()
    client.socket.use({ doing: 'streaming', ...use }, clock)
  }

  get buffered(): number {
    return this.#client.socket.buffered
  }

  get paused(): boolean {
    return this.#client.socket.paused
  }

  /** Reads since the last call: a sign of life. */
  takeReadCount(): number {
    return this.#client.socket.takeReadCount()
  }

  send(payload: Buffer): void {
    const { socket } = this.#client
    // an end that came in between is told through onFailure
    if (socket.failure === undefined) socket.send(payload)
  }

  /** Goes on after `take` has returned false. */
  release(): void {
    this.#client.socket.release()
  }

  /** At once: a server that dumps its log does not read. */
  async close(): Promise<void> {
    await this.#client.close()
  }
}
