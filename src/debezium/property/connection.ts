import { idle, mapped, refused, refusedFamily, type PropertyRule } from './rule.ts'
import { BOOLEAN, choice, integer, long, text } from './value-type.ts'

/** Where the database is and how to log in. */
export const CONNECTION: readonly PropertyRule[] = [
  mapped('connector.class', text(), 'Other databases are not supported yet', { required: true, essential: true, accepts: ['io.debezium.connector.postgresql.PostgresConnector'] }),
  mapped('database.hostname', text(/^[\w.:[\]-]+$/, 'a host name or an address'), 'IPv6 addresses are accepted too', { required: true }),
  mapped('database.port', integer(1, 65535), '', { fallback: '5432' }),
  mapped('database.user', text(), '', { required: true }),
  mapped('database.password', text(), '', { secret: true }),
  mapped('database.dbname', text(), '', { required: true }),
  mapped('database.sslmode', choice('disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'), '', { fallback: 'prefer' }),
  mapped('database.sslrootcert', text(), 'PEM file'),
  mapped('database.sslcert', text(), 'PEM file'),
  mapped('database.sslkey', text(), 'PEM file'),
  mapped('database.sslpassword', text(), '', { secret: true }),
  refused('database.sslfactory', 'A Java class; use `database.sslmode`'),
  mapped('connection.validation.timeout.ms', long(1), 'How long a connection attempt may take; 10 s when it is not set', { fallback: '60000' }),
  idle('database.tcpKeepAlive', BOOLEAN, 'Connections are always kept alive', { fallback: 'true' }),
  idle('database.query.timeout.ms', integer(), 'Queries are ended by stopping the engine, not by time', { fallback: '600000' }),
  refused('database.initial.statements', 'Use `ALTER ROLE … SET` on the server'),
  refused('database.connection.factory.class', 'A Java class'),
  refused('connection.factory.class', 'A Java class'),
  refusedFamily('driver', 'Options of the JDBC driver'),
  refused('database.include.list', 'A PostgreSQL connector captures one database: `database.dbname`'),
  refused('database.exclude.list', 'A PostgreSQL connector captures one database: `database.dbname`'),
]
