import type { JsonValue } from '../../event/position.ts'
import type { Clock } from '../../time/clock.ts'
import { isTailraceError, TailraceError } from '../../error/tailrace-error.ts'
import type { Query } from './control.ts'
import { checkFingerprint, fingerprint, readPublication, type Publication } from './publication.ts'

export interface PublicationWatchOptions {
  readonly query: Query
  readonly clock: Clock
  readonly intervalMs: number
  readonly serverVersion: number
  /** The publication was changed so that rows may be missing, or the server is going away. */
  readonly fail: (error: TailraceError) => void
}

/**
 * Looks at the publication again and again while streaming: the rows of a table that is taken out of it simply stop to
 * come, and from version 18 on so do those of a publication that was dropped. A server that shuts down gives itself away
 * by the same question.
 */
export class PublicationWatch {
  readonly #options: PublicationWatchOptions
  readonly #name: string
  /** With the tables that were added meanwhile: they can be taken out again as well. */
  #known: Readonly<Record<string, JsonValue>>
  #stopped = false
  #cancelTimer: () => void = () => {}

  constructor(publication: Publication, options: PublicationWatchOptions) {
    this.#options = options
    this.#name = publication.name
    this.#known = fingerprint(publication)
    this.#arm()
  }

  stop(): void {
    this.#stopped = true
    this.#cancelTimer()
  }

  #arm(): void {
    this.#cancelTimer = this.#options.clock.after(this.#options.intervalMs, () => void this.#look())
  }

  async #look(): Promise<void> {
    const error = await this.#compare().catch((failure: unknown) => failure)
    if (this.#stopped) return
    if (isTailraceError(error) && error.code === 'TR_PG_PUBLICATION_CHANGED') this.#options.fail(error)
    // 57P03, "the database system is shutting down": a shutdown waits for walsenders until everything is confirmed
    // (walsender.c, WalSndDone), which with a blocked sink is never
    else if (isTailraceError(error) && error.where['sqlstate'] === '57P03') this.#options.fail(error)
    // any other error: it cannot be asked just now; whether the server is gone is for the stream to notice
    else this.#arm()
  }

  async #compare(): Promise<void> {
    const { query, serverVersion } = this.#options
    const now = await readPublication(query, this.#name, serverVersion)
    if (now === undefined) throw new TailraceError('TR_PG_PUBLICATION_CHANGED', { message: `The publication ${this.#name} was dropped`, where: { publication: this.#name } })
    await checkFingerprint(query, this.#known, now)
    this.#known = fingerprint(now)
  }
}
