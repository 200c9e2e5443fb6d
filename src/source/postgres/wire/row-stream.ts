import type pg from 'pg'
import { bigWord32 } from '../../../byte/big-endian.ts'
import type { Clock } from '../../../time/clock.ts'
import { TailraceError } from '../../../error/tailrace-error.ts'
import { DATA_ROW, PgRowImage } from '../row-image.ts'
import { queryMessage } from './copy-both.ts'
import { MessageSocket } from './message-socket.ts'
import { fromSqlstate, readNotice } from './server-error.ts'

/** Rows that were read together, and the raw bytes behind them. */
export interface RowChunk {
  readonly rows: readonly PgRowImage[]
  readonly bytes: number
}

export interface RowStreamOptions {
  readonly clock: Clock
  readonly maxMessageBytes: number
  readonly maxRows: number
  readonly maxBytes: number
}

/**
 * Reads the results of simple queries as raw DataRows at the caller's pace, on a connection taken over from `pg`. Length-
 * prefixed cells as in pgoutput, so that snapshot and stream share one decoder; nothing but one chunk is held.
 */
export class RowStream {
  readonly #socket: MessageSocket
  readonly #options: RowStreamOptions
  #rows: PgRowImage[] = []
  #bytes = 0
  #columns = 0
  /** Between ReadyForQuery and the next query. */
  #idle = true
  #failure: TailraceError | undefined
  #waiting: (() => void) | undefined

  constructor(client: pg.Client, options: RowStreamOptions) {
    this.#options = options
    this.#socket = new MessageSocket(client, {
      clock: options.clock,
      maxMessageBytes: options.maxMessageBytes,
      take: (type, bytes, start, end) => this.#take(type, bytes, start, end),
      onRead: () => this.#wake(),
      onFailure: (error) => {
        this.#failure ??= error
        this.#wake()
      },
    })
  }

  get bufferedBytes(): number {
    return this.#bytes + this.#socket.buffered
  }

  /** Chunks of the result, in order. Errors: what the server reports, TR_PG_DISCONNECTED, TR_PG_PROTOCOL. */
  async *read(sql: string, columns: number): AsyncGenerator<RowChunk, void, undefined> {
    this.#columns = columns
    this.#idle = false
    this.#socket.send(queryMessage(sql))
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure
      if (this.#rows.length > 0) {
        const chunk = { rows: this.#rows, bytes: this.#bytes }
        this.#rows = []
        this.#bytes = 0
        this.#socket.release()
        yield chunk
      } else if (this.#idle) return
      else await new Promise<void>((resolve) => (this.#waiting = resolve))
    }
  }

  /** Ends the connection; the server rolls back what is open. */
  async close(): Promise<void> {
    await this.#socket.close(Buffer.from([0x58, 0, 0, 0, 4]), 1_000)
  }

  #take(type: number, bytes: Buffer, start: number, end: number): boolean {
    switch (type) {
      case 0x44: // DataRow
        this.#check(bytes, start, end)
        this.#rows.push(new PgRowImage(bytes, start, 'row', DATA_ROW))
        this.#bytes += end - start
        return this.#rows.length < this.#options.maxRows && this.#bytes < this.#options.maxBytes
      case 0x45: // ErrorResponse; ReadyForQuery follows
        this.#failure ??= fromSqlstate(readNotice(bytes, start, end), 'reading the snapshot')
        return true
      case 0x5a: // ReadyForQuery
        this.#idle = true
        return true
      case 0x54: // RowDescription
      case 0x43: // CommandComplete
      case 0x49: // EmptyQueryResponse
      case 0x4e: // NoticeResponse
      case 0x53: // ParameterStatus
        return true
      default:
        throw new TailraceError('TR_PG_PROTOCOL', { message: `A message of type ${type} arrived among rows`, where: { type } })
    }
  }

  /** Column count and every length must agree with the message's end. */
  #check(bytes: Buffer, start: number, end: number): void {
    const count = (bytes[start]! << 8) | bytes[start + 1]!
    let at = start + 2
    for (let index = 0; index < count && at + 4 <= end; index++) {
      const length = bigWord32(bytes, at) | 0
      at += length < 0 ? 4 : 4 + length
    }
    if (count !== this.#columns || at !== end) throw new TailraceError('TR_PG_PROTOCOL', { message: `A row has ${count} columns or other lengths than announced; ${this.#columns} columns were asked for` })
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.()
  }
}
