import type { ChangeEvent } from '../../event/change-event.ts'
import type { AfterChange } from './position.ts'

/** Where in its transaction a change stands, as the take-over sees it. */
export type ChangeVerdict = 'done' | 'unclear' | 'new'

interface Held {
  readonly event: ChangeEvent
  readonly bytes: number
}

/**
 * Goes on from an offset that names the last change and not how many there were: in the first transaction, everything before the
 * changes with that LSN is done. What has that LSN waits until all of it has come. One change of one record is done as well. Several –
 * rows that share a WAL record, a TRUNCATE of several tables – or a change of several records – a key update, a delete with its
 * tombstone – may have been delivered in part: they are delivered again, for the offset does not say.
 */
export class TakeOver {
  readonly after: AfterChange
  /** How many changes come before the named ones, and where the last of them stands; undefined until one has come. */
  before: { readonly changes: number; readonly lsn: bigint } | undefined
  #changes = 0
  #held: Held[] = []

  constructor(after: AfterChange) {
    this.after = after
  }

  /** The named change has come. */
  get found(): boolean {
    return this.#changes > 0
  }

  /** `new`: the change is behind the named ones, which {@link TakeOver.undelivered} then settles. */
  judge(kind: 'row' | 'message', lsn: bigint): ChangeVerdict {
    const { after } = this
    if (lsn === after.changeLsn && (after.kind ?? kind) === kind) {
      this.#changes++
      return 'unclear'
    }
    return this.found ? 'new' : 'done'
  }

  hold(event: ChangeEvent, bytes: number): void {
    this.#held.push({ event, bytes })
  }

  /** What of the named changes is to be delivered. */
  undelivered(): readonly Held[] {
    const [first] = this.#held
    return this.#changes === 1 && this.#held.length === 1 && first?.event.op !== 'd' ? [] : this.#held
  }
}
