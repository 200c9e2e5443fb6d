import type { SourceFields } from './fields-contract.ts'
import { mariadbFields, mysqlFields } from './mysql.ts'
import { postgresqlFields } from './postgresql.ts'

const KINDS: Readonly<Record<string, SourceFields>> = { postgresql: postgresqlFields, mysql: mysqlFields, mariadb: mariadbFields }

/** Undefined for a source that Debezium's form is not known of. */
export function fieldsOf(source: string): SourceFields | undefined {
  return Object.hasOwn(KINDS, source) ? KINDS[source] : undefined
}
