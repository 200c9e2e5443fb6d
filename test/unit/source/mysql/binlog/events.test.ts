import { describe, expect, it, test } from 'vitest'
import { EVENT } from '../../../../../src/source/mysql/binlog/event-type.ts'
import type { FormatDescription } from '../../../../../src/source/mysql/binlog/format-description.ts'
import { readGtid, type GtidEvent } from '../../../../../src/source/mysql/binlog/gtid.ts'
import type { MariadbGtidEvent } from '../../../../../src/source/mysql/binlog/mariadb-gtid.ts'
import type { QueryEvent } from '../../../../../src/source/mysql/binlog/query.ts'
import { CAPTURED_SERVERS, readCapture } from './capture.ts'
import { eventsOf, valuesOf } from './captured-events.ts'

const UUID = '97979797-0000-11ee-8000-000000000001'
const statements = (server: Parameters<typeof valuesOf>[0], section: string): string[] => valuesOf<QueryEvent>(server, section, EVENT.query).map(({ sql }) => sql)

describe('what stands at the beginning of a file', () => {
  test.each(CAPTURED_SERVERS)('%s says its version, and that events have checksums', (server) => {
    const [description] = valuesOf<FormatDescription>(server, 'types', EVENT.formatDescription)
    expect(description).toMatchObject({ version: 4, serverVersion: readCapture(server).version, created: 0, checksum: 'crc32' })
    // the length of a table map's post-header, and that of a rotation
    expect(description!.postHeaderLengths[EVENT.tableMap - 1]).toBe(8)
    expect(description!.postHeaderLengths[EVENT.rotate - 1]).toBe(8)
  })

  it('MySQL names the transactions before it, those with a tag behind their UUID', () => {
    expect(valuesOf('mysql-9.7', 'types', EVENT.previousGtids)).toEqual([`${UUID}:1-2`])
    const [before, after] = valuesOf<string>('mysql-9.7', 'gtids', EVENT.previousGtids)
    expect(before).toMatch(new RegExp(`^${UUID}:1-\\d+$`))
    expect(after).toMatch(new RegExp(`^11111111-2222-3333-4444-555555555555:77:some_tag:123456789012345,${UUID}:1-\\d+:tailrace:1$`))
  })

  test.each(['mariadb-10.11', 'mariadb-11.8'] as const)('%s names the last transaction of each domain, and the files that recovery needs', (server) => {
    expect(valuesOf(server, 'types', EVENT.gtidList)).toEqual(['0-1-2'])
    expect(valuesOf<string>(server, 'gtids', EVENT.gtidList).at(-1)).toMatch(/^7-42-123456789012345,0-1-\d+$/)
    expect(valuesOf<string>(server, 'types', EVENT.binlogCheckpoint).every((file) => /^binlog\.\d{6}$/.test(file))).toBe(true)
  })

  test.each(CAPTURED_SERVERS)('%s ends a file with the name of the next', (server) => {
    expect(valuesOf(server, 'types', EVENT.rotate)).toEqual([{ file: 'binlog.000003', pos: 4 }])
  })
})

describe('what a dump has that the file has not', () => {
  test.each(CAPTURED_SERVERS)('%s begins with the name of the file, and its heartbeats say where it stands', (server) => {
    const [first] = eventsOf(server, 'dump')
    expect(first!.header).toMatchObject({ type: EVENT.rotate, timestamp: 0 })
    const end = eventsOf(server, 'dump').at(-2)!.header.nextPosition
    expect(valuesOf(server, 'dump', EVENT.heartbeat)).toEqual([{ file: 'binlog.000022', pos: end }])
  })

  it('MySQL’s second form of heartbeats says the same', () => {
    expect(valuesOf('mysql-9.7', 'dump_v2', EVENT.heartbeatV2)).toEqual(valuesOf('mysql-9.7', 'dump', EVENT.heartbeat))
  })
})

describe('transactions', () => {
  it('MySQL’s have a GTID, the time of their commit, and their length', () => {
    const gtids = valuesOf<GtidEvent>('mysql-9.7', 'types', EVENT.gtid)
    expect(gtids[0]!.gtid).toMatchObject({ group: UUID, server: 0, number: 3n, text: `${UUID}:3` })
    for (const { originalMicros, immediateMicros } of gtids) {
      expect(originalMicros).toBe(immediateMicros)
      expect(originalMicros).toBeGreaterThan(1_700_000_000_000_000n)
    }
    // up to and with the event before the next GTID
    const events = eventsOf('mysql-9.7', 'types')
    const [begin, next] = events.flatMap(({ header }, index) => (header.type === EVENT.gtid ? [index] : []))
    expect(gtids[0]!.transactionLength).toBe(events.slice(begin, next).reduce((sum, { header }) => sum + header.size, 0))
  })

  it('MySQL’s with a tag have it in their name', () => {
    expect(valuesOf<GtidEvent>('mysql-9.7', 'gtids', EVENT.taggedGtid).map(({ gtid }) => gtid)).toMatchObject([
      { group: `${UUID}:tailrace`, server: 0, number: 1n, text: `${UUID}:tailrace:1` },
      { group: '11111111-2222-3333-4444-555555555555:some_tag', server: 0, number: 123456789012345n, text: '11111111-2222-3333-4444-555555555555:some_tag:123456789012345' },
    ])
    expect(valuesOf<GtidEvent>('mysql-9.7', 'gtids', EVENT.gtid).map(({ gtid }) => gtid!.text)).toContain('11111111-2222-3333-4444-555555555555:77')
    const [tagged] = valuesOf<GtidEvent>('mysql-9.7', 'gtids', EVENT.taggedGtid)
    expect(tagged!.originalMicros).toBeGreaterThan(1_700_000_000_000_000n)
    expect(tagged!.transactionLength).toBeGreaterThan(200)
  })

  it('MySQL’s tag is letters, digits and underscores, or damage', () => {
    const bytes = Buffer.from(readCapture('mysql-9.7').sections['gtids']!)
    const tag = bytes.indexOf('some_tag')
    expect(tag).toBeGreaterThan(0)
    for (const other of ['some"tag', 'some\0tag', 'Some_tag', '1ome_tag']) {
      bytes.write(other, tag, 'latin1')
      let begin = 0
      while (begin + bytes.readUInt32LE(begin + 9) <= tag) begin += bytes.readUInt32LE(begin + 9)
      const [start, end] = [begin + 19, begin + bytes.readUInt32LE(begin + 9) - 4]
      if (bytes[begin + 4] === EVENT.taggedGtid) expect(() => readGtid(bytes, start, end, EVENT.taggedGtid), other).toThrow('its tag is none')
      else expect.fail('the first place of the tag is in another event')
    }
  })

  test.each(['mariadb-10.11', 'mariadb-11.8'] as const)('%s’s have a domain, the server that wrote them, and a number', (server) => {
    const gtids = valuesOf<MariadbGtidEvent>(server, 'gtids', EVENT.mariadbGtid)
    expect(gtids.map(({ gtid }) => gtid.text)).toEqual(expect.arrayContaining(['7-42-1', '7-42-123456789012345']))
    expect(gtids.map(({ standalone, ddl }) => ({ standalone, ddl }))).toEqual([{ standalone: true, ddl: true }, ...Array.from({ length: 3 }, () => ({ standalone: false, ddl: false }))])
    expect(gtids.every(({ thread }) => (thread !== undefined) === (server === 'mariadb-11.8'))).toBe(true)
  })

  test.each(['mariadb-10.11', 'mariadb-11.8'] as const)('%s tells an ALTER that begins from one that is done and one that failed', (server) => {
    const gtids = valuesOf<MariadbGtidEvent>(server, 'statements', EVENT.mariadbGtid)
    expect(gtids.flatMap(({ alter }) => alter ?? [])).toEqual(['start', 'commit', 'start', 'rollback'])
  })

  test.each(CAPTURED_SERVERS)('%s ends them with the number they had in the server', (server) => {
    for (const xid of valuesOf(server, 'types', EVENT.xid)) expect(xid).toBeGreaterThan(0n)
  })
})

describe('XA transactions', () => {
  it('MySQL names them as its statements do', () => {
    expect(valuesOf('mysql-9.7', 'xa', EVENT.xaPrepare)).toEqual([
      { xid: "X'6669727374',X'6272616e6368',7", onePhase: false }, { xid: "X'00ff',X'',1", onePhase: true }, { xid: "X'7468697264',X'',1", onePhase: false },
    ])
    expect(statements('mysql-9.7', 'xa')).toEqual(expect.arrayContaining(["XA START X'6669727374',X'6272616e6368',7", "XA COMMIT X'6669727374',X'6272616e6368',7", "XA ROLLBACK X'7468697264',X'',1"]))
  })

  test.each(['mariadb-10.11', 'mariadb-11.8'] as const)('%s says in the GTID whose rows follow', (server) => {
    const gtids = valuesOf<MariadbGtidEvent>(server, 'xa', EVENT.mariadbGtid)
    expect(gtids.flatMap(({ xa }) => xa ?? [])).toEqual([
      { kind: 'prepare', xid: "X'6669727374',X'6272616e6368',7" }, { kind: 'complete', xid: "X'6669727374',X'6272616e6368',7" },
      { kind: 'prepare', xid: "X'7468697264',X'',1" }, { kind: 'complete', xid: "X'7468697264',X'',1" },
    ])
    expect(valuesOf(server, 'xa', EVENT.xaPrepare)).toEqual([{ xid: "X'6669727374',X'6272616e6368',7", onePhase: false }, { xid: "X'7468697264',X'',1", onePhase: false }])
  })
})

describe('statements', () => {
  test.each(CAPTURED_SERVERS)('%s: with the database, the sql_mode and the collations they were run with', (server) => {
    const queries = valuesOf<QueryEvent>(server, 'statements', EVENT.query)
    expect(queries.find(({ sql }) => sql.includes('"quoted"'))).toMatchObject({ database: 'statements', sql: 'create table "quoted" ("a b" int)', ansiQuotes: true, noBackslashEscapes: true, error: 0 })
    expect(queries.find(({ sql }) => sql.startsWith('create table t '))).toMatchObject({ ansiQuotes: false, noBackslashEscapes: false })
    for (const { thread, serverCollation, sqlMode } of queries.filter(({ sql }) => sql.startsWith('create'))) {
      expect(thread).toBeGreaterThan(0)
      expect(serverCollation).toBe(server === 'mysql-9.7' ? 255 : server === 'mariadb-11.8' ? 2304 : 8)
      expect(sqlMode).toBeTypeOf('bigint')
    }
  })

  test.each(CAPTURED_SERVERS)('%s: in the character set of the client', (server) => {
    expect(statements(server, 'statements')).toContain("create table from_latin1 (a int comment 'ü')")
  })

  it('MySQL: a statement that can be rolled forward has its number', () => {
    const queries = valuesOf<QueryEvent>('mysql-9.7', 'statements', EVENT.query)
    expect(queries.find(({ sql }) => sql.startsWith('create table t'))!.ddlXid).toBeGreaterThan(0n)
    expect(queries.find(({ sql }) => sql === 'BEGIN')!.ddlXid).toBeUndefined()
  })

  it('MySQL: the text of a statement stands before its rows, where that is asked for', () => {
    expect(valuesOf('mysql-9.7', 'statements', EVENT.rowsQuery)).toEqual(["insert /* a comment */ into t values (1, 'é')"])
  })

  test.each(['mariadb-10.11', 'mariadb-11.8'] as const)('%s: the text of a statement stands before its rows', (server) => {
    expect(valuesOf<string>(server, 'statements', EVENT.annotateRows)[0]).toBe("insert /* a comment */ into t values (1, 'é')")
  })

  test.each(CAPTURED_SERVERS)('%s: in statement format, with the variables they use', (server) => {
    expect(valuesOf(server, 'statement_format', EVENT.intvar)).toEqual([{ variable: 'INSERT_ID', value: 1n }, { variable: 'INSERT_ID', value: 3n }])
    expect(valuesOf(server, 'statement_format', EVENT.userVar)).toMatchObject([
      { name: 'name', value: Buffer.from('a value'), type: 0 }, { name: 'number', value: Buffer.from([5, 0, 0, 0, 0, 0, 0, 0]), type: 2 }, { name: 'nothing', value: undefined },
    ])
    expect(valuesOf<readonly bigint[]>(server, 'statement_format', EVENT.rand)).toHaveLength(1)
    expect(statements(server, 'statement_format')).toContain('insert into t (v, r) values (@name, @number), (@nothing, 1)')
  })
})
