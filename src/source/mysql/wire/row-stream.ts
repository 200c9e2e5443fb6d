import { TailraceError } from '../../../error/tailrace-error.ts'
import type { Clock } from '../../../time/clock.ts'
import type { ColumnSet } from '../binlog/logged-column.ts'
import { MysqlRowImage, TEXT_ROW } from '../row-image.ts'
import type { MysqlClient } from './client.ts'
import { fromErrorPacket } from './server-error.ts'
import { queryCommand, TextResult } from './text-result.ts'

const READING = 'reading the snapshot'

/** Rows that were read together, and the raw bytes behind them. */
export interface RowChunk {
  readonly rows: readonly MysqlRowImage[]
  readonly bytes: number
}

export interface RowStreamOptions {
  readonly clock: Clock
  readonly maxMessageBytes: number
  readonly maxRows: number
  readonly maxBytes: number
}

/**
 * Reads the results of statements as raw text rows at the caller's pace; nothing but one chunk is held. In between, the connection can
 * be asked other things.
 */
export class RowStream {
  readonly #client: MysqlClient
  readonly #options: RowStreamOptions
  #rows: MysqlRowImage[] = []
  #bytes = 0
  #present: ColumnSet = all(0)
  #failure: TailraceError | undefined
  #waiting: (() => void) | undefined

  constructor(client: MysqlClient, options: RowStreamOptions) {
    this.#client = client
    this.#options = options
  }

  get bufferedBytes(): number {
    return this.#bytes + this.#client.socket.buffered
  }

  /**
   * Chunks of the result, in order. Errors: what the server reports, also in the middle of the rows (TR_MYSQL_SNAPSHOT for a table that was altered),
   * TR_MYSQL_DISCONNECTED, TR_MYSQL_PROTOCOL.
   */
  async *read(sql: string, columns: number): AsyncGenerator<RowChunk, void, undefined> {
    const given = settlement()
    const taken = settlement()
    // the connection is ours until the end of the rows
    void this.#client.alone(async () => {
      given.settle()
      await taken.settled
    })
    await given.settled
    const result = new TextResult((bytes, start, end) => this.#take(bytes, start, end))
    try {
      this.#begin(sql, columns, result)
      yield* this.#chunks(result)
    } finally {
      if (!result.done) this.#client.abandon()
      else this.#client.socket.use(undefined)
      taken.settle()
    }
  }

  /** Ends the connection; the server rolls back what is open. */
  async close(): Promise<void> {
    await this.#client.close()
  }

  #begin(sql: string, columns: number, result: TextResult): void {
    const { clock, maxMessageBytes } = this.#options
    this.#present = all(columns)
    const use = {
      doing: READING,
      maxPacketBytes: maxMessageBytes,
      take: (bytes: Buffer, start: number, end: number): boolean => {
        const goesOn = result.take(bytes, start, end)
        if (result.done) this.#wake()
        return goesOn
      },
      onRead: () => this.#wake(),
      onFailure: (error: TailraceError) => {
        this.#failure ??= error
        this.#wake()
      },
    }
    this.#client.socket.use(use, clock)
    this.#client.socket.send(queryCommand(sql))
  }

  async *#chunks(result: TextResult): AsyncGenerator<RowChunk, void, undefined> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure
      if (this.#rows.length > 0) {
        const chunk = { rows: this.#rows, bytes: this.#bytes }
        this.#rows = []
        this.#bytes = 0
        this.#client.socket.release()
        yield chunk
      } else if (result.error !== undefined) throw fromErrorPacket(result.error, READING)
      else if (result.done) return
      else await new Promise<void>((resolve) => (this.#waiting = resolve))
    }
  }

  #take(bytes: Buffer, start: number, end: number): boolean {
    this.#check(bytes, start, end)
    this.#rows.push(new MysqlRowImage(bytes, start, TEXT_ROW, this.#present, 0, 0))
    this.#bytes += end - start
    return this.#rows.length < this.#options.maxRows && this.#bytes < this.#options.maxBytes
  }

  /** Column count and every length must agree with the packet's end. */
  #check(bytes: Buffer, start: number, end: number): void {
    const { count } = this.#present
    let at = start
    let column = 0
    for (; column < count && at < end; column++) {
      const first = bytes[at]!
      if (first < 0xfb) at += 1 + first
      else if (first === 0xfb) at += 1
      else if (first === 0xfc) at += 3 + (at + 2 < end ? bytes.readUInt16LE(at + 1) : 0)
      else if (first === 0xfd) at += 4 + (at + 3 < end ? bytes.readUIntLE(at + 1, 3) : 0)
      else if (first === 0xfe && at + 8 < end) at += 9 + Number(bytes.readBigUInt64LE(at + 1))
      else break
    }
    if (column !== count || at !== end) throw new TailraceError('TR_MYSQL_PROTOCOL', { message: `A row has another number of columns than ${count}, or other lengths than announced` })
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.()
  }
}

function all(count: number): ColumnSet {
  return { count, all: true, has: (column) => column < count }
}

function settlement(): { settled: Promise<void>; settle: () => void } {
  let settle = (): void => {}
  const settled = new Promise<void>((resolve) => (settle = resolve))
  return { settled, settle }
}
