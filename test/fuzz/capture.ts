import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Query, Row } from '../../src/source/postgres/control.ts'

/** Majors whose bytes are kept: the oldest, the newest, and the one before, which differs from it in what it warns of. */
export const CAPTURED_MAJORS = [14, 17, 18] as const
export type CapturedMajor = (typeof CAPTURED_MAJORS)[number]

/** One type as the type catalog's query describes it. */
export interface TypeEntry {
  readonly oid: number
  readonly element: number
  readonly base: number
}

/** What a real server sent, and what its catalog said at the end. */
export interface Capture {
  readonly major: number
  readonly version: string
  readonly database: string
  /** `pg:<system>:<database>` */
  readonly origin: string
  /** Where the slot began. */
  readonly from: string
  readonly tables: readonly Row[]
  readonly types: readonly TypeEntry[]
  /** Backend messages of a replication connection, from CopyBothResponse on. */
  readonly stream: Buffer
  /** Answers to `select *`, one a table: RowDescription, DataRows, CommandComplete, ReadyForQuery. */
  readonly results: readonly { readonly oid: number; readonly columns: number; readonly bytes: Buffer }[]
  /** Whole messages: NoticeResponse and ErrorResponse. */
  readonly notices: readonly Buffer[]
}

const folder = fileURLToPath(new URL('capture/', import.meta.url))

/** A header of JSON with the sizes of the parts that follow it; all of it compressed. */
export function writeCapture(capture: Capture): number {
  const { stream, results, notices, ...rest } = capture
  const header = Buffer.from(JSON.stringify({
    ...rest, stream: stream.length, results: results.map(({ oid, columns, bytes }) => ({ oid, columns, bytes: bytes.length })), notices: notices.map((notice) => notice.length),
  }))
  const size = Buffer.alloc(4)
  size.writeUInt32BE(header.length)
  const packed = gzipSync(Buffer.concat([size, header, stream, ...results.map(({ bytes }) => bytes), ...notices]), { level: 9 })
  writeFileSync(fileOf(capture.major), packed)
  return packed.length
}

export function readCapture(major: CapturedMajor): Capture {
  const bytes = gunzipSync(readFileSync(fileOf(major)))
  let at = 4 + bytes.readUInt32BE(0)
  const header = JSON.parse(bytes.toString('utf8', 4, at)) as Omit<Capture, 'stream' | 'results' | 'notices'> & { stream: number; results: { oid: number; columns: number; bytes: number }[]; notices: number[] }
  const next = (size: number): Buffer => {
    const part = bytes.subarray(at, at + size)
    at += size
    return part
  }
  return { ...header, stream: next(header.stream), results: header.results.map((result) => ({ ...result, bytes: next(result.bytes) })), notices: header.notices.map(next) }
}

function fileOf(major: number): string {
  return `${folder}postgres-${major}.capture.gz`
}

/** The catalog of a capture behind the source's own questions: tables by oid, types with all they are made of. */
export function catalogOf(capture: Pick<Capture, 'tables' | 'types'>): Query {
  const types = new Map(capture.types.map((type) => [type.oid, type]))
  return async (sql, values = []) => {
    if (sql.includes('from pg_class c join pg_namespace n')) return capture.tables.filter((table) => Number(table['oid']) === values[0])
    if (!sql.includes('pg_catalog.pg_type')) throw new Error(`not a question of a capture: ${sql}`)
    const wanted = new Set<number>()
    const add = (oid: number): void => {
      const type = types.get(oid)
      if (type === undefined || wanted.has(oid)) return
      wanted.add(oid)
      add(type.element)
      add(type.base)
    }
    for (const oid of String(values[0]).slice(1, -1).split(',')) add(Number(oid))
    return [{ types: JSON.stringify([...wanted].map((oid) => types.get(oid))) }]
  }
}

/** Splits whole backend messages apart; what is left over at the end is left out. */
export function splitMessages(bytes: Buffer): Buffer[] {
  const messages: Buffer[] = []
  for (let at = 0; at + 5 <= bytes.length; ) {
    const end = at + 1 + bytes.readUInt32BE(at + 1)
    if (end > bytes.length) break
    messages.push(bytes.subarray(at, end))
    at = end
  }
  return messages
}
