import { CONNECTOR_CLASSES } from './connector.ts'
import { idle, mapped, only, refused, refusedFamily, type PropertyRule } from './rule.ts'
import { BOOLEAN, choice, integer, long, text } from './value-type.ts'

/** Where the database is and how to log in. */
export const CONNECTION: readonly PropertyRule[] = [
  mapped('connector.class', text(), 'Other databases are not supported', { required: true, essential: true, accepts: [...CONNECTOR_CLASSES.keys()] }),
  mapped('database.hostname', text(/^[\w.:[\]-]+$/, 'a host name or an address'), 'IPv6 addresses are accepted too', { required: true }),
  mapped('database.user', text(), '', { required: true }),
  mapped('database.password', text(), '', { secret: true }),
  idle('database.query.timeout.ms', integer(), 'Queries are ended by stopping the engine, not by time', { fallback: '600000' }),
  refused('database.connection.factory.class', 'A Java class'),
  refused('connection.factory.class', 'A Java class'),
  ...only(['postgresql'], [
    mapped('database.port', integer(1, 65535), '', { fallback: '5432' }),
    mapped('database.dbname', text(), '', { required: true }),
    mapped('database.sslmode', choice('disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'), '', { fallback: 'prefer' }),
    mapped('database.sslrootcert', text(), 'PEM file'),
    mapped('database.sslcert', text(), 'PEM file'),
    mapped('database.sslkey', text(), 'PEM file'),
    mapped('database.sslpassword', text(), '', { secret: true }),
    refused('database.sslfactory', 'A Java class; use `database.sslmode`'),
    mapped('connection.validation.timeout.ms', long(1), 'How long a connection attempt may take; 10 s when it is not set', { fallback: '60000' }),
    idle('database.tcpKeepAlive', BOOLEAN, 'Connections are always kept alive', { fallback: 'true' }),
    refused('database.initial.statements', 'Use `ALTER ROLE … SET` on the server'),
    refused('database.include.list', 'A PostgreSQL connector captures one database: `database.dbname`'),
    refused('database.exclude.list', 'A PostgreSQL connector captures one database: `database.dbname`'),
  ]),
  ...only(['mysql', 'mariadb'], [
    mapped('database.port', integer(1, 65535), '', { fallback: '3306' }),
    idle('database.dbname', text(), 'See `database.include.list`'),
    mapped('database.ssl.truststore', text(), 'PEM file with the certificates that are trusted; Java’s own key stores cannot be read: export them as PEM'),
    idle('database.ssl.truststore.password', text(), 'PEM has none', { secret: true }),
    mapped('database.ssl.keystore', text(), 'PEM file with the client’s certificate and key'),
    refused('database.ssl.keystore.password', 'The key has to be without a password', { secret: true }),
    mapped('connect.timeout.ms', integer(1), 'How long a connection attempt may take', { fallback: '30000' }),
    idle('connection.validation.timeout.ms', long(1), 'See `connect.timeout.ms`', { fallback: '60000' }),
    refused('database.initial.statements', 'Use `init_connect` on the server'),
    idle('driver.connectionTimeZone', text(), 'A TIMESTAMP is read as the moment that it is'),
  ]),
  ...only(['mysql'], [mapped('database.ssl.mode', choice('disabled', 'preferred', 'required', 'verify_ca', 'verify_identity'), '', { fallback: 'preferred' })]),
  ...only(['mariadb'], [mapped('database.ssl.mode', choice('disable', 'trust', 'verify-ca', 'verify-full'), '', { fallback: 'disable' })]),
  refusedFamily('driver', 'Options of the JDBC driver'),
]
