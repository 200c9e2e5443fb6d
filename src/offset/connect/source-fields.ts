import type { SourceFields } from './fields-contract.ts'
import { postgresqlFields } from './postgresql.ts'

// MySQL and MariaDB will write `file`, `pos`, `event`, `row`, `gtids`, `server_id`: BinlogOffsetContext.
const KINDS: Readonly<Record<string, SourceFields>> = { postgresql: postgresqlFields }

/** Undefined for a source that Debezium's form is not known of. */
export function fieldsOf(source: string): SourceFields | undefined {
  return Object.hasOwn(KINDS, source) ? KINDS[source] : undefined
}
