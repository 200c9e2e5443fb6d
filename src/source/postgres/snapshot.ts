import { ChangeEvent } from '../../event/change-event.ts'
import type { ColumnRules } from '../column-rule.ts'
import { RowMarker } from '../row-marker.ts'
import type { SourceContext, TableProgress } from '../source.ts'
import { PgBatch } from './batch.ts'
import { listTables, toShape, TypeCache, type CatalogTable } from './catalog.ts'
import type { PgTableShape } from './column.ts'
import type { Query } from './control.ts'
import type { HandOver } from './hand-over.ts'
import { quoteIdentifier, quoteTable } from './identifier.ts'
import { PgPosition } from './position.ts'
import type { Publication } from './publication.ts'
import type { PgRowImage } from './row-image.ts'
import { PgTable } from './table.ts'
import { PgTransaction } from './transaction.ts'
import type { Parsers } from './value/row-decoder.ts'
import { disconnect } from './wire/connect.ts'
import { RowStream } from './wire/row-stream.ts'

export interface SnapshotOptions {
  readonly origin: string
  readonly database: string
  readonly parsers: Parsers
  readonly columnRules: ColumnRules | undefined
  readonly maxMessageBytes: number
  /** `r` is not delivered. */
  readonly skipped: boolean
}

interface Progress extends TableProgress {
  rows: number
  done: boolean
}

/** Reads the captured tables inside the exported snapshot, one after the other, rows as they arrive. */
export class Snapshot {
  readonly #handOver: HandOver
  readonly #context: SourceContext
  readonly #options: SnapshotOptions
  readonly #position: PgPosition
  readonly #shapes: Map<number, PgTableShape>
  readonly progress: Progress[] = []
  #rows: RowStream | undefined

  /** `shapes` receives the tables' shapes, for the stream. */
  constructor(handOver: HandOver, options: SnapshotOptions, shapes: Map<number, PgTableShape>, context: SourceContext) {
    this.#handOver = handOver
    this.#options = options
    this.#context = context
    this.#shapes = shapes
    this.#position = new PgPosition('snapshot', handOver.consistentPoint)
  }

  get bufferedBytes(): number {
    return this.#rows?.bufferedBytes ?? 0
  }

  /** First an empty barrier (the snapshot has begun), then rows; the last batch is a barrier that ends where the stream begins. */
  async *batches(tables: readonly CatalogTable[], publication: Publication | undefined, control: Query): AsyncGenerator<PgBatch, void, undefined> {
    const done = new PgPosition('stream', this.#handOver.consistentPoint)
    yield new PgBatch([], 0, this.#position, this.#position, true)
    const versions = await this.#tableVersions(tables, publication)
    this.#context.prepare(versions.map(({ table }) => table))
    const transaction = await this.#transaction(control)
    this.#rows = new RowStream(this.#handOver.worker, {
      clock: this.#context.clock, maxMessageBytes: this.#options.maxMessageBytes, maxRows: this.#context.limits.maxBatchEvents, maxBytes: this.#context.limits.maxBatchBytes,
    })
    const { commitLsn: lsn } = transaction
    const marker = new RowMarker<PgRowImage, PgTable>((image, table, mark, ordinal) => new ChangeEvent('r', table, transaction, mark, Number(lsn >> 32n), Number(lsn & 0xffffffffn), ordinal, 0, undefined, image, undefined, undefined))
    for (const [index, version] of versions.entries()) {
      const progress = this.progress[index]!
      for await (const chunk of this.#rows.read(selectSql(version.catalog, version.table, publication), version.table.columns.length)) {
        progress.rows += chunk.rows.length
        const events = marker.mark(chunk.rows, version.table)
        this.#context.reach('source.snapshot-row-chunk')
        if (!this.#options.skipped && events.length > 0) yield new PgBatch(events, chunk.bytes, this.#position, this.#position)
      }
      marker.endTable()
      progress.done = true
      this.#context.reach('source.snapshot-table-read')
    }
    this.#context.reach('source.snapshot-read')
    const last = this.#options.skipped ? [] : marker.finish()
    yield new PgBatch(last, 0, this.#position, done, true)
  }

  async close(): Promise<void> {
    if (this.#rows === undefined) await disconnect(this.#handOver.worker)
    else await this.#rows.close()
  }

  /** The tables as the snapshot sees them. */
  async #tableVersions(tables: readonly CatalogTable[], publication: Publication | undefined): Promise<{ catalog: CatalogTable; table: PgTable }[]> {
    const { query } = this.#handOver
    const wanted = new Set(tables.map((table) => table.oid))
    const seen = (await listTables(query)).filter((table) => wanted.has(table.oid)).map((table) => publishedColumns(table, publication))
    const types = await new TypeCache(query).resolve(seen.flatMap((table) => table.columns.map((column) => column.typeOid)))
    return seen.map((catalog) => {
      const shape = toShape(catalog, this.#options.database, types)
      this.#shapes.set(catalog.oid, shape)
      this.progress.push({ table: `${catalog.schema}.${catalog.name}`, rows: 0, estimatedRows: catalog.estimatedRows < 0 ? undefined : catalog.estimatedRows, done: false })
      return { catalog, table: new PgTable(shape, this.#options.parsers, this.#context.warn, this.#options.columnRules) }
    })
  }

  /** The snapshot's own transaction id, newer than all it shows. Taking one also writes a WAL record behind the consistent point. */
  async #transaction(control: Query): Promise<PgTransaction> {
    const [row] = await control('select case when pg_is_in_recovery() then txid_snapshot_xmin(txid_current_snapshot()) else txid_current() end::text as xid')
    return new PgTransaction(this.#options.origin, BigInt(row!['xid'] as string), this.#handOver.consistentPoint, this.#context.clock.nowMicros(), this.#handOver.consistentPoint, undefined)
  }
}

/** The columns and rows that the publication would publish. ONLY, or rows of children would come twice. */
function selectSql(catalog: CatalogTable, table: PgTable, publication: Publication | undefined): string {
  const filter = publication?.members.get(catalog.oid)?.filter
  const columns = table.columns.map((column) => quoteIdentifier(column.name)).join(', ')
  return `SELECT ${columns} FROM ${catalog.relkind === 'p' ? '' : 'ONLY '}${quoteTable(catalog.schema, catalog.name)}${filter === undefined ? '' : ` WHERE ${filter}`}`
}

/** A column list in the publication hides columns from the stream: the snapshot does not show them either. */
function publishedColumns(table: CatalogTable, publication: Publication | undefined): CatalogTable {
  const published = publication?.members.get(table.oid)?.columns
  return published === undefined ? table : { ...table, columns: table.columns.filter((column) => published.includes(column.name)), key: table.key.every((name) => published.includes(name)) ? table.key : [] }
}
