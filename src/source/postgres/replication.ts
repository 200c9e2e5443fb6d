import type pg from 'pg'
import { BatchBuilder } from '../batch-builder.ts'
import type { SourceContext } from '../source.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import { PgBatch, type Builder } from './batch.ts'
import { quoteIdentifier, quoteLiteral } from './identifier.ts'
import { formatLsn, type PgPosition } from './position.ts'
import type { RelationCache } from './relation-cache.ts'
import { WalDecoder, type DecoderOptions } from './wal-decoder.ts'
import { KEEPALIVE, queryMessage, readKeepalive, standbyStatus, XLOG_DATA, XLOG_DATA_HEADER } from './wire/copy-both.ts'
import { MessageSocket } from './wire/message-socket.ts'
import { toSlotError } from './slot.ts'
import { readNotice } from './wire/server-error.ts'

/** CopyDone, then Terminate. */
const GOODBYE = Buffer.from([0x63, 0, 0, 0, 4, 0x58, 0, 0, 0, 4])
/** Status intervals without a byte from the server until the connection counts as dead. */
const SILENT_INTERVALS = 3

export interface ReplicationOptions extends DecoderOptions {
  readonly slot: string
  readonly publication: string
  readonly statusIntervalMs: number
  readonly maxMessageBytes: number
}

/** The stream of one slot over one connection: CopyBoth in, status updates out. */
export class Replication {
  readonly #options: ReplicationOptions
  readonly #context: SourceContext
  readonly #relations: RelationCache
  readonly #batch: Builder
  readonly #decoder: WalDecoder
  readonly #socket: MessageSocket
  #started: { resolve: () => void; reject: (error: TailraceError) => void } | undefined
  #waiting: { resolve: (batch: PgBatch) => void; reject: (error: TailraceError) => void } | undefined
  #failure: TailraceError | undefined
  #moved = false
  /** A RELATION message waits for the catalog. */
  #resolving = false
  /** R: what is durable and stored, and so may be confirmed. */
  #confirmed: bigint
  #received: bigint
  #server: bigint
  #replyWanted = false
  #silent = 0
  #cancelTimer: () => void = () => {}

  private constructor(client: pg.Client, from: PgPosition, options: ReplicationOptions, relations: RelationCache, context: SourceContext) {
    this.#options = options
    this.#context = context
    this.#relations = relations
    this.#confirmed = this.#received = this.#server = from.lsn
    this.#batch = new BatchBuilder(PgBatch, from, context.limits.maxBatchEvents, context.limits.maxBatchBytes)
    this.#decoder = new WalDecoder(options, relations, this.#batch, from)
    this.#socket = new MessageSocket(client, {
      clock: context.clock,
      maxMessageBytes: options.maxMessageBytes,
      take: (type, bytes, start, end) => this.#take(type, bytes, start, end),
      onRead: () => this.#deliver(),
      onFailure: (error) => this.fail(error),
    })
  }

  /** Sends START_REPLICATION and resolves when the server streams. `held` is asked while the slot is ours and nothing is confirmed yet. */
  static async start(client: pg.Client, from: PgPosition, options: ReplicationOptions, relations: RelationCache, context: SourceContext, held: () => Promise<void> = async () => {}): Promise<Replication> {
    const replication = new Replication(client, from, options, relations, context)
    const started = new Promise<void>((resolve, reject) => (replication.#started = { resolve, reject }))
    const parameters = `proto_version '1', publication_names ${quoteLiteral(quoteIdentifier(options.publication))}, messages 'true'`
    replication.#socket.send(queryMessage(`START_REPLICATION SLOT ${quoteIdentifier(options.slot)} LOGICAL ${formatLsn(from.lsn)} (${parameters})`))
    await started
    await held().catch((error: unknown) => {
      replication.fail(error as TailraceError)
      throw error
    })
    replication.#sendStatus(true)
    replication.#arm()
    context.reach('source.stream-started')
    return replication
  }

  /** The next batch, as soon as there is anything to tell; an empty one when only the position moved. */
  next(): Promise<PgBatch> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    if (!this.#batch.empty || this.#moved) return Promise.resolve(this.#cut())
    return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }))
  }

  /** Everything before `lsn` is durable and stored. */
  acknowledge(lsn: bigint): void {
    if (lsn < this.#confirmed) throw new TailraceError('TR_ENGINE_INVARIANT', { message: `The acknowledged position went back from ${formatLsn(this.#confirmed)} to ${formatLsn(lsn)}` })
    if (lsn === this.#confirmed) return
    this.#confirmed = lsn
    // a server that shuts down, or is about to give up on us, waits for exactly this
    if (this.#replyWanted) this.#sendStatus(false)
  }

  get status(): { confirmed: bigint; received: bigint; server: bigint; bufferedBytes: number } {
    return { confirmed: this.#confirmed, received: this.#received, server: this.#server, bufferedBytes: this.#socket.buffered + this.#batch.bytes }
  }

  /** A last status update, then the connection ends. */
  async close(): Promise<void> {
    this.#cancelTimer()
    if (this.#failure !== undefined) return
    this.#failure = new TailraceError('TR_PG_DISCONNECTED', { message: 'The stream was closed' })
    this.#waiting?.reject(this.#failure)
    this.#waiting = undefined
    const last = standbyStatus(this.#received, this.#confirmed, this.#context.clock.nowMicros(), false)
    await this.#socket.close(Buffer.concat([last, GOODBYE]), 2_000)
  }

  #take(type: number, bytes: Buffer, start: number, end: number): boolean {
    if (type === 0x64 && this.#started === undefined) return this.#copyData(bytes, start, end)
    switch (type) {
      case 0x57: // CopyBothResponse
        this.#started?.resolve()
        this.#started = undefined
        return true
      case 0x45: // ErrorResponse
        throw toSlotError(readNotice(bytes, start, end), this.#options.slot, this.#options.publication)
      case 0x4e: // NoticeResponse
        this.#notice(bytes, start, end)
        return true
      case 0x53: // ParameterStatus
        return true
      case 0x63: // CopyDone
      case 0x43: // CommandComplete
      case 0x5a: // ReadyForQuery
        throw new TailraceError('TR_PG_DISCONNECTED', { message: 'The server ended the stream' })
      default:
        throw new TailraceError('TR_PG_PROTOCOL', { message: `A message of type ${type} arrived while streaming`, where: { type } })
    }
  }

  #copyData(bytes: Buffer, start: number, end: number): boolean {
    const kind = bytes[start]
    if (kind === XLOG_DATA && end - start > XLOG_DATA_HEADER) {
      if (!this.#decoder.decode(bytes, start + XLOG_DATA_HEADER, end, start + 1)) {
        this.#resolvePending()
        return false
      }
      if (!this.#decoder.inTransaction) this.#moved = true
      return !this.#batch.full
    }
    const keepalive = kind === KEEPALIVE ? readKeepalive(bytes, start, end) : undefined
    if (keepalive === undefined) throw new TailraceError('TR_PG_PROTOCOL', { message: `A replication message of kind ${kind} and ${end - start} bytes cannot be decoded` })
    if (keepalive.walEnd > this.#server) this.#server = keepalive.walEnd
    if (this.#decoder.idle(keepalive.walEnd)) this.#moved = true
    if (keepalive.replyRequested) {
      this.#replyWanted = true
      this.#sendStatus(false)
    }
    return true
  }

  /** PostgreSQL 18 leaves the rows of a missing publication out and only warns: `skipped loading publication "…"`. */
  #notice(bytes: Buffer, start: number, end: number): void {
    const notice = readNotice(bytes, start, end)
    if (notice.severity === 'WARNING' && /publication/.test(notice.message)) {
      throw new TailraceError('TR_PG_PUBLICATION_CHANGED', { message: `The server skips rows: ${notice.message}`, where: { publication: this.#options.publication } })
    }
    this.#context.logger.info('notice from PostgreSQL', { severity: notice.severity, sqlstate: notice.sqlstate })
  }

  #resolvePending(): void {
    const relation = this.#decoder.pending!
    this.#decoder.pending = undefined
    this.#resolving = true
    this.#relations.resolve(relation).then(
      () => {
        this.#resolving = false
        this.#context.reach('source.relation-resolved')
        this.#socket.release()
        this.#deliver()
      },
      (error: unknown) => this.fail(error instanceof TailraceError ? error : new TailraceError('TR_PG_QUERY', { cause: error })),
    )
  }

  /** Hands over to whoever waits. */
  #deliver(): void {
    this.#context.reach('source.chunk-received')
    if (this.#waiting === undefined || (this.#batch.empty && !this.#moved)) return
    const { resolve } = this.#waiting
    this.#waiting = undefined
    resolve(this.#cut())
  }

  #cut(): PgBatch {
    this.#moved = false
    const { position } = this.#decoder
    if (position.lsn > this.#received) this.#received = position.lsn
    if (this.#received > this.#server) this.#server = this.#received
    const batch = this.#batch.cut(position)
    this.#context.reach('source.batch-cut')
    // the next batch fills while this one is delivered; a RELATION message that waits for the catalog still waits
    if (this.#socket.paused && !this.#batch.full && !this.#resolving) this.#socket.release()
    return batch
  }

  #sendStatus(requestReply: boolean): void {
    this.#context.reach('source.status-before')
    this.#socket.send(standbyStatus(this.#received, this.#confirmed, this.#context.clock.nowMicros(), requestReply))
    this.#context.reach('source.status-after')
  }

  /** On a timer of its own, so that it goes on while the sink blocks and reading is paused. */
  #arm(): void {
    this.#cancelTimer = this.#context.clock.after(this.#options.statusIntervalMs, () => {
      if (this.#failure !== undefined) return
      // counted in intervals, not in time: an event loop that stood still has not listened either
      this.#silent = this.#socket.takeReadCount() > 0 || this.#socket.paused ? 0 : this.#silent + 1
      if (this.#silent > SILENT_INTERVALS) {
        this.fail(new TailraceError('TR_PG_DISCONNECTED', { message: `Nothing was heard from the server for ${SILENT_INTERVALS} status intervals` }))
        return
      }
      this.#replyWanted = false
      this.#sendStatus(true)
      this.#arm()
    })
  }

  /** Ends the stream with this error; what is decoded and not yet handed over is left. */
  fail(error: TailraceError): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    this.#cancelTimer()
    this.#started?.reject(error)
    this.#started = undefined
    this.#waiting?.reject(error)
    this.#waiting = undefined
    void this.#socket.close(Buffer.alloc(0), 0)
  }
}
