import type { JsonValue } from '../event/position.ts'
import type { TableChange } from './table-definition.ts'

/** One record of the schema history (io.debezium.relational.history.HistoryRecord). */
export interface HistoryRecord {
  /** `{ server: <topic.prefix> }`. */
  readonly source: Readonly<Record<string, string>>
  /** Debezium's offset of the statement: `ts_sec`, `file`, `pos`, `gtids`, `snapshot`, `server_id`, `event`, `row`. */
  readonly position: Readonly<Record<string, JsonValue>>
  /** When it was stored, milliseconds since 1970. */
  readonly timestampMs: number
  readonly database: string
  /** Empty where the definitions came without a statement (Debezium's signal `schema-changes`). */
  readonly ddl: string
  readonly changes: readonly TableChange[]
}
