import type { Socket } from 'node:net'
import { ResolvedConnection } from '../../src/source/mysql/connection.ts'
import type { MysqlConnection } from '../../src/source/mysql/options.ts'
import { connect, type MysqlClient } from '../../src/source/mysql/wire/connect.ts'
import { TailraceError } from '../../src/error/tailrace-error.ts'

/** What a connection is made to: a server of a test, or a proxy in front of one. */
interface Address {
  readonly host: string
  readonly port: number
}

/** Logs in as the product does, as `root` unless said otherwise. Ended by `await using`. */
export async function loggedIn({ host, port }: Address, parts: MysqlConnection = {}, open?: (port: number, host: string) => Socket, signal = new AbortController().signal): Promise<MysqlClient & AsyncDisposable> {
  const client = await connect(new ResolvedConnection({ host, port, user: 'root', ...parts }, open), signal)
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() })
}

/** Who one is on that connection, or the code of why one is not. */
export async function loginOf(address: Address, parts: MysqlConnection): Promise<string> {
  try {
    await using client = await loggedIn(address, parts)
    const [row] = await client.query('SELECT CURRENT_USER() AS me')
    return String(row?.['me'])
  } catch (error) {
    return errorCode(error)
  }
}

/** `TR_…`, or the error itself where it is none of ours. */
export function errorCode(error: unknown): string {
  if (!(error instanceof TailraceError)) throw error
  return error.code
}
