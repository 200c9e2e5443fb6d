import { ChangeEvent, type Operation } from '../../event/change-event.ts'
import type { ColumnSet } from './binlog/logged-column.ts'
import { EVENT } from './binlog/event-type.ts'
import { readImageBehind } from './binlog/image-behind.ts'
import { malformed } from './binlog/malformed.ts'
import { readRows, rowEnd, type Rows } from './binlog/rows.ts'
import type { EventGroup } from './event-group.ts'
import type { OpenXaTransactions } from './open-xa.ts'
import type { RowEvent, RowsLeft } from './row-event.ts'
import { BINLOG, MysqlRowImage } from './row-image.ts'
import type { KnownMap, TableCache } from './table-cache.ts'
import type { MysqlTable } from './table.ts'
import { sameKey } from './value/row-cells.ts'

/** Where changes go. */
export type Emit = (event: ChangeEvent, bytes: number) => void

const OPERATION: Readonly<Record<number, Operation>> = {
  [EVENT.writeRowsV1]: 'c', [EVENT.writeRows]: 'c',
  [EVENT.updateRowsV1]: 'u', [EVENT.updateRows]: 'u', [EVENT.partialUpdateRows]: 'u',
  [EVENT.deleteRowsV1]: 'd', [EVENT.deleteRows]: 'd',
}

/** A table map's number in a row event that only says that a statement ends (rows_event.h, dummy events). */
const NO_TABLE = 0xffffff

/** The rows of row events as changes, without touching their cells, and no more of them than the batch has room for: an event may have any number. */
export class RowEvents {
  readonly #tables: TableCache
  readonly #skipped: ReadonlySet<Operation>
  readonly #emit: Emit
  readonly #batch: { readonly full: boolean }
  readonly #xa: OpenXaTransactions
  /** What is to come before any other event, the next at the end. */
  #left: RowsLeft[] = []

  constructor(tables: TableCache, skipped: ReadonlySet<Operation>, emit: Emit, batch: { readonly full: boolean }, xa: OpenXaTransactions) {
    this.#tables = tables
    this.#skipped = skipped
    this.#emit = emit
    this.#batch = batch
    this.#xa = xa
  }

  /** The batch was full before all rows were in it: call {@link RowEvents.goOn} before the next event. */
  get unfinished(): boolean {
    return this.#left.length > 0
  }

  goOn(group: EventGroup): void {
    while (this.#left.length > 0 && !this.#batch.full) {
      const { event, known, rows, at, row, events } = this.#left.pop()!
      if (events !== undefined) group.events = events
      this.#walk(event, known, rows, at, row, group)
    }
  }

  /** Rows that were held back are those of this group, in the place of any that are still to come. */
  release(held: readonly RowsLeft[], group: EventGroup): void {
    this.#left = [...held].reverse()
    this.goOn(group)
  }

  /** The rows of one event. */
  take(event: RowEvent, group: EventGroup): void {
    const { bytes, end, type } = event
    const rows = readRows(bytes, event.start, end, type)
    if (rows.tableId === NO_TABLE && rows.start === end) return
    const known = this.#tables.get(rows.tableId)
    if (known === undefined) throw malformed('rows', `the table ${rows.tableId} was not announced`)
    const op = OPERATION[type]!
    const wanted = known.table !== undefined && !this.#skipped.has(op)
    // MySQL with binlog_row_image=MINIMAL: a row of nothing but defaults, of which the log has no column, and does not say how many rows there are
    if (rows.start === end && wanted) throw malformed('rows', `a row was inserted into ${known.map.database}.${known.map.name} of which no column was logged`)
    if (group.xid !== undefined) {
      if (wanted) this.#hold(event, known, rows, group, group.xid)
    } else if (group.uncertain === undefined) this.#walk(event, known, rows, rows.start, 0, group)
    else if (!group.uncertain.hold({ ...kept(event, known, rows.start, 0), events: group.events })) {
      const held = group.uncertain.take()
      group.uncertain = undefined
      this.release(held, group)
    }
  }

  #walk(event: RowEvent, known: KnownMap, rows: Rows, from: number, rowsBefore: number, group: EventGroup): void {
    const { bytes, end, type } = event
    const op = OPERATION[type]!
    const wanted = known.table !== undefined && !this.#skipped.has(op)
    let at = from
    for (let row = rowsBefore; at < end; row++) {
      if (this.#batch.full) return void this.#left.push({ event, known, rows, at, row })
      const first = at
      const emit = group.count(row) ? this.#emit : undefined
      if (op === 'u') {
        at = this.#update(event, known, rows.before!, rows.after!, first, row, wanted && (emit !== undefined || group.counter !== undefined) ? group : undefined, emit)
        continue
      }
      const present = op === 'c' ? rows.after! : rows.before!
      at = rowEnd(bytes, first, end, known.map, present)
      if (!wanted) continue
      const image = new MysqlRowImage(bytes, first, BINLOG, present, row, group.events)
      this.#add(emit, event, known.table, group, op, 0, op === 'd' ? image : undefined, op === 'c' ? image : undefined, undefined, at - first)
    }
    if (at !== end) throw malformed('rows', 'the last row goes beyond the event')
  }

  /** Until it is known what becomes of an XA transaction. */
  #hold(event: RowEvent, known: KnownMap, rows: Rows, group: EventGroup, xid: string): void {
    let at = rows.start
    let row = 0
    // Debezium has delivered rows that are prepared; ours are counted off when they are released, which is in the same group with ONE PHASE
    const ours = group.resume?.rows !== undefined
    for (; !ours && at < event.end && !group.count(row); row++) at = this.#next(event, known, rows, at, row)
    if (at >= event.end) return
    this.#xa.hold(xid, group.place, kept(event, known, at, row))
  }

  #next(event: RowEvent, known: KnownMap, rows: Rows, first: number, row: number): number {
    if (OPERATION[event.type] === 'u') return this.#update(event, known, rows.before!, rows.after!, first, row, undefined, undefined)
    return rowEnd(event.bytes, first, event.end, known.map, rows.after ?? rows.before!)
  }

  /** Returns where the next row begins. `group` undefined: the row is of no interest. `emit` undefined: it was delivered before. */
  #update(event: RowEvent, known: KnownMap, beforeSet: ColumnSet, afterSet: ColumnSet, first: number, row: number, group: EventGroup | undefined, emit: Emit | undefined): number {
    const { bytes, end, type } = event
    const middle = rowEnd(bytes, first, end, known.map, beforeSet)
    const whole = afterSet.all && type !== EVENT.partialUpdateRows
    const behind = whole ? undefined : readImageBehind(bytes, first, middle, end, type, known.map, beforeSet, afterSet, group !== undefined)
    const next = behind?.next ?? rowEnd(bytes, middle, end, known.map, afterSet)
    if (group === undefined) return next
    const table = known.table!
    const before = new MysqlRowImage(bytes, first, BINLOG, beforeSet, row, group.events)
    const after = new MysqlRowImage(behind?.bytes ?? bytes, behind?.start ?? middle, BINLOG, behind?.present ?? afterSet, row, group.events)
    if (table.shape.key.length === 0 || sameKey(before, after, known.map, table.shape.key)) {
      this.#add(emit, event, table, group, 'u', 0, before, after, undefined, next - first)
      return next
    }
    // Debezium writes a key update as a delete under the old key and a create under the new one
    this.#add(emit, event, table, group, 'd', 0, before, undefined, after, 0)
    this.#add(emit, event, table, group, 'c', 1, undefined, after, before, next - first)
    return next
  }

  /** What was delivered before is counted all the same, so that the order of what follows is right. */
  #add(emit: Emit | undefined, event: RowEvent, table: MysqlTable, group: EventGroup, op: Operation, part: number, before: MysqlRowImage | undefined, after: MysqlRowImage | undefined, other: MysqlRowImage | undefined, bytes: number): void {
    const order = group.counter === undefined ? undefined : group.order(table.database, table.name, event.seconds)
    if (emit === undefined) return
    const high = Math.floor(event.pos / 4_294_967_296)
    emit(new ChangeEvent(op, table, group.transaction(event.seconds), 'false', high, event.pos % 4_294_967_296, group.rows - 1, part, before, after, other, undefined, order), bytes)
  }
}

/** Rows that are to be held. Their bytes are copied: the memory that they came in has others as well. */
function kept(event: RowEvent, known: KnownMap, at: number, row: number): RowsLeft {
  const bytes = Buffer.allocUnsafeSlow(event.end - event.start)
  event.bytes.copy(bytes, 0, event.start, event.end)
  return { event: { ...event, bytes, start: 0, end: bytes.length }, known, rows: readRows(bytes, 0, bytes.length, event.type), at: at - event.start, row }
}
