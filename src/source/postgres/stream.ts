import type { JsonValue, Position } from '../../event/position.ts'
import type { ChangeBatch, ChangeStream, SourceContext, StreamStatus } from '../source.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { CatalogTable } from './catalog.ts'
import type { PgTableShape } from './column.ts'
import { checkNotAdvanced } from './continuity.ts'
import type { ControlConnection } from './control.ts'
import type { HandOver } from './hand-over.ts'
import { formatLsn, PgPosition } from './position.ts'
import { PublicationWatch } from './publication-watch.ts'
import type { Publication } from './publication.ts'
import { RelationCache } from './relation-cache.ts'
import { Replication } from './replication.ts'
import type { Settings } from './settings.ts'
import { dropSlot, readSlot, slotActiveError } from './slot.ts'
import { Snapshot } from './snapshot.ts'
import { connect, disconnect } from './wire/connect.ts'

/** What earlier connections of the same engine came to. */
export interface Past {
  /** The log was followed: a snapshot, if there was one, is done, and the slot may still be held by that connection. */
  streamed: boolean
  /** The delay before a first snapshot is over. */
  delayed: boolean
}

/** Everything `open` has found out and prepared. */
export interface StreamPlan {
  readonly identity: Readonly<Record<string, JsonValue>>
  readonly database: string
  readonly origin: string
  readonly tables: readonly CatalogTable[]
  readonly publication: Publication | undefined
  /** Undefined: no snapshot. */
  readonly handOver: HandOver | undefined
  /** Undefined: ends after the snapshot. */
  readonly from: PgPosition | undefined
  /** The position must be stored before anything else: a slot was just made for it, or it was taken over and is now bound. */
  readonly fresh: boolean
  readonly walSenderTimeoutMs: number
  readonly past: Past
  /** `170010` for 17.10. */
  readonly serverVersion: number
}

/** Milliseconds beyond wal_sender_timeout until the slot of a connection that went silent is free. */
const OWN_MARGIN_MS = 5_000

/** A snapshot if one is due, then the WAL, as one sequence of batches. */
export class PostgresStream implements ChangeStream {
  readonly identity: Readonly<Record<string, JsonValue>>
  readonly startsOver: boolean
  readonly #plan: StreamPlan
  readonly #settings: Settings
  readonly #control: ControlConnection
  readonly #context: SourceContext
  readonly #abort = new AbortController()
  readonly #shapes = new Map<number, PgTableShape>()
  #snapshot: Snapshot | undefined
  #replication: Replication | undefined
  #watch: PublicationWatch | undefined
  #acknowledged: PgPosition | undefined
  #closed = false

  constructor(plan: StreamPlan, settings: Settings, control: ControlConnection, context: SourceContext) {
    this.identity = plan.identity
    this.startsOver = plan.handOver !== undefined
    this.#plan = plan
    this.#settings = settings
    this.#control = control
    this.#context = context
  }

  [Symbol.asyncIterator](): AsyncIterator<ChangeBatch> {
    return this.#batches()
  }

  async *#batches(): AsyncGenerator<ChangeBatch, void, undefined> {
    const { handOver, from, tables, publication, origin, database } = this.#plan
    let start = from
    if (handOver !== undefined) {
      const options = { origin, database, parsers: this.#settings.parsers, columnRules: this.#settings.columnRules, maxMessageBytes: this.#settings.maxMessageBytes, skipped: this.#settings.skipped.has('r') }
      this.#context.enter('snapshot')
      this.#snapshot = new Snapshot(handOver, options, this.#shapes, this.#context)
      yield* this.#snapshot.batches(tables, publication, this.#control.query)
      await this.#snapshot.close()
      if (from !== undefined) start = new PgPosition('stream', handOver.consistentPoint)
    }
    if (start === undefined) return
    const replication = await this.#start(start)
    // closed meanwhile: nobody else knows of this connection
    if (this.#closed) return replication.close()
    this.#replication = replication
    this.#plan.past.streamed = true
    if (publication !== undefined) this.#watch = this.#watchPublication(publication, replication)
    if (this.#plan.fresh && handOver === undefined) yield { events: [], bytes: 0, barrier: true, position: () => start }
    this.#context.enter('stream')
    this.#context.logger.info('streaming', { slot: this.#settings.slot, from: start.toString() })
    for (;;) yield await replication.next()
  }

  #watchPublication(publication: Publication, replication: Replication): PublicationWatch {
    return new PublicationWatch(publication, {
      query: this.#control.query, clock: this.#context.clock, intervalMs: this.#settings.statusIntervalMs, serverVersion: this.#plan.serverVersion, fail: (error) => replication.fail(error),
    })
  }

  /** Waits while another connection still holds the slot: a consumer that has just died takes a moment to go. Our own last one is gone for certain once the server has lost patience with it. */
  async #start(from: PgPosition): Promise<Replication> {
    const { settings, plan, context } = { settings: this.#settings, plan: this.#plan, context: this.#context }
    const options = {
      origin: plan.origin, database: plan.database, messages: settings.messages, skipped: settings.skipped, transactionMetadata: settings.transactionMetadata, slot: settings.slot, publication: settings.publication,
      // a third of the server's patience leaves room for two lost replies
      statusIntervalMs: plan.walSenderTimeoutMs > 0 ? Math.min(settings.statusIntervalMs, Math.max(1, Math.floor(plan.walSenderTimeoutMs / 3))) : settings.statusIntervalMs,
      maxMessageBytes: settings.maxMessageBytes,
    }
    const ownMs = plan.past.streamed ? plan.walSenderTimeoutMs + OWN_MARGIN_MS : 0
    const deadline = context.clock.monotonicMs() + Math.max(settings.slotActiveTimeoutMs, ownMs)
    for (;;) {
      const relations = new RelationCache(this.#control.query, plan.database, settings.filter, settings.parsers, context.warn, this.#shapes, settings.columnRules)
      const client = await connect(settings.connection, 'replication', this.#abort.signal)
      try {
        return await Replication.start(client, from, options, relations, context, () => this.#checkHeld(from))
      } catch (error) {
        await disconnect(client)
        if (!(error instanceof TailraceError) || error.code !== 'TR_PG_SLOT_ACTIVE' || this.#closed) throw error
        if (context.clock.monotonicMs() >= deadline) throw await slotActiveError(this.#control.query, settings.slot)
        await new Promise<void>((resolve) => context.clock.after(200, resolve))
      }
    }
  }

  /** Whoever held the slot while we waited for it may have confirmed more; from now on nobody else can. */
  async #checkHeld(from: PgPosition): Promise<void> {
    const slot = await readSlot(this.#control.query, this.#settings.slot)
    if (slot !== undefined) checkNotAdvanced(from, slot, this.#settings.slot)
  }

  acknowledge(position: Position): void {
    const { phase, lsn } = position as PgPosition
    if (phase !== 'stream') return
    this.#acknowledged = position as PgPosition
    this.#replication?.acknowledge(lsn)
  }

  status(): StreamStatus {
    const replication = this.#replication?.status
    const durable = this.#acknowledged?.lsn
    return {
      phase: replication === undefined ? 'snapshot' : 'stream',
      confirmed: replication === undefined ? undefined : formatLsn(replication.confirmed),
      received: replication === undefined ? undefined : formatLsn(replication.received),
      server: replication === undefined ? undefined : formatLsn(replication.server),
      lagBytes: replication === undefined ? undefined : Number(replication.server - (durable ?? replication.confirmed)),
      bufferedBytes: replication?.bufferedBytes ?? this.#snapshot?.bufferedBytes ?? 0,
      snapshot: this.#snapshot?.progress ?? [],
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#abort.abort()
    this.#watch?.stop()
    if (this.#replication !== undefined) await this.#replication.close()
    else if (this.#snapshot !== undefined) await this.#snapshot.close()
    else if (this.#plan.handOver !== undefined) await disconnect(this.#plan.handOver.worker)
    if (this.#settings.dropSlotOnStop) await this.#dropSlot()
    await this.#control[Symbol.asyncDispose]()
  }

  async #dropSlot(): Promise<void> {
    const { slot } = this.#settings
    for (let attempt = 0; attempt < 50; attempt++) {
      const present = await readSlot(this.#control.query, slot).catch(() => undefined)
      if (present === undefined) return
      if (present.activePid === null) return dropSlot(this.#control.query, slot).catch((error: unknown) => this.#context.logger.warn('the slot could not be dropped', { slot, error: String(error) }))
      await new Promise<void>((resolve) => this.#context.clock.after(100, resolve))
    }
  }
}
