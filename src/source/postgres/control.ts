import type pg from 'pg'
import { TailraceError } from '../../error/tailrace-error.ts'
import { connect, disconnect } from './wire/connect.ts'
import { toServerError } from './wire/server-error.ts'
import type { ResolvedConnection } from './connection.ts'

/** One row as `pg` returns it. */
export type Row = Record<string, unknown>

/** Runs a statement and returns its rows. */
export type Query = (sql: string, values?: readonly unknown[]) => Promise<Row[]>

/** An ordinary connection for catalog look-ups, made when first needed and again after it was lost. One statement at a time. */
export class ControlConnection implements AsyncDisposable {
  readonly #to: ResolvedConnection
  readonly #signal: AbortSignal
  #client: Promise<pg.Client> | undefined
  #tail: Promise<unknown> = Promise.resolve()
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

  async #run(sql: string, values: readonly unknown[]): Promise<Row[]> {
    // a question that was still waiting must not open a connection that nobody would end
    if (this.#closed) throw new TailraceError('TR_PG_DISCONNECTED', { message: 'The catalog connection is closed' })
    const client = await (this.#client ??= this.#open())
    try {
      return (await client.query<Row>(sql, [...values])).rows
    } catch (error) {
      const { code = '' } = error as { code?: string }
      // without an SQLSTATE, or with one of class 57P/08, the connection is gone: the next statement makes another
      if (!/^[0-9A-Z]{5}$/.test(code) || code.startsWith('57P') || code.startsWith('08')) this.#client = undefined
      throw toServerError(error, 'asking the catalog')
    }
  }

  #open(): Promise<pg.Client> {
    const opening = connect(this.#to, 'query', this.#signal)
    const gone = (): void => {
      if (this.#client === opening) this.#client = undefined
    }
    // ended by the server while idle: the next question goes over a new one
    opening.then((client) => client.once('end', gone), gone)
    return opening
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    const client = this.#client
    this.#client = undefined
    await client?.then(disconnect, () => {})
  }
}
