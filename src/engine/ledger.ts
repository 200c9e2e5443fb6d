import type { JsonValue, Position } from '../event/position.ts'
import type { TailraceError } from '../error/tailrace-error.ts'
import { TailraceError as Failure } from '../error/tailrace-error.ts'
import type { OffsetStore, StoredOffset } from '../offset/offset-store.ts'
import type { ChangeStream } from '../source/source.ts'
import type { Reach } from '../observe/failpoint.ts'
import type { Clock } from '../time/clock.ts'
import { toSinkError, toTailraceError } from './retry.ts'

export interface LedgerOptions {
  readonly engine: string
  readonly source: string
  /** Milliseconds between saves while changes flow. */
  readonly intervalMs: number
  /** Units (events or records) after which a save does not wait for the interval. */
  readonly every: number
  /** Milliseconds that saving may keep failing before the engine fails. */
  readonly failAfterMs: number
  readonly clock: Clock
  readonly reach: Reach
  readonly warn: (error: TailraceError) => void
  readonly saved: (offset: StoredOffset) => void
  /** Makes everything durable that the sink has only accepted. */
  readonly flushSink: () => Promise<void>
  readonly fail: (error: TailraceError) => void
}

interface Mark {
  readonly position: Position
  /** Units of the next change that are durable as well. */
  readonly partial: number
}

/**
 * The only code that moves an offset. C ≤ R ≤ D ≤ S at all times:
 * S sent to the sink, D durable there (settled in order, so nothing before it is missing), R stored, C confirmed to the
 * source. R follows D, never S; C follows R, never D.
 */
export class Ledger {
  readonly #store: Pick<OffsetStore, 'save'>
  readonly #options: LedgerOptions
  #stream: ChangeStream | undefined
  #identity: Readonly<Record<string, JsonValue>> = {}
  #sent: Mark | undefined
  #durable: Mark | undefined
  #stored: Mark | undefined
  /** As it was stored, bound to what it was taken on. */
  #offset: StoredOffset | undefined
  #confirmed: Position | undefined
  /** Accepted by the sink, not yet durable. */
  #accepted: Mark | undefined
  #units = 0
  #lastSaveAt = -Infinity
  #failingSince: number | undefined
  #cancelTimer: (() => void) | undefined
  #saving: Promise<void> | undefined
  /** The sink lost what it had accepted: D stays where it is, whatever is said later. */
  #lost = false
  #closed = false

  constructor(store: Pick<OffsetStore, 'save'>, options: LedgerOptions) {
    this.#store = store
    this.#options = options
  }

  /** Where a reconnect goes on: what was stored last. */
  get offset(): StoredOffset | undefined {
    return this.#offset
  }

  get positions(): { sent: string | undefined; durable: string | undefined; stored: string | undefined; confirmed: string | undefined } {
    return { sent: this.#sent?.position.toString(), durable: this.#durable?.position.toString(), stored: this.#stored?.position.toString(), confirmed: this.#confirmed?.toString() }
  }

  get storedPosition(): Position | undefined {
    return this.#stored?.position
  }

  /** A connection begins. Marks of the one before stay: they are positions of the same history. */
  attach(stream: ChangeStream): void {
    this.#stream = stream
    this.#identity = stream.identity
    this.#confirmed = undefined
    // what was sent and not stored is sent again; a new snapshot goes back behind even what was stored, which counts until the snapshot's own first mark replaces it
    this.#sent = this.#durable = stream.startsOver ? undefined : this.#stored
    this.#accepted = undefined
  }

  /** A batch ending at `position` goes to the sink. */
  send(position: Position, partial: number): void {
    this.#expectForward('sent', this.#sent, position)
    this.#sent = { position, partial }
  }

  /** The sink has taken everything up to `position`, in order. */
  settle(position: Position, partial: number, units: number, status: 'durable' | 'accepted'): void {
    if (this.#lost) return
    const mark = { position, partial }
    if (this.#sent === undefined || position.compare(this.#sent.position) > 0) throw invariant(`settled ${position.toString()} was never sent`)
    this.#expectForward('durable', this.#durable, position)
    this.#units += units
    // a position that moved without anything to deliver is no proof for what was only accepted before it
    if (status === 'durable' && (units > 0 || this.#accepted === undefined)) {
      this.#durable = mark
      this.#accepted = undefined
    } else this.#accepted = mark
    this.#options.reach('ledger.settled')
    this.#schedule()
  }

  /** A position as it is stored. */
  compose(position: Position, partial: number): StoredOffset {
    return { engine: this.#options.engine, source: this.#options.source, identity: this.#identity, position: position.toJSON(), ...(partial > 0 ? { partial } : {}) }
  }

  /** Stores what is durable, now, and tells the source. Errors: TR_OFFSET_WRITE. */
  async flush(): Promise<void> {
    this.#unschedule()
    while (this.#saving !== undefined) await this.#saving.catch(() => {})
    this.#unschedule()
    const save = this.#save()
    this.#saving = save.catch(() => {})
    try {
      await save
    } finally {
      this.#saving = undefined
    }
    if (this.#dirty) this.#schedule()
  }

  /** No save begins any more. */
  close(): void {
    this.#closed = true
    this.#unschedule()
    this.#stream = undefined
  }

  #unschedule(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }

  #schedule(): void {
    if (this.#saving !== undefined || this.#closed) return
    const { clock, intervalMs, every } = this.#options
    // while saving fails, how much there is to save makes it no more urgent
    const due = this.#units >= every && this.#failingSince === undefined
    if (this.#cancelTimer !== undefined && !due) return
    this.#unschedule()
    const wait = due ? 0 : Math.max(0, this.#lastSaveAt + intervalMs - clock.monotonicMs())
    if (wait === 0) this.#begin()
    else {
      this.#cancelTimer = clock.after(wait, () => {
        this.#cancelTimer = undefined
        this.#begin()
      })
    }
  }

  #begin(): void {
    this.#saving = this.#save().then(
      () => {
        this.#saving = undefined
        if (this.#dirty) this.#schedule()
      },
      (error: unknown) => {
        this.#saving = undefined
        this.#saveFailed(toTailraceError(error))
      },
    )
  }

  get #dirty(): boolean {
    return this.#accepted !== undefined || (this.#durable !== undefined && this.#durable !== this.#stored)
  }

  async #save(): Promise<void> {
    const { options } = { options: this.#options }
    if (!this.#dirty) return
    const accepted = this.#accepted
    if (accepted !== undefined) {
      await options.flushSink().catch((error: unknown) => this.#lose(toSinkError(error)))
      // a later batch may have become durable meanwhile
      if (this.#durable === undefined || !isBehind(accepted, this.#durable)) this.#durable = accepted
      if (this.#accepted === accepted) this.#accepted = undefined
    }
    const mark = this.#durable!
    const units = this.#units
    options.reach('ledger.save-before')
    const offset = this.compose(mark.position, mark.partial)
    await this.#store.save(offset)
    options.reach('ledger.save-after')
    this.#stored = mark
    this.#offset = offset
    this.#units -= units
    this.#lastSaveAt = options.clock.monotonicMs()
    this.#failingSince = undefined
    options.saved(offset)
    this.#confirm(mark.position)
  }

  #lose(error: TailraceError): never {
    this.#lost = true
    this.#accepted = undefined
    this.#options.fail(error)
    throw error
  }

  #confirm(position: Position): void {
    this.#expectForward('confirmed', this.#confirmed === undefined ? undefined : { position: this.#confirmed, partial: 0 }, position)
    this.#confirmed = position
    this.#stream?.acknowledge(position)
    this.#options.reach('ledger.acknowledged')
  }

  /** Nothing is acknowledged meanwhile; delivery goes on for a while, for a full disk may be cleared. */
  #saveFailed(error: TailraceError): void {
    if (this.#lost || this.#closed) return
    const now = this.#options.clock.monotonicMs()
    this.#failingSince ??= now
    if (error.kind === 'fatal' || now - this.#failingSince >= this.#options.failAfterMs) {
      this.#options.fail(error)
      return
    }
    this.#options.warn(error)
    this.#lastSaveAt = now
    this.#cancelTimer ??= this.#options.clock.after(Math.max(100, Math.min(1000, this.#options.intervalMs)), () => {
      this.#cancelTimer = undefined
      this.#begin()
    })
  }

  #expectForward(what: string, mark: Mark | undefined, position: Position): void {
    if (mark !== undefined && position.compare(mark.position) < 0) throw invariant(`${what} went back from ${mark.position.toString()} to ${position.toString()}`)
  }
}

function isBehind(one: Mark, other: Mark): boolean {
  return (one.position.compare(other.position) || one.partial - other.partial) < 0
}

function invariant(message: string): Failure {
  return new Failure('TR_ENGINE_INVARIANT', { message })
}
