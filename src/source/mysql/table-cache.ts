import { word48 } from '../../byte/little-endian.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { TableMap } from './binlog/logged-column.ts'
import { readTableMap } from './binlog/table-map.ts'
import { agreement } from './agreement.ts'
import type { MysqlTableShape } from './column.ts'
import type { SchemaModel } from './ddl/schema-contract.ts'
import { loggedShape } from './logged-shape.ts'
import { MysqlTable, type TableSurroundings } from './table.ts'
import type { TableFilter } from './table-filter.ts'

/** A table map as row events refer to it. */
export interface KnownMap {
  readonly map: TableMap
  /** Undefined for a table that is not captured. */
  readonly table: MysqlTable | undefined
}

/** Table maps that are kept at most: a server gives a table a new number when it opens it again. */
const MAX_MAPS = 10_000

/**
 * Table map events, resolved to table versions. A map is written before each statement, mostly with the same bytes as before: those are
 * compared, and nothing is decoded. What the columns are called and how they were declared comes from the schema history, or,
 * with `binlog_row_metadata=FULL`, from the map itself. Either way each column's type must be the one in the map.
 */
export class TableCache {
  readonly #model: SchemaModel
  readonly #filter: TableFilter
  readonly #surroundings: TableSurroundings
  readonly #maps = new Map<number, { readonly raw: Buffer; readonly known: KnownMap }>()
  /** Table versions stay the same while shape and map do. */
  readonly #versions = new Map<string, { readonly shape: MysqlTableShape | undefined; readonly raw: Buffer; readonly known: KnownMap }>()

  constructor(model: SchemaModel, filter: TableFilter, surroundings: TableSurroundings) {
    this.#model = model
    this.#filter = filter
    this.#surroundings = surroundings
  }

  get #mariadb(): boolean {
    return this.#surroundings.connector === 'mariadb'
  }

  get(id: number): KnownMap | undefined {
    return this.#maps.get(id)?.known
  }

  /** Takes a table map event's body. Errors: TR_MYSQL_SCHEMA_MISMATCH. */
  take(bytes: Buffer, start: number, end: number): KnownMap {
    const id = word48(bytes, start)
    const last = this.#maps.get(id)
    if (last !== undefined && isSame(last.raw, bytes, start, end)) return last.known
    const raw = Buffer.from(bytes.subarray(start, end))
    const known = this.#resolve(readTableMap(raw, 0, raw.length, this.#mariadb), raw)
    if (this.#maps.size >= MAX_MAPS) this.#maps.clear()
    this.#maps.set(id, { raw, known })
    return known
  }

  /** The schema may have changed, or another file or server begins: numbers mean nothing any more. */
  forget(): void {
    this.#maps.clear()
  }

  #resolve(map: TableMap, raw: Buffer): KnownMap {
    if (!this.#filter.captures(map.database, map.name)) return { map, table: undefined }
    const declared = this.#model.get(map.database, map.name)
    const key = `${map.database}\0${map.name}`
    const last = this.#versions.get(key)
    // the first six bytes are the number, which changes when the table is opened again
    if (last !== undefined && last.shape === declared && last.raw.subarray(6).equals(raw.subarray(6))) return last.known
    const known = { map, table: new MysqlTable(this.#shape(map, declared), map.columns, this.#surroundings) }
    this.#versions.set(key, { shape: declared, raw, known })
    return known
  }

  #shape(map: TableMap, declared: MysqlTableShape | undefined): MysqlTableShape {
    const disagreement = declared === undefined ? 'its definition is not known' : agreement(declared, map, this.#mariadb)
    if (disagreement === undefined) return declared!
    const logged = loggedShape(map, declared, this.#mariadb)
    if (logged !== undefined) return logged
    throw new TailraceError('TR_MYSQL_SCHEMA_MISMATCH', { message: `A row of ${map.database}.${map.name} cannot be read: ${disagreement}`, where: { database: map.database, table: map.name } })
  }
}

/** Map by map, most have some dozens of bytes: fewer than a call of Buffer's own is worth. */
function isSame(raw: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (raw.length !== end - start) return false
  for (let i = 0; i < raw.length; i++) if (raw[i] !== bytes[start + i]) return false
  return true
}
