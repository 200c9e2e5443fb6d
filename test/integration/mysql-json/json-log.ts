import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { MysqlServer } from '../../server/mysql-server.ts'

/*
  The JSON cells of a table `d (id int primary key, j json)`, as they lie in the server's binary log: read with nothing but what this
  one table needs, so that the reader is no part of what it proves.
*/

export interface JsonChange {
  readonly id: number
  readonly before: Buffer | undefined
  readonly after: Buffer | undefined
  /** Instead of `after`: what changed, with binlog_row_value_options=PARTIAL_JSON. */
  readonly diffs: Buffer | undefined
}

const HEADER = 19
const CHECKSUM = 4
const TABLE_MAP = 19
const WRITE_ROWS = 30
const UPDATE_ROWS = 31
const PARTIAL_UPDATE_ROWS = 39

/** Runs `write` with a log file of its own; what the file has of `d`. */
export async function captureChanges(server: MysqlServer, write: () => Promise<void>): Promise<JsonChange[]> {
  await server.query('flush binary logs')
  const [status] = await server.query('show binary log status')
  await write()
  const log = await readFile(path.join(server.dataDir, String(status!['File'])))
  const changes: JsonChange[] = []
  let table: number | undefined
  for (let at = 4; at < log.length; at += log.readUInt32LE(at + 9)) {
    const type = log[at + 4]!
    const body = log.subarray(at + HEADER, at + log.readUInt32LE(at + 9) - CHECKSUM)
    if (type === TABLE_MAP) table = nameOf(body) === 'd' ? body.readUIntLE(0, 6) : undefined
    const rows = type === WRITE_ROWS || type === UPDATE_ROWS || type === PARTIAL_UPDATE_ROWS
    if (rows && body.readUIntLE(0, 6) === table) readRows(body, type, changes)
  }
  return changes
}

function nameOf(map: Buffer): string {
  const name = 8 + 1 + map[8]! + 1
  return map.toString('utf8', name + 1, name + 1 + map[name]!)
}

function readRows(body: Buffer, type: number, changes: JsonChange[]): void {
  const bitmaps = type === WRITE_ROWS ? 1 : 2
  // the number of columns is one byte, each bitmap too
  let at = 8 + body.readUInt16LE(8) + 1 + bitmaps
  const readCell = (): Buffer => {
    const cell = body.subarray(at + 4, at + 4 + body.readUInt32LE(at))
    at += 4 + cell.length
    return cell
  }
  const readImage = (): { id: number; json: Buffer | undefined } => {
    const nulls = body[at]!
    const id = body.readInt32LE(at + 1)
    at += 5
    return { id, json: (nulls & 2) === 0 ? readCell() : undefined }
  }
  while (at < body.length) {
    const before = type === WRITE_ROWS ? undefined : readImage()
    // of one JSON column: whether the cell holds diffs
    const partial = type === PARTIAL_UPDATE_ROWS && (body[at++]! & 1) === 1 && (body[at++]! & 1) === 1
    const after = readImage()
    changes.push({ id: after.id, before: before?.json, after: partial ? undefined : after.json, diffs: partial ? after.json : undefined })
  }
}
