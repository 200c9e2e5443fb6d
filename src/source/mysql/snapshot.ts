import { ChangeEvent } from '../../event/change-event.ts'
import type { SchemaChange } from '../../event/table-definition.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import { RowMarker } from '../row-marker.ts'
import type { SourceContext, TableProgress } from '../source.ts'
import { MysqlBatch } from './batch.ts'
import { isUnchanged, type CatalogTable } from './catalog.ts'
import { definitionEvents, snapshotTransaction, type Definitions } from './definitions.ts'
import { holdTable, type HandOver } from './hand-over.ts'
import { quoteTable } from './identifier.ts'
import { MysqlPosition } from './position.ts'
import type { MysqlRowImage } from './row-image.ts'
import { MysqlTable, type TableSurroundings } from './table.ts'
import type { MysqlTransaction } from './transaction.ts'
import { selectExpression } from './value/select-expression.ts'
import type { MysqlTableShape } from './column.ts'
import { disconnect } from './wire/connect.ts'
import { RowStream } from './wire/row-stream.ts'
import { toServerError } from './wire/server-error.ts'

export interface SnapshotOptions {
  readonly origin: string
  readonly surroundings: TableSurroundings
  readonly maxEventBytes: number
  /** `r` is not delivered. */
  readonly skipped: boolean
  /** What the snapshot tells of the schema, and what the tables must still be when they are read. */
  readonly definitions: Definitions
  readonly schemaTable: (change: SchemaChange) => MysqlTable | undefined
  /** A table's definition at the snapshot's place. */
  readonly shapeOf: (table: CatalogTable) => MysqlTableShape
}

interface Progress extends TableProgress {
  rows: number
  done: boolean
}

/** Reads the captured tables inside the consistent snapshot, one after the other, rows as they arrive. */
export class Snapshot {
  readonly #handOver: HandOver
  readonly #context: SourceContext
  readonly #options: SnapshotOptions
  readonly #position: MysqlPosition
  readonly progress: Progress[] = []
  #rows: RowStream | undefined

  constructor(handOver: HandOver, options: SnapshotOptions, context: SourceContext) {
    this.#handOver = handOver
    this.#options = options
    this.#context = context
    this.#position = new MysqlPosition('snapshot', handOver.place, handOver.place.gtids)
  }

  get bufferedBytes(): number {
    return this.#rows?.bufferedBytes ?? 0
  }

  /** First an empty barrier (the snapshot has begun), then rows; the last batch is a barrier that ends where the stream begins. */
  async *batches(tables: readonly CatalogTable[]): AsyncGenerator<MysqlBatch, void, undefined> {
    const { place } = this.#handOver
    const done = new MysqlPosition('stream', place, place.gtids)
    yield new MysqlBatch([], 0, this.#position, this.#position, true)
    const versions = tables.map((catalog) => ({ catalog, table: new MysqlTable(this.#options.shapeOf(catalog), undefined, this.#options.surroundings) }))
    for (const { catalog } of versions) this.progress.push({ table: `${catalog.database}.${catalog.name}`, rows: 0, estimatedRows: catalog.estimatedRows, done: false })
    this.#context.prepare(versions.map(({ table }) => table))
    const transaction = snapshotTransaction(this.#options.origin, place, this.#context.clock.nowMicros())
    const told = definitionEvents(this.#options.definitions.changes, this.#options.schemaTable, transaction, true)
    // the last record of a snapshot is marked as such: whether it is this one is known when there are rows, or none
    let held = told.splice(-1)
    if (told.length > 0) yield new MysqlBatch(told, 0, this.#position, this.#position)
    const marker = rowMarker(transaction)
    this.#rows = new RowStream(this.#handOver.worker, {
      clock: this.#context.clock, maxMessageBytes: this.#options.maxEventBytes, maxRows: this.#context.limits.maxBatchEvents, maxBytes: this.#context.limits.maxBatchBytes,
    })
    for (const [index, { catalog, table }] of versions.entries()) {
      const progress = this.progress[index]!
      await this.#hold(catalog)
      for await (const chunk of this.#rows.read(selectSql(table), table.columns.length)) {
        progress.rows += chunk.rows.length
        const events = marker.mark(chunk.rows, table)
        this.#context.reach('source.snapshot-row-chunk')
        if (!this.#options.skipped && held.length > 0 && chunk.rows.length > 0) yield new MysqlBatch(held.splice(0), 0, this.#position, this.#position)
        if (!this.#options.skipped && events.length > 0) yield new MysqlBatch(events, chunk.bytes, this.#position, this.#position)
      }
      marker.endTable()
      progress.done = true
      this.#context.reach('source.snapshot-table-read')
    }
    await this.#handOver.unlock()
    this.#context.reach('source.snapshot-read')
    if (held.length > 0) held = definitionEvents(this.#options.definitions.changes, this.#options.schemaTable, transaction, false).splice(-1)
    const last = this.#options.skipped ? held : [...held, ...marker.finish()]
    yield new MysqlBatch(last, 0, this.#position, done, true)
  }

  async close(): Promise<void> {
    if (this.#rows === undefined) await disconnect(this.#handOver.worker)
    else await this.#rows.close()
  }

  /** Nobody alters the table from here on until the transaction has ended, as it is with each table that was read. Errors: TR_MYSQL_SNAPSHOT where somebody has done so already. */
  async #hold(table: CatalogTable): Promise<void> {
    const { query } = this.#handOver
    try {
      await query(holdTable(table))
      if (await isUnchanged(query, table, this.#options.definitions.statements.get(table) ?? '')) return
    } catch (error) {
      const failure = toServerError(error, 'reading the snapshot')
      if (failure.code !== 'TR_MYSQL_TABLE_MISSING') throw failure
    }
    throw new TailraceError('TR_MYSQL_SNAPSHOT', { message: `The table ${table.database}.${table.name} was altered before it was read`, where: { database: table.database, table: table.name } })
  }
}

function rowMarker(transaction: MysqlTransaction): RowMarker<MysqlRowImage, MysqlTable> {
  const { pos } = transaction.facts.place
  const high = Math.floor(pos / 2 ** 32)
  const low = pos % 2 ** 32
  return new RowMarker((image, table, mark, ordinal) => new ChangeEvent('r', table, transaction, mark, high, low, ordinal, 0, undefined, image, undefined, undefined))
}

function selectSql(table: MysqlTable): string {
  const { shape } = table
  return `SELECT ${shape.columns.map(selectExpression).join(', ')} FROM ${quoteTable(shape.database, shape.name)}`
}
