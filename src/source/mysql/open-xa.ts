import type { ChangeEvent } from '../../event/change-event.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { LogPlace, OpenXa } from './position.ts'

/** A change of an XA transaction that waits for its end. */
export interface HeldChange {
  readonly event: ChangeEvent
  readonly bytes: number
}

/**
 * XA transactions that are prepared: their rows are in the log before anybody knows whether they will be committed
 * (https://dev.mysql.com/doc/refman/8.4/en/xa-restrictions.html). They are held until XA COMMIT, and forgotten at XA ROLLBACK.
 */
export class OpenXaTransactions {
  readonly #maxBytes: number
  readonly #held = new Map<string, { place: LogPlace; changes: HeldChange[] }>()
  #places: readonly OpenXa[] = []
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Where each of them begins, for positions: a restart reads them again. */
  get places(): readonly OpenXa[] {
    return this.#places
  }

  get bytes(): number {
    return this.#bytes
  }

  /** A change of one that is not prepared yet. Errors: TR_MYSQL_XA_TOO_LARGE. */
  hold(xid: string, place: LogPlace, change: HeldChange): void {
    const held = this.#held.get(xid) ?? { place, changes: [] }
    held.changes.push(change)
    this.#held.set(xid, held)
    this.#bytes += change.bytes
    if (this.#bytes > this.#maxBytes) {
      throw new TailraceError('TR_MYSQL_XA_TOO_LARGE', { message: `The rows of XA transactions that are not at their end need more than ${this.#maxBytes} bytes`, where: { limit: this.#maxBytes, open: this.#held.size } })
    }
  }

  /** It is prepared: from here on it survives a restart. */
  prepared(xid: string, place: LogPlace): void {
    if (!this.#held.has(xid)) this.#held.set(xid, { place, changes: [] })
    this.#places = [...this.#places.filter((open) => open.xid !== xid), { xid, file: place.file, pos: place.pos }]
  }

  knows(xid: string): boolean {
    return this.#held.has(xid)
  }

  /** It is at its end: what it changed. */
  take(xid: string): readonly HeldChange[] {
    const changes = this.#held.get(xid)?.changes ?? []
    this.#held.delete(xid)
    this.#places = this.#places.filter((open) => open.xid !== xid)
    for (const { bytes } of changes) this.#bytes -= bytes
    return changes
  }
}
