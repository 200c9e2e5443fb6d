/** A record as Debezium wrote it, without its place. */
export interface Golden {
  readonly databaseName: string
  readonly ddl?: string
  readonly tableChanges: readonly Change[]
}

interface Change {
  readonly type: string
  readonly id: string
  readonly table?: { readonly columns: readonly Column[]; readonly [member: string]: unknown }
}

type Column = Readonly<Record<string, unknown>>

/** A place where we differ on purpose. */
export interface Difference {
  readonly why: string
  readonly files: RegExp
  /** The record as ours is; undefined: it is the same. */
  readonly ours: (golden: Golden) => Golden | undefined
}

const EVERY_TYPE = /^mysql\/types[^/]*\//

function withColumns(golden: Golden, change: (column: Column) => Column): Golden {
  return { ...golden, tableChanges: golden.tableChanges.map((one) => (one.table === undefined ? one : { ...one, table: { ...one.table, columns: one.table.columns.map(change) } })) }
}

function withDefault({ enumValues, ...rest }: Column, defaultValueExpression: string): Column {
  return { ...rest, defaultValueExpression, enumValues }
}

function column(name: string, jdbcType: number, typeName: string, length: number | undefined, { optional = true, generated = false, charsetName = null as string | null } = {}): Column {
  const size = length === undefined ? {} : { length }
  return { name, jdbcType, typeName, typeExpression: typeName, charsetName, ...size, position: 0, optional, autoIncremented: false, generated, comment: null, hasDefaultValue: optional, enumValues: [] }
}

function table(type: string, id: string, charset: string, key: readonly string[], columns: readonly Column[]): Change {
  const placed = columns.map((one, index) => ({ ...one, position: index + 1 }))
  return { type, id, table: { defaultCharsetName: charset, primaryKeyColumnNames: key, columns: placed, attributes: [] }, ...{ comment: null } }
}

const REQUIRED = { optional: false }

/** Each with its reason. Everything else is equal, member by member. */
export const DIFFERENCES: readonly Difference[] = [
  {
    why: 'a length of zero is one of zero: Debezium’s default parser for MySQL takes it for none, and has ten',
    files: EVERY_TYPE,
    ours: (golden) => {
      if (!/`(b0` binary|v0` varchar)\(0\)/.test(golden.ddl ?? '')) return undefined
      return withColumns(golden, (one) => (one['name'] === 'b0' || one['name'] === 'v0' ? { ...one, length: 0 } : one))
    },
  },
  {
    why: 'a database made without a character set has that of the server, not that of the database used before',
    files: /^(mysql|mariadb\/11\.8)\/ddl[^/]*\//,
    ours: (golden) => {
      if (golden.ddl !== 'create table after_all.z(id int primary key)') return undefined
      return { ...golden, tableChanges: golden.tableChanges.map((change) => ({ ...change, table: { ...change.table!, defaultCharsetName: 'utf8mb4' } })) }
    },
  },
  {
    why: 'the legacy parser keeps neither hexadecimal defaults nor ON UPDATE behind DEFAULT CURRENT_TIMESTAMP; the default one does',
    files: /^mysql\/types-legacy-parser\//,
    ours: (golden) =>
      withColumns(golden, (one) => {
        if (one['name'] === 'vbdef') return withDefault(one, '00F')
        if (one['name'] === 's' && one['length'] === 20) return withDefault(one, '6974277320227122205C20C3A9F09F988')
        return one['name'] === 'tscur' ? { ...one, autoIncremented: true, generated: true } : one
      }),
  },
  {
    why: 'executable comments are read: Debezium’s legacy parser and the one for MariaDB skip them, and stop at the next row',
    files: /^(mysql\/ddl-version-comment-legacy|mariadb\/ddl-version-comment)\//,
    ours: (golden) => {
      if (!/^\/\*M?!\d+/.test(golden.ddl ?? '')) return undefined
      const maria = golden.ddl!.startsWith('/*M!')
      const columns = [column('id', 4, 'INT', maria ? 11 : undefined, REQUIRED), column('vers', 4, 'INT', undefined)]
      return { ...golden, ddl: 'alter table t2 add column vers int', tableChanges: [table('ALTER', '"inv"."t2"', maria ? 'latin1' : 'utf8mb4', ['id'], columns)] }
    },
  },
  {
    why: 'CREATE OR REPLACE TABLE replaces the table: Debezium keeps the old one, and stops at the next row',
    files: /^mariadb\/ddl-create-or-replace\//,
    ours: (golden) => {
      if (golden.ddl !== 'create or replace table y(k varchar(3) primary key)') return undefined
      const key = column('k', 12, 'VARCHAR', 3, { ...REQUIRED, charsetName: 'latin1' })
      return { ...golden, tableChanges: [table('CREATE', '"d"."y"', 'latin1', ['k'], [key])] }
    },
  },
  {
    why: 'WITH SYSTEM VERSIONING adds two columns to the rows that the definition does not show: Debezium stops at the first row',
    files: /^mariadb\/ddl-system-versioned\//,
    ours: (golden) => {
      if (!golden.ddl?.startsWith('CREATE TABLE `sv` ')) return undefined
      const hidden = ['row_start', 'row_end'].map((name) => column(name, 2014, 'TIMESTAMP', 6, { ...REQUIRED, generated: true }))
      return { ...golden, tableChanges: [table('CREATE', '"after_all"."sv"', 'latin1', ['id', 'row_end'], [column('id', 4, 'INT', 11, REQUIRED), column('v', 4, 'INT', 11), ...hidden])] }
    },
  },
]

/** Scenarios whose records have comments: `include.schema.comments`, or a parser that keeps them always. */
export const WITH_COMMENTS = /^(mariadb\/|mysql\/(ddl-schemas|ddl-include-list|ddl-store-only|types-source-type)\/)/

/** What Debezium read, but did not keep, as `store.only.captured.tables.ddl` tells it to: before the statement, this one was there. */
export const NOT_KEPT: readonly { readonly files: RegExp; readonly before: string; readonly statement: string }[] = [
  { files: /^mysql\/ddl-store-only\//, before: 'alter table t_renamed rename to t2', statement: 'rename table t to t_renamed' },
]
