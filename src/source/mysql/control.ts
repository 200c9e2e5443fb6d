import { TailraceError } from '../../error/tailrace-error.ts'
import type { ResolvedConnection } from './connection.ts'
import { connect, disconnect, type MysqlClient } from './wire/connect.ts'
import { isConnectionLost, toServerError } from './wire/server-error.ts'

/** One row, its columns in the order of the statement. Numbers, dates and text come as the server's text, binary columns as bytes. */
export type Row = Readonly<Record<string, string | Buffer | null>>

/** Runs a statement and returns its rows. */
export type Query = (sql: string, values?: readonly (string | number)[]) => Promise<readonly Row[]>

/** An ordinary connection for look-ups, made when first needed and again after it was lost. One statement at a time. */
export class ControlConnection implements AsyncDisposable {
  readonly #to: ResolvedConnection
  readonly #signal: AbortSignal
  #client: Promise<MysqlClient> | undefined
  #tail: Promise<unknown> = Promise.resolve()
  readonly #ending = new AbortController()
  #closed = false

  constructor(to: ResolvedConnection, signal: AbortSignal) {
    this.#to = to
    this.#signal = signal
  }

  readonly query: Query = (sql, values = []) => {
    const result = this.#tail.then(() => this.#run(sql, values))
    this.#tail = result.catch(() => {})
    return result
  }

  async #run(sql: string, values: readonly (string | number)[]): Promise<readonly Row[]> {
    // a question that was still waiting must not open a connection that nobody would end
    if (this.#closed) throw new TailraceError('TR_MYSQL_DISCONNECTED', { message: 'The connection for questions is closed' })
    const client = await (this.#client ??= this.#open())
    try {
      return await client.query(sql, values)
    } catch (error) {
      if (isConnectionLost(error)) this.#client = undefined
      throw toServerError(error, 'asking the server')
    }
  }

  #open(): Promise<MysqlClient> {
    const opening = this.#connect()
    const gone = (): void => {
      if (this.#client === opening) this.#client = undefined
    }
    // ended by the server while idle: the next question goes over a new one
    opening.then((client) => client.onEnd(gone), gone)
    return opening
  }

  async #connect(): Promise<MysqlClient> {
    const client = await connect(this.#to, AbortSignal.any([this.#signal, this.#ending.signal]))
    // with the server's own, names may stand in double quotes (ANSI_QUOTES)
    await client.query("SET SESSION sql_mode = ''")
    return client
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    // one that is still being made need not come to be
    this.#ending.abort()
    const client = this.#client
    this.#client = undefined
    await client?.then(disconnect, () => {})
  }
}
