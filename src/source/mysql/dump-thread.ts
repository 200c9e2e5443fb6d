import type { Clock } from '../../time/clock.ts'
import type { Query } from './control.ts'
import type { MysqlClient } from './wire/connect.ts'

/** Of a server that does not answer any more. */
const PATIENCE_MS = 1_000

/**
 * The server's side of a dump. A thread that has nothing to send does not see that its reader is gone before its second heartbeat, and is
 * shown as a replica until then: so it is killed, which every user may do with threads of its own. It is found by a lock that it
 * holds: behind an address there may be several servers, on which the same number is somebody else's.
 */
export class DumpThread {
  readonly #lock: string
  readonly #number: number

  private constructor(lock: string, number: number) {
    this.#lock = lock
    this.#number = number
  }

  /** Marks a connection that the dump will be asked for on. Undefined: the server takes no such lock (`pxc_strict_mode`). */
  static async mark(client: MysqlClient, random: () => number): Promise<DumpThread | undefined> {
    const lock = `tailrace-${Math.floor(random() * 2 ** 52).toString(36)}`
    const [row] = await client.query(`SELECT GET_LOCK('${lock}', 0) AS taken`).catch(() => [])
    return row?.['taken'] === '1' ? new DumpThread(lock, client.threadId) : undefined
  }

  /** Ends it, over another connection. Never rejects: it ends in any case, only later. */
  async end(query: Query, clock: Clock): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = clock.after(PATIENCE_MS, resolve)
      const settled = (): void => {
        cancel()
        resolve()
      }
      this.#kill(query).then(settled, settled)
    })
  }

  async #kill(query: Query): Promise<void> {
    const [row] = await query(`SELECT IS_USED_LOCK('${this.#lock}') AS holder`)
    // a proxy has told us a number of its own, and may understand KILL by its own numbers too
    if (row?.['holder'] === String(this.#number)) await query(`KILL ${this.#number}`)
  }
}
