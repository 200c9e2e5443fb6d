import { afterAll, beforeAll, expect, it } from 'vitest'
import type { RowDataPacket } from 'mysql2/promise'
import { charsetOf, isUtf8, textDecoder } from '../../../src/source/mysql/value/charset.ts'
import type { MysqlServer } from '../../server/mysql-server.ts'
import { requireMariadb, requireMysql } from '../../server/require.ts'
import { eachSideBySide } from '../../server/side-by-side.ts'
import { SERVER_KINDS, startServer } from '../mysql-run.ts'

const DB = 'charsets'
/** Behind these bytes a character may go on. */
const LEADS = Array.from({ length: 128 }, (_, index) => 128 + index)
const SUPPLEMENT = 0x8f
const CHUNK = 4000

/** Where text of a character set may have more than one byte a character. */
const MULTIPLE = new Set(['big5', 'ujis', 'sjis', 'euckr', 'gb2312', 'gbk', 'cp932', 'eucjpms', 'gb18030'])
const WIDE = new Set(['ucs2', 'utf16', 'utf16le', 'utf32'])

const withMysql = await requireMysql()
await requireMariadb('10.11', '11.8')

eachSideBySide(withMysql, SERVER_KINDS)('character sets of %s', (kind) => {
  let server: MysqlServer

  beforeAll(async () => {
    server = await startServer(kind)
    await server.createDatabase(DB)
    await fill('one', Array.from({ length: 256 }, (_, byte) => [byte]))
    await fill('two', LEADS.flatMap((lead) => Array.from({ length: 256 }, (_, trail) => [lead, trail])))
    await fill('three', LEADS.flatMap((lead) => LEADS.map((trail) => [SUPPLEMENT, lead, trail])))
    await fill('four', fourBytes())
    await fill('units', units())
    await fill('words', [...units().map((unit) => [0, 0, ...unit]), [0, 1, 0xf6, 0], [0, 0x10, 0xff, 0xff]])
    await fill('pairs', [[0xd8, 0x3d, 0xde, 0], [0xdb, 0xff, 0xdf, 0xff], [0xd8, 0, 0xdc, 0]])
  }, 180_000)
  afterAll(async () => await server?.[Symbol.asyncDispose]())

  async function fill(table: string, texts: readonly (readonly number[])[]): Promise<void> {
    await server.withClient(DB, async (client) => {
      await client.query(`create table ${table} (b varbinary(4))`)
      for (let from = 0; from < texts.length; from += CHUNK) await client.query(`insert into ${table} values ${texts.slice(from, from + CHUNK).map((text) => `(x'${Buffer.from(text).toString('hex')}')`).join()}`)
    })
  }

  it('are known by every collation', async () => {
    const rows = kind === 'MySQL'
      ? await server.query<{ id: number; charset: string }>('select ID as id, CHARACTER_SET_NAME as charset from information_schema.COLLATIONS')
      : await server.query<{ id: number; charset: string }>('select ID as id, CHARACTER_SET_NAME as charset from information_schema.COLLATION_CHARACTER_SET_APPLICABILITY')
    expect(rows.length).toBeGreaterThan(280)
    expect(rows.filter(({ id, charset }) => charsetOf(id) !== charset)).toEqual([])
  })

  it('are decoded as the server converts them, every character of every set', async () => {
    const all = (await server.query<{ charset: string }>('select CHARACTER_SET_NAME as charset from information_schema.CHARACTER_SETS')).map(({ charset }) => charset)
    const sets = all.filter((charset) => !isUtf8(charset) && charset !== 'binary')
    expect(sets.length).toBeGreaterThan(35)
    for (const charset of sets) {
      const tables = WIDE.has(charset) ? [charset === 'utf32' ? 'words' : 'units', ...(charset === 'utf16' ? ['pairs'] : [])] : MULTIPLE.has(charset) ? ['one', 'two', ...(/^ujis|eucjpms$/.test(charset) ? ['three'] : []), ...(charset === 'gb18030' ? ['four'] : [])] : ['one']
      let compared = 0
      for (const table of tables) {
        for (const { stored, text } of await conversions(charset, table)) {
          expect(decode(charset, stored), `${charset} ${stored.toString('hex')}`).toBe(text)
          compared++
        }
      }
      expect(compared, charset).toBeGreaterThan(MULTIPLE.has(charset) || WIDE.has(charset) ? 7000 : 125)
    }
  }, 300_000)

  /** What the server makes of the bytes that are text of the set. */
  async function conversions(charset: string, table: string): Promise<{ readonly stored: Buffer; readonly text: string }[]> {
    return await server.withClient(DB, async (client) => {
      const [rows] = await client.query<RowDataPacket[]>({ sql: `select hex(b), hex(convert(b using ${charset})), hex(convert(convert(b using ${charset}) using utf8mb4)) from ${table}`, rowsAsArray: true })
      return (rows as unknown as (readonly [string, string | null, string | null])[]).flatMap(([stored, kept, converted]) => {
        // bytes that are no text are changed or NULL; a question mark that was none stands for nothing
        if (kept !== stored || converted === null || converted === '') return []
        const text = Buffer.from(converted, 'hex').toString()
        return text.includes('?') && !isQuestion(stored) ? [] : [{ stored: Buffer.from(stored, 'hex'), text }]
      })
    })
  }
})

function isQuestion(hex: string): boolean {
  return /^(00)*3F(00)*$/.test(hex)
}

function decode(charset: string, bytes: Buffer): string {
  const to = Buffer.alloc(16)
  return to.toString('utf8', 0, textDecoder(charset)!(bytes, 0, bytes.length, to))
}

/** Every unit of UTF-16 that is a character of its own. */
function units(): number[][] {
  return Array.from({ length: 0x10000 }, (_, unit) => unit).filter((unit) => unit < 0xd800 || unit > 0xdfff).map((unit) => [unit >> 8, unit & 0xff])
}

/** GB 18030: those of the Basic Multilingual Plane, and some beyond it. */
function fourBytes(): number[][] {
  const found: number[][] = []
  for (let first = 0x81; first <= 0x84; first++) for (let second = 0x30; second <= 0x39; second++) for (let third = 0x81; third <= 0xfe; third++) for (let last = 0x30; last <= 0x39; last++) found.push([first, second, third, last])
  for (let first = 0x90; first <= 0xe3; first++) found.push([first, 0x30, 0x81, 0x30], [first, 0x35, 0xa0, 0x35])
  return found
}
