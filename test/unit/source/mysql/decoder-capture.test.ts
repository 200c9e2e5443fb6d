import { describe, expect, it, test } from 'vitest'
import { BatchBuilder } from '../../../../src/source/batch-builder.ts'
import { MysqlBatch } from '../../../../src/source/mysql/batch.ts'
import { BinlogDecoder } from '../../../../src/source/mysql/binlog-decoder.ts'
import { crc32 } from '../../../../src/source/mysql/binlog/checksum.ts'
import { EVENT } from '../../../../src/source/mysql/binlog/event-type.ts'
import { createSchemaModel } from '../../../../src/source/mysql/ddl/schema-model.ts'
import type { SchemaModel } from '../../../../src/source/mysql/ddl/schema-contract.ts'
import { GtidSet } from '../../../../src/source/mysql/gtid/gtid-set.ts'
import { MariadbGtidList } from '../../../../src/source/mysql/gtid/mariadb-gtid-list.ts'
import { MysqlPosition } from '../../../../src/source/mysql/position.ts'
import { TableCache } from '../../../../src/source/mysql/table-cache.ts'
import { TableFilter } from '../../../../src/source/mysql/table-filter.ts'
import type { ChangeEvent } from '../../../../src/event/change-event.ts'
import { CAPTURED_SERVERS, readCapture, type CapturedServer } from './binlog/capture.ts'
import { isMariadb } from './binlog/captured-events.ts'

/** A decoder of a whole log, with the databases of these sections captured. */
class Decoding {
  readonly model: SchemaModel
  readonly events: ChangeEvent[] = []
  readonly #decoder: BinlogDecoder

  constructor(server: CapturedServer, sections: readonly string[]) {
    const mariadb = isMariadb(server)
    this.model = createSchemaModel({ flavor: mariadb ? 'mariadb' : 'mysql', lowerCaseTableNames: 0, serverCharset: 'utf8mb4' })
    for (const section of sections) this.model.apply(`create database ${section} character set utf8mb4`, { database: '', ansiQuotes: false, noBackslashEscapes: false, serverCollation: undefined, databaseCollation: undefined })
    const connector = mariadb ? 'mariadb' : 'mysql'
    const tables = new TableCache(this.model, new TableFilter({ databases: [...sections] }), { connector, parsers: {}, warn: () => undefined } as unknown as ConstructorParameters<typeof TableCache>[2])
    const gtids = mariadb ? MariadbGtidList.parse('') : GtidSet.parse('')
    const from = new MysqlPosition('stream', { file: 'binlog.000001', pos: 4 }, gtids)
    const batch = new BatchBuilder(MysqlBatch, from, 1_000_000, 1_000_000_000)
    const options = {
      origin: `${connector}:test`, skipped: new Set(), maxEventBytes: 100_000_000, maxXaBytes: 1_000_000, includeQuery: false, store: undefined, tableOf: () => undefined, schemaTable: () => undefined,
      onStatementRows: () => { throw new Error('a statement with rows') },
    } as unknown as ConstructorParameters<typeof BinlogDecoder>[0]
    this.#decoder = new BinlogDecoder(options, this.model, tables, batch, from)
    this.feed = (bytes) => {
      for (let at = 0; at < bytes.length; ) {
        const end = at + bytes.readUInt32LE(at + 9)
        this.#decoder.decode(bytes, at, end)
        this.events.push(...batch.cut(this.#decoder.position).events)
        at = end
      }
    }
  }

  readonly feed: (bytes: Buffer) => void

  get place(): string {
    const { file, pos } = this.#decoder.position
    return `${file}:${pos}`
  }

  /** What was delivered: operation, table, and the rows behind and before. */
  get rows(): unknown[] {
    return this.events.map((event) => [event.op, event.table.name, event.before, event.after])
  }
}

function decode(server: CapturedServer, ...sections: readonly string[]): Decoding {
  const decoding = new Decoding(server, sections)
  for (const section of sections) decoding.feed(readCapture(server).sections[section]!)
  return decoding
}

/** Events of a section, each alone. */
function* single(server: CapturedServer, section: string): Generator<Buffer> {
  const bytes = readCapture(server).sections[section]!
  for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at + 9)) yield bytes.subarray(at, at + bytes.readUInt32LE(at + 9))
}

function withChecksum(event: Buffer): Buffer {
  const copy = Buffer.from(event)
  copy.writeUInt32LE(crc32(copy, 0, copy.length - 4), copy.length - 4)
  return copy
}

describe('whole logs, through the decoder', () => {
  test.each(CAPTURED_SERVERS)('%s: XA transactions are delivered at their commit, those that are rolled back are not', (server) => {
    const decoding = new Decoding(server, ['xa'])
    const seen: string[] = []
    for (const event of single(server, 'xa')) {
      const before = decoding.events.length
      decoding.feed(event)
      const type = event[4]!
      const sql = type === EVENT.query ? event.toString('latin1').match(/XA \w+/)?.[0] : undefined
      if (sql !== undefined || type === EVENT.xaPrepare || decoding.events.length > before) seen.push(`${sql ?? (type === EVENT.xaPrepare ? 'prepared' : 'rows')} ${decoding.rows.slice(before).map((row) => String((row as [string, string, unknown, { id: number }])[3].id)).join()}`.trim())
    }
    expect(seen).toEqual(server === 'mysql-9.7'
      ? ['XA START', 'XA END', 'prepared', 'XA COMMIT 1', 'XA START', 'XA END', 'prepared 2', 'XA START', 'XA END', 'prepared', 'XA ROLLBACK']
      // a commit in one phase is logged as a plain transaction
      : ['XA END', 'prepared', 'XA COMMIT 1', 'rows 2', 'XA END', 'prepared', 'XA ROLLBACK'])
  })

  test.each(['mariadb-10.11', 'mariadb-11.8'] as const)('%s: an ALTER that is logged twice is applied once, one that failed not at all', (server) => {
    const decoding = decode(server, 'statements')
    const events = decoding.events.filter(({ table }) => table.name === 't').map(({ after }) => after)
    expect(events.slice(-2)).toEqual([{ id: 20, v: 'same', later: null }, { id: 21, v: 'same', later: null }])
    expect(decoding.model.get('statements', 't')!.columns.map(({ name }) => name)).toEqual(['id', 'v', 'later'])
  })

  it('MariaDB 11.8: an update with FULL_NODUP is whole', () => {
    const updates = decode('mariadb-11.8', 'images').rows.filter((row) => (row as unknown[])[0] === 'u').at(-1)
    const before = { id: 4, a: 4, b: 'four', c: 'text', d: Buffer.from('blob'), e: 1 }
    expect(updates).toEqual(['u', 't', before, { ...before, a: 44 }])
  })

  it('MySQL: a row of which no column is logged is an error, for a table that is captured', () => {
    expect(() => decode('mysql-9.7', 'images')).toThrow(expect.objectContaining({ code: 'TR_MYSQL_PROTOCOL', message: expect.stringContaining('images.defaults_only') as string }))
    const other = new Decoding('mysql-9.7', ['types'])
    other.feed(readCapture('mysql-9.7').sections['images']!)
    expect(other.events).toEqual([])
  })

  it('MySQL: group replication’s own events are passed over', () => {
    const decoding = new Decoding('mysql-9.7', ['types'])
    for (const event of single('mysql-9.7', 'types')) {
      if (event[4] === EVENT.xid) {
        const view = Buffer.from(event)
        view[4] = EVENT.viewChange
        // it lies before the end of its group, at the place of that
        decoding.feed(withChecksum(view))
      }
      decoding.feed(event)
    }
    expect(decoding.events.length).toBeGreaterThan(8)
  })

  test.each(CAPTURED_SERVERS)('%s: every section, to its last position', (server) => {
    for (const section of Object.keys(readCapture(server).sections).filter((name) => !['statement_format', 'dump', 'dump_v2', 'metadata_full', 'metadata_minimal', 'images'].includes(name))) {
      const decoding = decode(server, section)
      expect(decoding.events.length, section).toBeGreaterThan(0)
      expect(decoding.place, section).toMatch(/^binlog\.\d+:4$/)
    }
    expect(decode(server, 'types', ...(isMariadb(server) ? ['metadata_minimal'] : []), 'metadata_full').events.length).toBeGreaterThan(15)
  })
})
