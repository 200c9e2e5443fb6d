import type { SchemaChange } from '../../schema-history/table-definition.ts'
import { databaseCharset, showCreateTable, type CatalogTable } from './catalog.ts'
import type { Query } from './control.ts'
import { quoteIdentifier, quoteTable } from './identifier.ts'
import type { ChangePlace, SchemaLog } from './schema-log.ts'
import type { ServerFacts } from './server.ts'

/**
 * The definitions of all tables as they are now, into the model and the history, in the statements that Debezium makes of them: the server's
 * character set, every table dropped, then database by database everything made anew.
 */
export async function readDefinitions(query: Query, schema: SchemaLog, facts: ServerFacts, tables: readonly CatalogTable[], place: ChangePlace): Promise<void> {
  const databases = [...new Set(tables.map(({ database }) => database))]
  const changes: SchemaChange[] = []
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
    for (const table of tables.filter((one) => one.database === database)) apply(await showCreateTable(query, table), database)
  }
  await schema.store(changes, place)
}
