/** Debezium's connectors that there are sources for. */
export type Connector = 'postgresql' | 'mysql' | 'mariadb'

/** `connector.class`. */
export const CONNECTOR_CLASSES: ReadonlyMap<string, Connector> = new Map([
  ['io.debezium.connector.postgresql.PostgresConnector', 'postgresql'],
  ['io.debezium.connector.mysql.MySqlConnector', 'mysql'],
  ['io.debezium.connector.mariadb.MariaDbConnector', 'mariadb'],
])

export const CONNECTOR_TITLES: Readonly<Record<Connector, string>> = { postgresql: 'PostgreSQL', mysql: 'MySQL', mariadb: 'MariaDB' }

/** Of a class that is none of these, what can be said is said as of PostgreSQL's. */
export function connectorOf(className: string | undefined): Connector {
  const word = className?.trim().toLowerCase()
  return [...CONNECTOR_CLASSES].find(([known]) => known.toLowerCase() === word)?.[1] ?? 'postgresql'
}
