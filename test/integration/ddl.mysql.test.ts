import type { Connection } from 'mysql2/promise'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ColumnDefinition, TableDefinition } from '../../src/schema-history/table-definition.ts'
import { createSchemaModel } from '../../src/source/mysql/ddl/schema-model.ts'
import type { SchemaModel } from '../../src/source/mysql/ddl/schema-contract.ts'
import { Random, seed } from '../fuzz/campaign.ts'
import { MARIADB_VERSIONS, startMariadb } from '../server/mariadb.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { startMysql } from '../server/mysql.ts'
import { requireMariadb, requireMysql } from '../server/require.ts'
import { RandomDdl } from './random-ddl.ts'

/** FUZZ_RUNS multiplies them. */
const TABLES = 25 * Number(process.env['FUZZ_RUNS'] ?? 1)
const CHANGES = 12

const kinds = [
  { title: 'MySQL', flavor: 'mysql', available: await requireMysql(), start: () => startMysql() },
  ...(await Promise.all(MARIADB_VERSIONS.map(async (version) => ({ title: `MariaDB ${version}`, flavor: 'mariadb', available: await requireMariadb(version), start: () => startMariadb({ version }) }) as const))),
] as const

for (const { title, flavor, available, start } of kinds) {
  available(`tables of ${title}`, () => {
    let server: MysqlServer
    beforeAll(async () => {
      server = await start()
    })
    afterAll(async () => {
      await server[Symbol.asyncDispose]()
    })

    function emptyModel(): SchemaModel {
      return createSchemaModel({ flavor, lowerCaseTableNames: 0, serverCharset: 'utf8mb4' })
    }

    test('random tables, changed at random, are what the server says they are, after each statement', { timeout: 240_000 }, async () => {
      console.log(`${title}: FUZZ_SEED=${seed}`)
      const ddl = new RandomDdl(new Random(seed), flavor === 'mariadb', !/10\.11/.test(title))
      const model = emptyModel()
      await server.createDatabase('random_ddl')
      apply(model, 'create database random_ddl character set utf8mb4')
      const taken = await server.withClient('random_ddl', async (client) => {
        let count = 0
        const attempt = async (sql: string): Promise<boolean> => {
          const refused = await client.query(sql).then(() => undefined, String)
          if (refused !== undefined) return false
          count++
          apply(model, sql)
          return true
        }
        for (let index = 0; index < TABLES; index++) {
          const name = `t${index}`
          const create = ddl.createTable(name)
          if (!(await attempt(create))) continue
          await compare(client, model, name, create)
          for (let change = 0; change < CHANGES; change++) {
            const before = tableNamed(model, name)
            const alter = ddl.alterTable(before.name, before.columns.map((column) => column.name))
            if (await attempt(alter)) await compare(client, model, tableNamed(model, name).name, alter)
          }
        }
        return count
      })
      // many are refused; those that are taken must be enough
      expect(taken).toBeGreaterThan(TABLES)
    })

    test('what the server wrote to its log gives the same tables as what was sent', async () => {
      const logged = emptyModel()
      for (const sql of await loggedStatements()) apply(logged, sql)
      await compareAll(logged, () => 'the log')
    })

    test('SHOW CREATE TABLE of every table reads as the table itself', async () => {
      const model = emptyModel()
      const shown = new Map<string, string>()
      for (const name of await tableNames()) {
        const [row] = await server.query('show create table ??', 'random_ddl', [name])
        shown.set(name, String(row!['Create Table']))
        apply(model, shown.get(name)!)
      }
      await compareAll(model, (name) => shown.get(name)!)
    })

    async function tableNames(): Promise<string[]> {
      const rows = await server.query<{ t: string }>("select TABLE_NAME t from information_schema.TABLES where TABLE_SCHEMA = 'random_ddl'")
      expect(rows.length).toBeGreaterThan(5)
      return rows.map(({ t }) => t)
    }

    async function compareAll(model: SchemaModel, statement: (name: string) => string): Promise<void> {
      const names = await tableNames()
      await server.withClient('random_ddl', async (client) => {
        for (const name of names) await compare(client, model, name, statement(name))
      })
    }

    async function loggedStatements(): Promise<string[]> {
      const files = await server.query<{ Log_name: string }>('show binary logs')
      const events = (await Promise.all(files.map(async ({ Log_name }) => await server.query<{ Event_type: string; Info: string }>(`show binlog events in '${Log_name}'`)))).flat()
      return events.filter(({ Event_type, Info }) => /^Query/.test(Event_type) && /random_ddl/.test(Info)).map(({ Info }) => Info.replace(/^use `random_ddl`; /, ''))
    }

    /** Tables that had a key which is none of the primary kind, by the beginning of their names. */
    const uncertain = new Set<string>()

    async function compare(client: Connection, model: SchemaModel, name: string, sql: string): Promise<void> {
      const rows = async <Row>(query: string): Promise<Row[]> => (await client.query(query, [name]))[0] as Row[]
      const ours = model.get('random_ddl', name)!
      const message = `FUZZ_SEED=${seed}\n${sql}\n`
      const parts = await rows<{ i: string; n: string | null }>("select INDEX_NAME i, COLUMN_NAME n from information_schema.STATISTICS where TABLE_SCHEMA = 'random_ddl' and TABLE_NAME = ? order by INDEX_NAME, SEQ_IN_INDEX")
      const primary = parts.filter(({ i }) => i === 'PRIMARY').map(({ n }) => n)
      const key = ours.key.map((index) => ours.columns[index]!.name)
      if (primary.length > 0) expect(key, message).toEqual(primary)
      const columns = await rows<ServerColumn>("select COLUMN_NAME n, COLUMN_TYPE t, CHARACTER_SET_NAME c, IS_NULLABLE o from information_schema.COLUMNS where TABLE_SCHEMA = 'random_ddl' and TABLE_NAME = ? order by ORDINAL_POSITION")
      // that the key was only a unique one is not kept: a column of it that is changed seems to stay without NULL
      if (primary.length === 0 && key.length > 0) uncertain.add(name.replace(/_.*/, ''))
      const strict = ours.columns.map((column) => ourColumn(column, flavor))
      // also after the key is gone; never the other way round: what the model lets be NULL, the server does
      const ignored = (column: Column, index: number): Column => (uncertain.has(name.replace(/_.*/, '')) && strict[index]?.optional === false ? { ...column, optional: false } : column)
      expect(strict, message).toEqual(columns.map((column, index) => ignored(serverColumn(column), index)))
      const [charset] = await rows<{ c: string | null }>("select c.CHARACTER_SET_NAME c from information_schema.TABLES t join information_schema.COLLATIONS c on c.COLLATION_NAME = t.TABLE_COLLATION where TABLE_SCHEMA = 'random_ddl' and TABLE_NAME = ?")
      // newer collations of MariaDB are of several
      if (typeof charset?.c === 'string') expect(ours.charset, message).toBe(charset.c)
    }
  })
}

interface ServerColumn {
  readonly n: string
  readonly t: string
  readonly c: string | null
  readonly o: 'YES' | 'NO'
}

/** What both sides can say of a column. */
interface Column {
  readonly name: string
  readonly type: string
  readonly charset: string | undefined
  readonly optional: boolean
}

function apply(model: SchemaModel, sql: string): void {
  model.apply(sql, { database: 'random_ddl', ansiQuotes: false, noBackslashEscapes: false, serverCollation: undefined, databaseCollation: undefined })
}

/** ALTER TABLE … RENAME has given it another name. */
function tableNamed(model: SchemaModel, name: string): TableDefinition {
  return [...model.tables()].find((table) => table.name === name || new RegExp(`^${name}(_r)+$`).test(table.name))!
}

function ourColumn({ name, typeName, length, scale, charset, optional, labels }: ColumnDefinition, flavor: 'mysql' | 'mariadb'): Column {
  // Debezium keeps the word, which is all that MariaDB has of it
  if (flavor === 'mariadb' && typeName === 'JSON') return { name, type: 'longtext', charset: 'utf8mb4', optional }

  const [base, ...modifiers] = typeName.toLowerCase().split(' ')
  const integer = /int$/.test(base!)
  const sizes = labels.length > 0 ? [] : [length, scale].filter((size) => size !== undefined)
  // display widths are left aside: MySQL has given them up
  const size = integer || base === 'year' ? '' : sizes.length > 0 ? `(${sizes.join(',')})` : ''
  const of = labels.length > 0 ? `(${labels.map((label) => `'${label.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`).join(',')})` : size
  return { name, type: [synonym(base!) + of, ...modifiers].join(' '), charset: base === 'json' || charset === 'binary' ? undefined : charset, optional }
}

function serverColumn({ n, t, c, o }: ServerColumn): Column {
  const type = t.replace(/^(\w*int|year)\(\d+\)/, '$1').replace(/ ?\/\*.*?\*\//g, '')
  return { name: n, type: synonym(type), charset: c === null || c === 'binary' || /json/.test(t) ? undefined : c, optional: o === 'YES' }
}

function synonym(type: string): string {
  return type === 'geometrycollection' ? 'geomcollection' : type
}
