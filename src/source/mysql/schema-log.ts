import { isTailraceError } from '../../error/tailrace-error.ts'
import type { Clock } from '../../time/clock.ts'
import type { SchemaHistory } from '../../schema-history/history.ts'
import type { HistoryRecord } from '../../schema-history/record.ts'
import type { SchemaChange } from '../../schema-history/table-definition.ts'
import type { DdlContext, SchemaModel } from './ddl/schema-contract.ts'
import type { DumpFrom, Flavor } from './flavor.ts'
import { comparePlaces, type LogPlace, type MysqlPosition } from './position.ts'
import type { GtidPosition } from './gtid/gtid-position.ts'

/** Where a change of the schema stands. */
export interface ChangePlace extends LogPlace {
  /** What is done before it. */
  readonly gtids: GtidPosition | undefined
  readonly serverId: number
  readonly seconds: number
  /** As Debezium counts: events since the BEGIN of the transaction that it stands in, and 0 outside of one. */
  readonly events: number
  /** Part of a snapshot. */
  readonly snapshot: boolean
}

const PLAIN: Omit<DdlContext, 'database'> = { ansiQuotes: false, noBackslashEscapes: false, serverCollation: undefined, databaseCollation: undefined }

/** The tables as they change along the log, and the history that keeps them. */
export class SchemaLog {
  readonly model: SchemaModel
  readonly #history: SchemaHistory | undefined
  readonly #flavor: Flavor
  readonly #server: string
  readonly #clock: Clock

  constructor(model: SchemaModel, history: SchemaHistory | undefined, flavor: Flavor, server: string, clock: Clock) {
    this.model = model
    this.#history = history
    this.#flavor = flavor
    this.#server = server
    this.#clock = clock
  }

  /** Brings the model to a position that the log is read from on: everything in the history that stands before it. False: the history has nothing. */
  async recover(position: MysqlPosition, by: DumpFrom['by'], signal: AbortSignal): Promise<boolean> {
    if (this.#history === undefined) return false
    let any = false
    let newest: HistoryRecord | undefined
    for await (const record of this.#history.records(signal)) {
      // a topic may have the records of several
      if (record.source['server'] !== this.#server) continue
      any = true
      // an instance that another one has followed may append a last time, behind what that one has: it knows nothing that is not there
      if (!this.#isBefore(record, position, by) || (newest !== undefined && this.#isOlder(record, newest))) continue
      this.#apply(record)
      newest = record
    }
    return any
  }

  /** Keeps changes that the model has already taken; resolves once they are durable. */
  async store(changes: readonly SchemaChange[], place: ChangePlace): Promise<void> {
    await this.#history?.append(changes.map((change) => this.#record(change, place)))
  }

  #record({ database, ddl, changes }: SchemaChange, { file, pos, gtids, serverId, seconds, events, snapshot }: ChangePlace): HistoryRecord {
    // without GTIDs Debezium takes a record that names its server for one of another server than its offset's, and for an early one, wherever it
    // stands (BinlogHistoryRecordComparator, until dbz#1541); where there is no name the places count
    const unnamed = serverId === 0 || gtids === undefined || gtids.empty
    const position = {
      ts_sec: seconds, file, pos, ...(gtids === undefined || gtids.empty ? {} : { gtids: gtids.toString() }), ...(snapshot ? { snapshot: 'INITIAL' } : {}), ...(unnamed ? {} : { server_id: serverId }), ...(events === 0 ? {} : { event: events }),
    }
    return { source: { server: this.#server }, position, timestampMs: Number(this.#clock.nowMicros() / 1000n), database, ddl, changes }
  }

  /**
   * A record's place is where its statement begins (Debezium's: where it ends), and its GTIDs are those before it: the statement is done if
   * the position has gone further. A snapshot's records stand at the place that the stream begins at.
   */
  #isBefore({ position: at }: HistoryRecord, position: MysqlPosition, by: DumpFrom['by']): boolean {
    const { gtids, snapshot } = at
    if (typeof gtids === 'string' && position.gtids !== undefined) {
      const before = this.#flavor.parseGtids(gtids)
      if (!before.equals(position.gtids)) return before.isSubsetOf(position.gtids)
      // Debezium's offset behind a statement has the place of its end and the GTIDs before it: the server is asked by them, and sends it again
      if (by !== 'place') return typeof snapshot === 'string'
    }
    const order = comparePlaces(placeIn(at), position)
    return order < 0 || (order === 0 && typeof snapshot === 'string')
  }

  /** Whether it stands before the other. A snapshot's does not: the log may have begun anew. */
  #isOlder({ position: { snapshot, ...at } }: HistoryRecord, { position: other }: HistoryRecord): boolean {
    if (typeof snapshot === 'string' || typeof at['gtids'] !== typeof other['gtids']) return false
    if (typeof at['gtids'] === 'string' && at['gtids'] !== other['gtids']) {
      const [before, behind] = [this.#flavor.parseGtids(at['gtids']), this.#flavor.parseGtids(other['gtids'] as string)]
      if (!before.equals(behind)) return before.isSubsetOf(behind)
    }
    return comparePlaces(placeIn(at), placeIn(other)) < 0
  }

  #apply({ database, ddl, changes }: HistoryRecord): void {
    // what is of no table is of a database, or of the server
    if (changes.length === 0) return this.#read(ddl, database)
    for (const { type, database: of, table, previous, shape } of changes) {
      // ALTER TABLE … RENAME: only the statement has the name that is gone
      if (type === 'ALTER' && previous === undefined && this.model.get(of, table) === undefined) this.#read(ddl, database)
      if (previous !== undefined) this.model.remove(previous.database, previous.table)
      if (type === 'DROP') this.model.remove(of, table)
      else if (shape !== undefined) this.model.put(shape)
    }
  }

  /** A record does not keep the sql_mode of its statement. What was read once is readable in one of them; what Debezium could not read (skip.unparseable.ddl) did nothing to its tables. */
  #read(ddl: string, database: string): void {
    for (const noBackslashEscapes of [false, true]) {
      try {
        return void this.model.apply(ddl, { ...PLAIN, database, noBackslashEscapes })
      } catch (error) {
        if (!isTailraceError(error)) throw error
      }
    }
  }
}

function placeIn({ file, pos }: HistoryRecord['position']): LogPlace {
  return { file: typeof file === 'string' ? file : '', pos: typeof pos === 'number' ? pos : 0 }
}
