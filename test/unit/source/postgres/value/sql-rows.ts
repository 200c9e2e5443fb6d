import type pg from 'pg'
import { listTables, readTable, toShape, type CatalogTable } from '../../../../../src/source/postgres/catalog.ts'
import type { PgTableShape } from '../../../../../src/source/postgres/column.ts'
import { readRelation, type Relation } from '../../../../../src/source/postgres/pgoutput/relation.ts'
import { mergeUnchanged, scanTuple, type TupleScan } from '../../../../../src/source/postgres/pgoutput/tuple.ts'
import { DATA_ROW, PgRowImage, TUPLE } from '../../../../../src/source/postgres/row-image.ts'
import { resolveTypes } from '../../../../../src/source/postgres/type-catalog.ts'

/** One row as the snapshot or the log has it. */
export interface RowChange {
  readonly op: 'r' | 'c' | 'u' | 'd'
  readonly shape: PgTableShape
  readonly before: PgRowImage | undefined
  readonly after: PgRowImage | undefined
}

/** What both connections of the source set, so that one reader understands both. */
export const SESSION = "set datestyle to 'ISO, MDY'; set intervalstyle to 'postgres'; set bytea_output to 'hex'; set extra_float_digits to 1; set timezone to 'UTC'; set lc_monetary to 'C'"

const PUBLICATION = 'value_test'

/** The table's shape as the catalog has it now. */
export async function tableShape(client: pg.Client, table: CatalogTable): Promise<PgTableShape> {
  const query = async (sql: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]> => (await client.query(sql, [...(values ?? [])])).rows as Record<string, unknown>[]
  return toShape(table, 'test', await resolveTypes(query, table.columns.map((column) => column.typeOid)))
}

/** All rows of all tables as a snapshot reads them: DataRows of text. */
export async function snapshotRows(client: pg.Client): Promise<RowChange[]> {
  const changes: RowChange[] = []
  for (const table of await listTables(async (sql) => (await client.query(sql)).rows as Record<string, unknown>[])) {
    const shape = await tableShape(client, table)
    const text = `select * from ${quote(table.schema)}.${quote(table.name)}`
    const { rows } = await client.query<(string | null)[]>({ text, rowMode: 'array', types: { getTypeParser: () => (cell: string) => cell } })
    for (const row of rows) changes.push({ op: 'r', shape, before: undefined, after: dataRow(row) })
  }
  return changes
}

/** A DataRow of the wire protocol, with something before and after it in the buffer. */
export function dataRow(cells: readonly (string | null)[]): PgRowImage {
  const parts = [Buffer.from('before'), int16(cells.length)]
  for (const cell of cells) parts.push(...(cell === null ? [int32(-1)] : [int32(Buffer.byteLength(cell)), Buffer.from(cell)]))
  parts.push(Buffer.from('after'))
  return new PgRowImage(Buffer.concat(parts), 6, 'row', DATA_ROW)
}

/** A pgoutput tuple; undefined is an unchanged out-of-line value. */
export function tuple(cells: readonly (string | null | undefined)[], extent: 'row' | 'key' = 'row'): PgRowImage {
  const parts = [Buffer.from('before'), int16(cells.length)]
  for (const cell of cells) {
    if (typeof cell !== 'string') parts.push(Buffer.from(cell === null ? 'n' : 'u'))
    else parts.push(Buffer.from('t'), int32(Buffer.byteLength(cell)), Buffer.from(cell))
  }
  parts.push(Buffer.from('after'))
  return new PgRowImage(Buffer.concat(parts), 6, extent, TUPLE)
}

function int16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff])
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Reads the log through pgoutput's SQL functions: the very bytes of a replication connection. */
export class Log {
  readonly #client: pg.Client
  readonly #slot: string
  readonly #publication: string
  readonly #shapes = new Map<number, PgTableShape>()
  readonly #scan: TupleScan = { end: 0, unchanged: false }

  constructor(client: pg.Client, slot: string, publication: string) {
    this.#client = client
    this.#slot = slot
    this.#publication = publication
  }

  static async open(client: pg.Client, slot: string, publication: string | undefined): Promise<Log> {
    if (publication === undefined) await client.query(`create publication ${PUBLICATION} for all tables`)
    await client.query(`select pg_create_logical_replication_slot($1, 'pgoutput')`, [slot])
    return new Log(client, slot, publication ?? PUBLICATION)
  }

  /** The changes committed since the last call. */
  async changes(): Promise<RowChange[]> {
    const { rows } = await this.#client.query<{ data: Buffer }>(`select data from pg_logical_slot_get_binary_changes($1, null, null, 'proto_version', '1', 'publication_names', $2)`, [this.#slot, this.#publication])
    const changes: RowChange[] = []
    for (const { data } of rows) {
      const tag = String.fromCharCode(data[0]!)
      if (tag === 'R') await this.#relation(readRelation(data, 0, data.length))
      else if ('IUD'.includes(tag)) changes.push(this.#change(tag, data))
    }
    return changes
  }

  async close(): Promise<void> {
    await this.#client.query('select pg_drop_replication_slot($1)', [this.#slot])
  }

  /** Columns as the message has them; NOT NULL, defaults and the key as the catalog has them at this very moment. */
  async #relation(relation: Relation): Promise<void> {
    const query = async (sql: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]> => (await this.#client.query(sql, [...(values ?? [])])).rows as Record<string, unknown>[]
    const catalog = await readTable(query, relation.oid)
    if (catalog === undefined) throw new Error(`no table ${relation.name}`)
    const shape = await tableShape(this.#client, catalog)
    const columns = relation.columns.map(({ name }) => shape.columns.find((column) => column.name === name)!)
    const key = shape.key.map((index) => columns.findIndex(({ name }) => name === shape.columns[index]!.name))
    this.#shapes.set(relation.oid, { ...shape, columns, key })
  }

  #change(tag: string, data: Buffer): RowChange {
    const shape = this.#shapes.get(data.readUInt32BE(1))!
    const [old, oldExtent] = 'KO'.includes(String.fromCharCode(data[5]!)) ? [6, data[5] === 0x4b ? 'key' : 'row'] as const : [-1, 'row'] as const
    const before = old < 0 ? undefined : new PgRowImage(data, old, oldExtent, TUPLE)
    if (tag === 'D') return { op: 'd', shape, before, after: undefined }
    let start = 6
    if (old >= 0) {
      scanTuple('test', data, old, data.length, shape.columns.length, this.#scan)
      start = this.#scan.end + 1
    }
    scanTuple('test', data, start, data.length, shape.columns.length, this.#scan)
    const merged = this.#scan.unchanged && old >= 0 && oldExtent === 'row'
    const after = merged ? new PgRowImage(mergeUnchanged(data, old, start), 0, 'row', TUPLE) : new PgRowImage(data, start, 'row', TUPLE)
    return { op: tag === 'I' ? 'c' : 'u', shape, before, after }
  }
}
