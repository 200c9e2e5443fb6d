import { BatchBuilder } from '../batch-builder.ts'
import type { SourceContext } from '../source.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import { MysqlBatch, type Builder } from './batch.ts'
import { BinlogDecoder, type DecoderOptions } from './binlog-decoder.ts'
import type { SchemaModel } from './ddl/schema-contract.ts'
import { DumpThread } from './dump-thread.ts'
import type { DumpFrom } from './flavor.ts'
import type { OpenXaTransactions } from './open-xa.ts'
import type { MysqlPosition } from './position.ts'
import type { TableCache } from './table-cache.ts'
import { BinlogSocket } from './wire/binlog-socket.ts'
import type { MysqlClient } from './wire/connect.ts'
import { expectEvent } from './wire/dump-packet.ts'
import { dumpCommand, registerCommand } from './wire/dump.ts'

/** Heartbeat intervals without a byte from the server until the connection counts as dead. */
const SILENT_INTERVALS = 3
export interface ReplicationOptions extends Omit<DecoderOptions, 'sameFile'> {
  /** Ours among the server's replicas. */
  readonly serverId: number
  readonly heartbeatMs: number
  /** What is set on the connection before the dump. */
  readonly settings: readonly string[]
  /** Of the dump command. */
  readonly flags: number
}

/** What the stream is read with. */
export interface Reading {
  readonly model: SchemaModel
  readonly tables: TableCache
  readonly xa: OpenXaTransactions
}

/** The dump of the binary log over one connection. */
export class Replication {
  readonly #options: ReplicationOptions
  readonly #context: SourceContext
  readonly #batch: Builder
  readonly #decoder: BinlogDecoder
  readonly #socket: BinlogSocket
  /** What the dump is at the server. */
  readonly thread: DumpThread | undefined
  #waiting: { resolve: (batch: MysqlBatch) => void; reject: (error: TailraceError) => void } | undefined
  #failure: TailraceError | undefined
  #moved = false
  /** Something must be stored before decoding goes on. */
  #storing = false
  #position: MysqlPosition
  #silent = 0
  #cancelTimer: () => void = () => {}

  private constructor(client: MysqlClient, thread: DumpThread | undefined, from: MysqlPosition, sameFile: boolean, options: ReplicationOptions, reading: Reading, context: SourceContext) {
    this.thread = thread
    this.#options = options
    this.#context = context
    this.#position = from
    this.#batch = new BatchBuilder(MysqlBatch, from, context.limits.maxBatchEvents, context.limits.maxBatchBytes)
    this.#decoder = new BinlogDecoder({ ...options, sameFile }, reading.model, reading.tables, this.#batch, from, reading.xa)
    this.#socket = new BinlogSocket(client, {
      clock: context.clock,
      maxPacketBytes: options.maxEventBytes + 1,
      take: (bytes, start, end) => this.#take(bytes, start, end),
      onRead: () => this.#deliver(),
      onFailure: (error) => this.fail(error),
    })
  }

  /** Asks for the dump on a connection that is logged in. The server answers with events, or with an error, which the first `next` rejects with. */
  static async start(client: MysqlClient, dump: DumpFrom, from: MysqlPosition, options: ReplicationOptions, reading: Reading, context: SourceContext): Promise<Replication> {
    for (const setting of options.settings) await client.query(setting)
    if (dump.by === 'connect-state') await client.query(`SET @slave_connect_state = '${dump.gtids.toString()}'`)
    const thread = await DumpThread.mark(client, context.random)
    // so that another engine of this id is seen before it displaces us, or we it
    await client.command(registerCommand(options.serverId, 'tailrace'))
    const replication = new Replication(client, thread, from, dump.by === 'place', options, reading, context)
    replication.#socket.send(dumpCommand(dump, options.serverId, options.flags))
    replication.#arm()
    context.reach('source.stream-started')
    return replication
  }

  /** The next batch, as soon as there is anything to tell; an empty one when only the position moved. */
  next(): Promise<MysqlBatch> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    if (this.#ready) return Promise.resolve(this.#cut())
    return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }))
  }

  get position(): MysqlPosition {
    return this.#position
  }

  get bufferedBytes(): number {
    return this.#socket.buffered + this.#batch.bytes + this.#decoder.heldBytes
  }

  async close(): Promise<void> {
    this.#cancelTimer()
    if (this.#failure !== undefined) return
    this.#failure = new TailraceError('TR_MYSQL_DISCONNECTED', { message: 'The stream was closed' })
    this.#waiting?.reject(this.#failure)
    this.#waiting = undefined
    await this.#socket.close()
  }

  /** Ends the stream with this error; what is decoded and not yet handed over is left. */
  fail(error: TailraceError): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    this.#cancelTimer()
    this.#waiting?.reject(error)
    this.#waiting = undefined
    void this.#socket.close()
  }

  /** One packet: a byte that says what it is, then an event. */
  #take(bytes: Buffer, start: number, end: number): boolean {
    expectEvent(bytes, start, end, this.#position)
    return this.#after(this.#decoder.decode(bytes, start + 1, end))
  }

  #after(goesOn: boolean): boolean {
    if (!this.#decoder.inTransaction) this.#moved = true
    const pending = this.#decoder.takePending()
    if (pending === undefined) return goesOn
    this.#storing = true
    pending.then(
      () => {
        this.#storing = false
        this.#context.reach('source.schema-stored')
        this.#release()
        this.#deliver()
      },
      (error: unknown) => this.fail(error instanceof TailraceError ? error : new TailraceError('TR_HISTORY_WRITE', { cause: error })),
    )
    return false
  }

  /** Something is there to be told. Not while a change of the schema is being stored: no offset behind it may be stored before it. */
  get #ready(): boolean {
    return !this.#storing && (!this.#batch.empty || this.#moved)
  }

  /** Hands over to whoever waits. */
  #deliver(): void {
    this.#context.reach('source.chunk-received')
    if (this.#waiting === undefined || !this.#ready) return
    const { resolve } = this.#waiting
    this.#waiting = undefined
    resolve(this.#cut())
  }

  #cut(): MysqlBatch {
    this.#moved = false
    this.#position = this.#decoder.position
    const batch = this.#batch.cut(this.#position)
    this.#context.reach('source.batch-cut')
    // the next batch fills while this one is delivered
    if (this.#socket.paused) this.#release()
    return batch
  }

  /** Goes on where decoding was held: inside of a compressed transaction first. */
  #release(): void {
    if (this.#storing || this.#batch.full || this.#failure !== undefined) return
    try {
      if (this.#after(this.#decoder.resume())) this.#socket.release()
    } catch (error) {
      this.fail(error instanceof TailraceError ? error : new TailraceError('TR_ENGINE_INVARIANT', { message: 'Decoding failed unexpectedly', cause: error }))
    }
  }

  /** On a timer of its own, so that it goes on while the sink blocks and reading is paused. */
  #arm(): void {
    this.#cancelTimer = this.#context.clock.after(this.#options.heartbeatMs, () => {
      if (this.#failure !== undefined) return
      // counted in intervals, not in time: an event loop that stood still has not listened either
      this.#silent = this.#socket.takeReadCount() > 0 || this.#socket.paused ? 0 : this.#silent + 1
      if (this.#silent > SILENT_INTERVALS) return this.fail(new TailraceError('TR_MYSQL_DISCONNECTED', { message: `Nothing was heard from the server for ${SILENT_INTERVALS} heartbeat intervals` }))
      this.#arm()
    })
  }
}
