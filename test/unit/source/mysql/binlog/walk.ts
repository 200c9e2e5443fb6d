import { readAnnotateRows } from '../../../../../src/source/mysql/binlog/annotate-rows.ts'
import { readBinlogCheckpoint } from '../../../../../src/source/mysql/binlog/binlog-checkpoint.ts'
import { checksumMatches } from '../../../../../src/source/mysql/binlog/checksum.ts'
import { EVENT_HEADER, EventHeader } from '../../../../../src/source/mysql/binlog/event-header.ts'
import { EVENT, eventName } from '../../../../../src/source/mysql/binlog/event-type.ts'
import { readFormatDescription } from '../../../../../src/source/mysql/binlog/format-description.ts'
import { readGtidList } from '../../../../../src/source/mysql/binlog/gtid-list.ts'
import { readExecuteLoadQuery } from '../../../../../src/source/mysql/binlog/execute-load-query.ts'
import { readGtid } from '../../../../../src/source/mysql/binlog/gtid.ts'
import { readHeartbeat } from '../../../../../src/source/mysql/binlog/heartbeat.ts'
import { readIncident } from '../../../../../src/source/mysql/binlog/incident.ts'
import type { ColumnSet, TableMap } from '../../../../../src/source/mysql/binlog/logged-column.ts'
import { malformed } from '../../../../../src/source/mysql/binlog/malformed.ts'
import { readMariadbGtid } from '../../../../../src/source/mysql/binlog/mariadb-gtid.ts'
import { readPartialRow } from '../../../../../src/source/mysql/binlog/partial-update.ts'
import { readPreviousGtids } from '../../../../../src/source/mysql/binlog/previous-gtids.ts'
import { readCompressedQuery } from '../../../../../src/source/mysql/binlog/query-compressed.ts'
import { readQuery } from '../../../../../src/source/mysql/binlog/query.ts'
import { readRotate } from '../../../../../src/source/mysql/binlog/rotate.ts'
import { plainRows } from '../../../../../src/source/mysql/binlog/rows-compressed.ts'
import { readRowsQuery } from '../../../../../src/source/mysql/binlog/rows-query.ts'
import { prefixedEnd, readRows, rowEnd } from '../../../../../src/source/mysql/binlog/rows.ts'
import { readIntvar, readRand, readUserVar } from '../../../../../src/source/mysql/binlog/statement-part.ts'
import { readTableMap } from '../../../../../src/source/mysql/binlog/table-map.ts'
import { PayloadReader } from '../../../../../src/source/mysql/binlog/transaction-payload.ts'
import { readXaPrepare } from '../../../../../src/source/mysql/binlog/xa-prepare.ts'
import { readXid } from '../../../../../src/source/mysql/binlog/xid.ts'

/** A cell's bytes, null for NULL; columns that the image has not are missing. */
export type Cells = Record<number, Buffer | null>

export interface Row {
  readonly before: Cells | undefined
  readonly after: Cells | undefined
}

export interface WalkedEvent {
  readonly header: EventHeader
  /** Inside of a compressed transaction. */
  readonly inner: boolean
  readonly value: unknown
}

export interface WalkedRows {
  readonly map: TableMap
  readonly rows: readonly Row[]
  readonly statementEnd: boolean
}

const LIMIT = 64 * 1024 * 1024

/** All events of a file, decoded; whatever does not read as its grammar says is thrown. */
export class Walk {
  readonly #maps = new Map<number, TableMap>()
  readonly #limit: number
  readonly #mariadb: boolean

  constructor(mariadb: boolean, limit: number = LIMIT) {
    this.#mariadb = mariadb
    this.#limit = limit
  }

  /** Events one behind the other, each with its checksum. */
  *file(bytes: Buffer): Generator<WalkedEvent> {
    for (let at = 0; at < bytes.length; ) {
      const end = at + bytes.readUInt32LE(at + 9)
      if (!checksumMatches(bytes, at, end) && bytes[at + 4] !== EVENT.formatDescription) throw malformed('test', `wrong checksum at ${at}`)
      yield* this.event(bytes, at, end)
      at = end
    }
  }

  *event(bytes: Buffer, start: number, end: number): Generator<WalkedEvent> {
    const header = new EventHeader().read(bytes, start, end)
    yield* this.#body(bytes, start + EVENT_HEADER, header.type === EVENT.formatDescription ? end : end - 4, header, false)
  }

  *#body(bytes: Buffer, start: number, end: number, header: EventHeader, inner: boolean): Generator<WalkedEvent> {
    if (header.type === EVENT.transactionPayload) {
      const reader = new PayloadReader(bytes, start, end, this.#limit)
      for (let one = reader.next(); one !== undefined; one = reader.next()) {
        yield* this.#body(one.bytes, one.start + EVENT_HEADER, one.end, new EventHeader().read(one.bytes, one.start, one.end), true)
      }
      return
    }
    yield { header, inner, value: this.value(bytes, start, end, header) }
  }

  value(bytes: Buffer, start: number, end: number, header: EventHeader): unknown {
    const { type } = header
    if (type === EVENT.tableMap) {
      const map = readTableMap(bytes, start, end, this.#mariadb)
      this.#maps.set(map.id, map)
      return map
    }
    if (type === EVENT.queryCompressed) {
      const plain = readCompressedQuery(bytes, start, end, this.#limit)
      return readQuery(plain, 0, plain.length)
    }
    if (type >= EVENT.writeRowsCompressedV1 && type <= EVENT.deleteRowsCompressed) {
      const plain = plainRows(bytes, start, end, type, this.#limit)
      return this.#rows(plain.bytes, 0, plain.bytes.length, plain.type)
    }
    if ((type >= EVENT.writeRowsV1 && type <= EVENT.deleteRowsV1) || (type >= EVENT.writeRows && type <= EVENT.deleteRows) || type === EVENT.partialUpdateRows) return this.#rows(bytes, start, end, type)
    return readOther(bytes, start, end, header)
  }

  #rows(bytes: Buffer, start: number, end: number, type: number): WalkedRows {
    const { tableId, statementEnd, before, after, start: first } = readRows(bytes, start, end, type)
    const map = this.#maps.get(tableId)
    if (map === undefined) throw malformed('test', `table ${tableId}`)
    const rows: Row[] = []
    for (let at = first; at < end; ) {
      const middle = before === undefined ? at : rowEnd(bytes, at, end, map, before)
      const old = before === undefined ? undefined : cellsOf(bytes, at, middle, map, before)
      if (type === EVENT.partialUpdateRows) {
        const { end: next, image, present } = readPartialRow(bytes, at, middle, end, map, before!, after!, true)
        rows.push({ before: old, after: cellsOf(image!, 0, image!.length, map, present) })
        at = next
      } else {
        const next = after === undefined ? middle : rowEnd(bytes, middle, end, map, after)
        rows.push({ before: old, after: after === undefined ? undefined : cellsOf(bytes, middle, next, map, after) })
        at = next
      }
    }
    return { map, rows, statementEnd }
  }
}

/** An image's cells, found without {@link rowEnd}, which the end is compared with. */
export function cellsOf(bytes: Buffer, start: number, end: number, map: TableMap, present: ColumnSet): Cells {
  const cells: Cells = {}
  let at = start + ((present.count + 7) >> 3)
  let bit = 0
  for (const [column, width] of map.widths.entries()) {
    if (!present.has(column)) continue
    const isNull = (bytes[start + (bit >> 3)]! & (1 << (bit & 7))) !== 0
    bit++
    if (isNull) {
      cells[column] = null
      continue
    }
    const next = width >= 0 ? at + width : prefixedEnd(bytes, at, end, width)
    cells[column] = bytes.subarray(width >= 0 ? at : at - width, next)
    at = next
  }
  if (at !== end) throw malformed('test', `an image ends at ${at}, not ${end}`)
  return cells
}

function readOther(bytes: Buffer, start: number, end: number, header: EventHeader): unknown {
  switch (header.type) {
    case EVENT.formatDescription:
      return readFormatDescription(bytes, start, end)
    case EVENT.heartbeat:
    case EVENT.heartbeatV2:
      return readHeartbeat(bytes, start, end, header)
    case EVENT.rotate:
      return readRotate(bytes, start, end)
    case EVENT.gtid:
    case EVENT.anonymousGtid:
    case EVENT.taggedGtid:
      return readGtid(bytes, start, end, header.type)
    case EVENT.mariadbGtid:
      return readMariadbGtid(bytes, start, end, header.serverId)
    case EVENT.previousGtids:
      return readPreviousGtids(bytes, start, end)
    case EVENT.gtidList:
      return readGtidList(bytes, start, end)
    case EVENT.binlogCheckpoint:
      return readBinlogCheckpoint(bytes, start, end)
    case EVENT.query:
      return readQuery(bytes, start, end)
    case EVENT.xid:
      return readXid(bytes, start, end)
    case EVENT.rowsQuery:
      return readRowsQuery(bytes, start, end)
    case EVENT.annotateRows:
      return readAnnotateRows(bytes, start, end)
    case EVENT.xaPrepare:
      return readXaPrepare(bytes, start, end)
    case EVENT.incident:
      return readIncident(bytes, start, end)
    case EVENT.executeLoadQuery:
      return readExecuteLoadQuery(bytes, start, end)
    case EVENT.intvar:
      return readIntvar(bytes, start, end)
    case EVENT.rand:
      return readRand(bytes, start, end)
    case EVENT.userVar:
      return readUserVar(bytes, start, end)
    default:
      throw malformed('test', `an event of type ${eventName(header.type)}`)
  }
}
