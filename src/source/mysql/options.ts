import type { Socket } from 'node:net'
import type { SchemaHistory } from '../../schema-history/history.ts'
import type { MysqlColumnOptions } from './conversion-options.ts'

/**
 * How a TLS connection is made: MySQL's `ssl-mode` (https://dev.mysql.com/doc/refman/8.4/en/connection-options.html#option_general_ssl-mode). `preferred` falls
 * back to plain text where the server has no TLS; the first two do not look at the certificate.
 */
export type SslMode = 'disabled' | 'preferred' | 'required' | 'verify_ca' | 'verify_identity'

/** A host, port and login in parts, instead of a URL. */
export interface MysqlConnection {
  /** Default `localhost`. */
  readonly host?: string
  /** Default 3306. */
  readonly port?: number
  /** Default: the environment variable USER, else `root`. */
  readonly user?: string
  /** A function is asked on every connect, so that a rotated password or a token is picked up. */
  readonly password?: string | (() => string | Promise<string>)
  /** Default `preferred`. */
  readonly sslMode?: SslMode
  /** PEM text or path of the CA certificate(s); default: Node's own. */
  readonly sslCa?: string
  /** PEM text or path of the client's certificate. */
  readonly sslCert?: string
  /** PEM text or path of the client's key. */
  readonly sslKey?: string
  /** Milliseconds until a connection attempt fails. Default 10000. */
  readonly connectTimeoutMs?: number
}

/** Names what is captured: `database.table`, `*` standing for any characters, or a regular expression that must match the whole `database.table`. */
export type TablePattern = string | RegExp

/** Debezium's `snapshot.mode`. */
export type SnapshotMode = 'initial' | 'always' | 'initial_only' | 'no_data' | 'when_needed' | 'recovery'

/**
 * Debezium's `snapshot.locking.mode`. `minimal`: the global read lock is held until the position is known; where it is not granted, tables
 * are locked until the end of the snapshot. `extended`: the lock is held until the end. `none`: no lock; needs GTIDs (MySQL), or nothing (MariaDB).
 */
export type LockingMode = 'minimal' | 'extended' | 'none'

/** Options of {@link mysql} and {@link mariadb}. */
export interface MysqlOptions {
  /** A URL (`mysql://user:password@host:3306?ssl-mode=VERIFY_IDENTITY`) or its parts. */
  readonly connection: string | MysqlConnection
  /** Identifies this engine among the replicas of its server, 1 to 4294967295. Default: by chance, above 2147483648. Error TR_MYSQL_SERVER_ID when another replica has it. */
  readonly serverId?: number
  /** Tables to capture; default all outside the system databases. */
  readonly tables?: readonly TablePattern[]
  /** Tables to leave out. Default none. */
  readonly excludeTables?: readonly TablePattern[]
  /** Databases to capture, whole names as in `tables`. Default all. */
  readonly databases?: readonly TablePattern[]
  /** Databases to leave out. Default none. */
  readonly excludeDatabases?: readonly TablePattern[]
  /** What becomes of the values and schemas of some columns: cut, masked, hashed, told of, keys made of, and other forms. Default nothing. */
  readonly columns?: MysqlColumnOptions
  /**
   * Where the tables' definitions are kept over restarts: `fileSchemaHistory(path)`, `kafkaSchemaHistory(…)`. Not needed where the server logs them itself
   * (`binlog_row_metadata=FULL`). Default none. Error TR_MYSQL_HISTORY_MISSING.
   */
  readonly history?: SchemaHistory
  /** `source.server` of the history's records: Debezium's `topic.prefix`. Default `tailrace`. */
  readonly historyServer?: string
  readonly snapshot?: {
    /** Default `initial`. */
    readonly mode?: SnapshotMode
    /** Default `minimal`. */
    readonly locking?: LockingMode
    /** Milliseconds to wait before an engine’s first snapshot. Default 0. */
    readonly delayMs?: number
    /** Milliseconds to wait for locks, and before that for XA transactions that are prepared. Default 10000. */
    readonly lockTimeoutMs?: number
  }
  /** Tell of transactions: events at their beginnings and ends, and each event's order in its transaction. Default false. */
  readonly transactionMetadata?: boolean
  /** Deliver changes of the schema as events of their own: `true` those of captured tables, `databases` those of captured databases, `all` those of every database but the server's own. Default false. */
  readonly schemaChanges?: boolean | 'databases' | 'all'
  /** Comments of tables and columns in the schema history and in changes of the schema. Default false. */
  readonly schemaComments?: boolean
  /** `source.query`: the statement of each change, where the server logs it (`binlog_rows_query_log_events`, `binlog_annotate_row_events`). Default false. */
  readonly includeQuery?: boolean
  /** Operations that are not delivered (`c`, `u`, `d`, `t`, `r`). Their positions still advance. Default none. */
  readonly skippedOperations?: readonly ('c' | 'u' | 'd' | 't' | 'r')[]
  /**
   * Deliver the rows of transactions that come from these servers alone: MySQL's `<server uuid>`, MariaDB's `<domain>-<server id>` of their GTIDs, whole. Either
   * `includes` or `excludes`. What the others did to the schema counts all the same, and so do their GTIDs in positions. Default all; so are transactions without a GTID.
   */
  readonly gtidSources?: { readonly includes?: readonly TablePattern[]; readonly excludes?: readonly TablePattern[] }
  /**
   * What a change does of which the log has the statement and no rows (a session with `binlog_format=STATEMENT`). `fail`: error TR_MYSQL_STATEMENT_FORMAT. `warn`: the same as
   * a warning for each statement; its rows are lost. Default `fail`.
   */
  readonly statementFormat?: 'fail' | 'warn'
  /** Start from file and offset even where the server has GTIDs. Default false. */
  readonly ignoreGtids?: boolean
  /** Your own JavaScript value for a type, by the type's name (`BIGINT`, `DECIMAL`, `JSON` …); gets the text. */
  readonly parsers?: Readonly<Record<string, (text: string) => unknown>>
  readonly heartbeat?: {
    /** Milliseconds between heartbeats that the server is asked for while it has nothing to send; without three of them the connection is dead. Default 10000. */
    readonly intervalMs?: number
  }
  /** Seconds that the server waits for a sink that blocks (`net_write_timeout` of the session). Default 86400. */
  readonly netWriteTimeoutSeconds?: number
  readonly limits?: {
    /** Largest single event (one row, or a compressed transaction), bytes. Default 1073741824 (1 GiB), the server's own limit. Error TR_MYSQL_EVENT_TOO_LARGE. */
    readonly maxEventBytes?: number
    /** Row events of prepared XA transactions that wait for their end, bytes. Default 268435456 (256 MiB). Error TR_MYSQL_XA_TOO_LARGE. */
    readonly maxXaBytes?: number
  }
  /** Opens the TCP socket; default `net.connect`. For proxies and tests. */
  readonly connect?: (port: number, host: string) => Socket
}
