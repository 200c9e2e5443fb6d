import { TailraceError } from '../../../error/tailrace-error.ts'
import type { Row } from '../control.ts'
import type { PacketSocket, PacketUse } from './packet-socket.ts'
import { fromErrorPacket, readErrorPacket } from './server-error.ts'
import { queryCommand, readLength, TextResult, type ResultColumn } from './text-result.ts'

const COM_QUIT = Buffer.from([0x01])
/** Milliseconds to wait for the other side to hang up. */
const GOODBYE_MS = 1_000
const ERR = 0xff
const ASKING = 'asking the server'

/** A logged-in connection. One thing at a time: a statement waits for the one before it. */
export class MysqlClient {
  /** For those who take packets themselves. */
  readonly socket: PacketSocket
  /** The connection's number, as the server or a proxy in between has told it. */
  readonly threadId: number
  #tail: Promise<unknown> = Promise.resolve()
  /** A result is still on its way that nobody will read to its end. */
  #abandoned = false

  constructor(socket: PacketSocket, threadId: number) {
    this.socket = socket
    this.threadId = threadId
  }

  /**
   * Runs a statement and returns its rows. `?` in it stands for one of the values. Every value is the server's text, bytes that are no
   * text are a Buffer. Errors: TR_MYSQL_DISCONNECTED, TR_MYSQL_PRIVILEGE and the others that a server reports.
   */
  query(sql: string, values: readonly (string | number)[] = []): Promise<readonly Row[]> {
    return this.#next(async () => {
      const rows: Row[] = []
      const result = new TextResult((bytes, start, end) => {
        rows.push(readRow(bytes, start, end, result.columns))
        return true
      })
      await this.#run(queryCommand(withValues(sql, values)), (bytes, start, end) => {
        result.take(bytes, start, end)
        return result.done
      })
      if (result.error !== undefined) throw fromErrorPacket(result.error, ASKING)
      return rows
    })
  }

  /** Runs a command that is answered with OK or an error. */
  command(payload: Buffer): Promise<void> {
    return this.#next(() => this.#run(payload, (bytes, start, end) => {
      if (bytes[start] === ERR) throw fromErrorPacket(readErrorPacket(bytes, start, end), ASKING)
      return true
    }))
  }

  /** Lets `use` have the connection alone until what it returns settles. `abandoned`: the server still sends to it then. */
  async alone<T>(use: () => Promise<T>): Promise<T> {
    return await this.#next(use)
  }

  /** The connection can only be cut from now on. */
  abandon(): void {
    this.#abandoned = true
  }

  /** Called back once, when the connection has ended, whoever ended it. */
  onEnd(callback: () => void): void {
    this.socket.onEnd(callback)
  }

  /** Says goodbye and waits for the server to hang up, but not for ever: across a network that swallows everything it never does. Never rejects. */
  async close(): Promise<void> {
    await this.socket.close(this.#abandoned ? undefined : COM_QUIT, GOODBYE_MS)
  }

  /** Sends and takes packets until `take` says that it was the last one. */
  async #run(payload: Buffer, take: (bytes: Buffer, start: number, end: number) => boolean): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        const use: PacketUse = {
          doing: ASKING,
          take: (bytes, start, end) => {
            try {
              if (take(bytes, start, end)) resolve()
            } catch (error) {
              // what the server reports does not end the connection
              if (!(error instanceof TailraceError) || error.where['errno'] === undefined) throw error
              reject(error)
            }
            return true
          },
          onFailure: reject,
        }
        this.socket.use(use)
        this.socket.send(payload)
      })
    } finally {
      this.socket.use(undefined)
    }
  }

  #next<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(step)
    this.#tail = result.catch(() => {})
    return result
  }
}

function readRow(bytes: Buffer, start: number, end: number, columns: readonly ResultColumn[]): Row {
  const row: Record<string, string | Buffer | null> = {}
  let at = start
  for (const { name, binary } of columns) {
    const [length, from] = readLength(bytes, at, end)
    at = from + Math.max(0, length)
    if (at > end) throw malformedRow()
    row[name] = length < 0 ? null : binary ? bytes.subarray(from, at) : bytes.toString('utf8', from, at)
  }
  if (at !== end) throw malformedRow()
  return row
}

function malformedRow(): TailraceError {
  return new TailraceError('TR_MYSQL_PROTOCOL', { message: 'A row has other lengths than announced' })
}

/** Puts literals where `?` stands. The statement has no other `?` in it. */
export function withValues(sql: string, values: readonly (string | number)[]): string {
  const parts = sql.split('?')
  if (values.length === 0) return sql
  if (parts.length !== values.length + 1) throw new TailraceError('TR_ENGINE_INVARIANT', { message: `A statement with ${parts.length - 1} places got ${values.length} values` })
  return parts.map((part, index) => (index === 0 ? part : literal(values[index - 1]!) + part)).join('')
}

/** The same under every `sql_mode`: whether a backslash escapes is a setting of the server, so it is not written at all. */
function literal(value: string | number): string {
  if (typeof value === 'number') return String(value)
  if (!value.includes('\\')) return `'${value.replaceAll("'", "''")}'`
  return `_utf8mb4 X'${Buffer.from(value, 'utf8').toString('hex')}'`
}
