import type { Socket } from 'node:net'
import type { ColumnOptions } from '../column-options.ts'

/** How a TLS connection is made; names and meaning are libpq's `sslmode` (https://www.postgresql.org/docs/current/libpq-ssl.html). */
export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'

/** A host, port, database and login in parts, instead of a URL. */
export interface PostgresConnection {
  /** Default `localhost`. */
  readonly host?: string
  /** Default 5432. */
  readonly port?: number
  /** Default: the user's name. */
  readonly database?: string
  /** Default: the environment variable USER, else `postgres`. */
  readonly user?: string
  /** A function is asked on every connect, so that a rotated password or a token is picked up. */
  readonly password?: string | (() => string | Promise<string>)
  /** Default `prefer`, as libpq. */
  readonly sslmode?: SslMode
  /** PEM text or path of the CA certificate(s); default: Node's own. */
  readonly sslrootcert?: string
  /** PEM text or path of the client's certificate. */
  readonly sslcert?: string
  /** PEM text or path of the client's key. */
  readonly sslkey?: string
  /** Of the client's key, where it is encrypted. */
  readonly sslpassword?: string
  /** Shown in pg_stat_activity. Default `tailrace`. */
  readonly applicationName?: string
  /** Milliseconds until a connection attempt fails. Default 10000. */
  readonly connectTimeoutMs?: number
}

/** Names what is captured: `schema.table`, `*` standing for any characters, or a regular expression that must match the whole `schema.table`. */
export type TablePattern = string | RegExp

/** Debezium's `snapshot.mode`. */
export type SnapshotMode = 'initial' | 'always' | 'initial_only' | 'no_data' | 'when_needed'

/** Debezium's `publication.autocreate.mode`; `filtered` publishes exactly the captured tables. */
export type PublicationMode = 'filtered' | 'all_tables' | 'disabled' | 'no_tables'

/** Options of {@link postgres}. */
export interface PostgresOptions {
  /** A URL (`postgres://user:password@host:5432/database?sslmode=verify-full`) or its parts. */
  readonly connection: string | PostgresConnection
  /** Tables to capture; default all ordinary and partitioned tables outside the system schemas. */
  readonly tables?: readonly TablePattern[]
  /** Tables to leave out. Default none. */
  readonly excludeTables?: readonly TablePattern[]
  /** Schemas to capture, whole names as in `tables`. Default all. */
  readonly schemas?: readonly TablePattern[]
  /** Schemas to leave out. Default none. */
  readonly excludeSchemas?: readonly TablePattern[]
  /** What becomes of the values and schemas of some columns: cut, masked, hashed, told of, keys made of. Default nothing. */
  readonly columns?: ColumnOptions
  readonly snapshot?: {
    /** Default `initial`. */
    readonly mode?: SnapshotMode
    /** Milliseconds to wait before an engine’s first snapshot. Default 0. */
    readonly delayMs?: number
    /** Milliseconds to wait for the tables' ACCESS SHARE locks. Default 10000. */
    readonly lockTimeoutMs?: number
  }
  readonly slot?: {
    /** Lower-case letters, digits and underscores, at most 63. Default `tailrace`. */
    readonly name?: string
    /** Create it when it is missing and no offset is stored. Default true. */
    readonly create?: boolean
    /** Drop it when the engine stops: for tests. Default false. */
    readonly dropOnStop?: boolean
    /** Milliseconds to wait for the slot's creation (transactions that already write must end first). Default 90000. */
    readonly createTimeoutMs?: number
    /** Milliseconds to wait while another connection uses the slot. Default 10000. */
    readonly activeTimeoutMs?: number
  }
  readonly publication?: {
    /** Default `tailrace`. */
    readonly name?: string
    /** What to do when it is missing. Default `filtered`: created for the captured tables. */
    readonly create?: PublicationMode
  }
  /** `ALTER TABLE … REPLICA IDENTITY` at start for the first pattern that matches each captured table; `INDEX name` for an index. Default none. */
  readonly replicaIdentity?: readonly { readonly table: TablePattern; readonly identity: 'DEFAULT' | 'FULL' | 'NOTHING' | `INDEX ${string}` }[]
  /** Deliver messages of pg_logical_emit_message. Default false. */
  readonly messages?: boolean
  /**
   * Tell of each transaction's beginning and end (events `b` and `e`; records on Debezium's transaction topic), and of each event's `order` in it. Default
   * false.
   */
  readonly transactionMetadata?: boolean
  /** Operations that are not delivered (`c`, `u`, `d`, `t`, `r` …). Their positions still advance. Default none. */
  readonly skippedOperations?: readonly ('c' | 'u' | 'd' | 't' | 'r' | 'm')[]
  /** Your own JavaScript value for a type, by the type's name (`int8`, `numeric`, `mood` …); gets the server's text. */
  readonly parsers?: Readonly<Record<string, (text: string) => unknown>>
  readonly status?: {
    /** Milliseconds between status replies. Default 10000, and never more than a third of the server's wal_sender_timeout. */
    readonly intervalMs?: number
  }
  readonly limits?: {
    /** Largest single message (one row of all its columns), bytes. Default 268435456 (256 MiB). Error TR_PG_MESSAGE_TOO_LARGE. */
    readonly maxMessageBytes?: number
  }
  /** Opens the TCP socket; default `net.connect`. For proxies and tests. */
  readonly connect?: (port: number, host: string) => Socket
}
