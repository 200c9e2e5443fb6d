import type { Gtid, GtidPosition } from './gtid/gtid-position.ts'
import type { MysqlPosition } from './position.ts'
import type { Query } from './control.ts'
import type { ServerFacts } from './server.ts'
import type { ConnectorName } from './source-layout.ts'

/** A place in the log, and what is done before it. */
export interface LogEnd {
  readonly file: string
  readonly pos: number
  readonly gtids: GtidPosition | undefined
}

/** How the dump of the log is asked for. */
export type DumpFrom =
  | { readonly by: 'place'; readonly file: string; readonly pos: number }
  /** COM_BINLOG_DUMP_GTID. */
  | { readonly by: 'gtid-set'; readonly gtids: GtidPosition }
  /** MariaDB's `@slave_connect_state`. */
  | { readonly by: 'connect-state'; readonly gtids: GtidPosition }

/** What is different between MySQL and MariaDB. */
export interface Flavor {
  readonly kind: ConnectorName
  /** For people. */
  readonly title: string
  /** Errors: TR_OFFSET_CORRUPT. */
  readonly parseGtids: (text: string) => GtidPosition
  /** Who gave a transaction its GTID: `<server uuid>`, `<domain>-<server id>`. */
  readonly sourceOf: (gtid: Gtid) => string
  /** The GTID event stands for the BEGIN, of a single statement too. */
  readonly beginsWithGtid: boolean
  /** Where the log ends now. */
  readonly readLogEnd: (query: Query, facts: ServerFacts) => Promise<LogEnd>
  /** Where the log stands behind what a consistent snapshot of this connection sees; undefined: only a lock tells. */
  readonly readSnapshotPlace?: (query: Query, facts: ServerFacts) => Promise<LogEnd>
  /** A consistent snapshot shows what ALGORITHM=INSTANT has done to a table since; else reading it is an error, 1412. */
  readonly showsInstantDdl: boolean
  /** Whether everything behind a position is still there, and how it is asked for. Errors: TR_MYSQL_BINLOG_PURGED, TR_MYSQL_GTID_DIVERGED, TR_MYSQL_SERVER_CHANGED. */
  readonly resume: (position: MysqlPosition, identity: StoredIdentity, facts: ServerFacts, query: Query) => Promise<DumpFrom>
  /** Flags of the dump command. */
  readonly dumpFlags: (includeQuery: boolean, facts: ServerFacts) => number
  /** Session settings of the connection that the dump is asked for on. */
  readonly dumpSettings: (options: { readonly heartbeatMs: number; readonly netWriteTimeoutSeconds: number; readonly serverId: number }) => readonly string[]
}

/** What the stored offset says of the server that it was taken on; empty where it is Debezium's. */
export interface StoredIdentity {
  readonly uuid: string | undefined
  readonly serverId: number | undefined
}
