import { ChangeEvent } from '../../event/change-event.ts'
import type { SchemaChange } from '../../event/table-definition.ts'
import { databaseCharset, showCreateTable, type CatalogTable } from './catalog.ts'
import type { Query } from './control.ts'
import { quoteIdentifier, quoteTable } from './identifier.ts'
import type { ChangePlace, SchemaLog } from './schema-log.ts'
import type { LogEnd } from './flavor.ts'
import type { ServerFacts } from './server.ts'
import type { MysqlTable } from './table.ts'
import { MysqlTransaction } from './transaction.ts'

/** What was read of the tables. */
export interface Definitions {
  /** The statements that Debezium makes of them: the server's character set, every table dropped, then database by database everything made anew. */
  readonly changes: readonly SchemaChange[]
  /** Each table's `CREATE TABLE`. */
  readonly statements: ReadonlyMap<CatalogTable, string>
}

/** The definitions of all tables as they are now, into the model and the history. */
export async function readDefinitions(query: Query, schema: SchemaLog, facts: ServerFacts, tables: readonly CatalogTable[], place: ChangePlace): Promise<Definitions> {
  const databases = [...new Set(tables.map(({ database }) => database))]
  const changes: SchemaChange[] = []
  const statements = new Map<CatalogTable, string>()
  const apply = (ddl: string, database: string): void => {
    const statement = schema.model.apply(ddl, { database, ansiQuotes: false, noBackslashEscapes: false, serverCollation: undefined, databaseCollation: undefined })
    if (statement.kind !== 'schema') return
    // filed under the database that is meant, whatever was the default one
    changes.push(...(statement.changes.length > 0 ? statement.changes : [{ database, ddl, changes: [] }]))
  }
  apply(`SET character_set_server=${facts.charset}, collation_server=${facts.collation}`, '')
  for (const { database, name } of tables) apply(`DROP TABLE IF EXISTS ${quoteTable(database, name)}`, database)
  for (const database of databases) {
    const charset = await databaseCharset(query, database)
    apply(`DROP DATABASE IF EXISTS ${quoteIdentifier(database)}`, database)
    apply(`CREATE DATABASE ${quoteIdentifier(database)}${charset === undefined ? '' : ` CHARSET ${charset.charset} COLLATE ${charset.collation}`}`, database)
    apply(`USE ${quoteIdentifier(database)}`, database)
    for (const table of tables.filter((one) => one.database === database)) {
      const statement = await showCreateTable(query, table)
      statements.set(table, statement)
      apply(statement, database)
    }
  }
  await schema.store(changes, place)
  return { changes, statements }
}

/** The same, told as events of a snapshot. */
export function definitionEvents(changes: readonly SchemaChange[], tableOf: (change: SchemaChange) => MysqlTable | undefined, transaction: MysqlTransaction, rowsFollow: boolean): ChangeEvent[] {
  const { pos } = transaction.facts.place
  const told = changes.flatMap((change) => {
    const table = tableOf(change)
    return table === undefined ? [] : [{ change, table }]
  })
  return told.map(({ change, table }, index) => {
    const marker = rowsFollow || index < told.length - 1 ? 'true' : 'last'
    return new ChangeEvent('s', table, transaction, marker, Math.floor(pos / 2 ** 32), pos % 2 ** 32, index, 0, undefined, undefined, undefined, change)
  })
}

/** What the events of a snapshot share. */
export function snapshotTransaction(origin: string, place: LogEnd, nowMicros: bigint): MysqlTransaction {
  const facts = { gtid: undefined, place: { file: place.file, pos: place.pos }, begin: place.pos, gtidsBefore: place.gtids, xaBefore: [], serverId: 0, fileBegun: 0, thread: undefined }
  return new MysqlTransaction(`${origin}:snapshot`, facts, (nowMicros / 1_000_000n) * 1_000_000n, undefined)
}
