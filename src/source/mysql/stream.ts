import type { JsonValue, Position } from '../../event/position.ts'
import type { ChangeBatch, ChangeStream, SourceContext, StreamStatus } from '../source.ts'
import { MysqlBatch } from './batch.ts'
import type { CatalogTable } from './catalog.ts'
import type { ControlConnection } from './control.ts'
import { definitionEvents, snapshotTransaction } from './definitions.ts'
import type { DumpFrom } from './flavor.ts'
import type { HandOver } from './hand-over.ts'
import { comparePlaces, type MysqlPosition } from './position.ts'
import { Replication, type Reading, type ReplicationOptions } from './replication.ts'
import type { Settings } from './settings.ts'
import { Snapshot, type SnapshotOptions } from './snapshot.ts'
import { connect, disconnect } from './wire/connect.ts'

/** What earlier connections of the same engine came to. */
export interface Past {
  /** The log was followed: a snapshot, if there was one, is done. */
  streamed: boolean
  /** The delay before a first snapshot is over. */
  delayed: boolean
  /** Ours among the server's replicas, the same for every connection. */
  serverId: number | undefined
  /** The schema history, once it is being opened. */
  history: Promise<void> | undefined
}

/** Everything `open` has found out and prepared. */
export interface StreamPlan {
  readonly identity: Readonly<Record<string, JsonValue>>
  readonly tables: readonly CatalogTable[]
  /** Undefined: no snapshot. */
  readonly handOver: HandOver | undefined
  readonly snapshot: SnapshotOptions
  /** Undefined: ends after the snapshot. */
  readonly from: MysqlPosition | undefined
  /** How the dump is asked for at `from`. */
  readonly dump: DumpFrom | undefined
  /** The position must be stored before anything else: it is where a stream without a snapshot begins, or it was taken over. */
  readonly fresh: boolean
  readonly reading: Reading
  readonly replication: ReplicationOptions
  readonly past: Past
}

/** A snapshot if one is due, then the binary log, as one sequence of batches. */
export class MysqlStream implements ChangeStream {
  readonly identity: Readonly<Record<string, JsonValue>>
  readonly startsOver: boolean
  readonly #plan: StreamPlan
  readonly #settings: Settings
  readonly #control: ControlConnection
  readonly #context: SourceContext
  readonly #abort = new AbortController()
  #snapshot: Snapshot | undefined
  #replication: Replication | undefined
  #acknowledged: MysqlPosition | undefined
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
    const { handOver, from, dump, tables } = this.#plan
    if (handOver !== undefined) {
      this.#context.enter('snapshot')
      this.#snapshot = new Snapshot(handOver, this.#plan.snapshot, this.#context)
      yield* this.#snapshot.batches(tables)
      await this.#snapshot.close()
    }
    if (from === undefined || dump === undefined) return
    const client = await connect(this.#settings.connection, this.#abort.signal)
    const replication = await Replication.start(client, dump, from, this.#plan.replication, this.#plan.reading, this.#context)
    // closed meanwhile: nobody else knows of this connection
    if (this.#closed) return this.#leave(replication)
    this.#replication = replication
    this.#plan.past.streamed = true
    if (handOver === undefined) yield* this.#beginning(from)
    this.#context.enter('stream')
    this.#context.logger.info('streaming', { from: from.toString() })
    for (;;) yield await replication.next()
  }

  /** Without a snapshot of rows: what was read of the schema, and the place that is stored first. */
  *#beginning(from: MysqlPosition): Generator<ChangeBatch> {
    const { snapshot, fresh } = this.#plan
    const told = definitionEvents(snapshot.definitions.changes, snapshot.schemaTable, snapshotTransaction(snapshot.origin, from, this.#context.clock.nowMicros()), false)
    if (told.length > 0 || fresh) yield new MysqlBatch(told, 0, from, from, fresh)
  }

  /** The server keeps its log for a time, whoever has read it. */
  acknowledge(position: Position): void {
    if (position.phase === 'stream') this.#acknowledged = position as MysqlPosition
  }

  status(): StreamStatus {
    const received = this.#replication?.position
    const durable = this.#acknowledged
    return {
      phase: this.#replication === undefined ? 'snapshot' : 'stream',
      confirmed: durable?.toString(),
      received: received?.toString(),
      server: undefined,
      lagBytes: received === undefined || durable === undefined || received.file !== durable.file ? undefined : Math.max(0, comparePlaces(received, durable)),
      bufferedBytes: this.#replication?.bufferedBytes ?? this.#snapshot?.bufferedBytes ?? 0,
      snapshot: this.#snapshot?.progress ?? [],
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#abort.abort()
    await this.#plan.handOver?.unlock()
    if (this.#replication !== undefined) await this.#leave(this.#replication)
    else if (this.#snapshot !== undefined) await this.#snapshot.close()
    else if (this.#plan.handOver !== undefined) await disconnect(this.#plan.handOver.worker)
    await this.#control[Symbol.asyncDispose]()
  }

  async #leave(replication: Replication): Promise<void> {
    await replication.close()
    await replication.thread?.end(this.#control.query, this.#context.clock)
  }
}
