/*
  Table_map => uint48 number, uint16 flags, packed length, database, a zero, packed length, table, a zero, packed count of columns,
               a type code (uint8) each, packed length, the types' metadata, a bit for each column that allows NULL,
               then optional fields: table-metadata.ts
  https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Table__map__event.html
*/
import { expectWidth, readColumnType, type ColumnType } from './column-type.ts'
import { EventReader } from './event-reader.ts'
import type { LoggedColumn, TableMap } from './logged-column.ts'
import { malformed } from './malformed.ts'
import { readTableMetadata } from './table-metadata.ts'

const NAME = 'Table_map'
/** MAX_FIELDS (sql/sql_const.h). */
const MOST_COLUMNS = 4096

/** `mariadb`: the two servers do not count the same columns among those of text. */
export function readTableMap(bytes: Buffer, start: number, end: number, mariadb = false): TableMap {
  const reader = new EventReader(NAME, bytes, start, end)
  const id = reader.uint48()
  reader.skip(2)
  const database = reader.terminated(reader.packed())
  const name = reader.terminated(reader.packed())
  const count = reader.packed()
  if (count > MOST_COLUMNS) throw malformed(NAME, `it claims ${count} columns`)
  const codes = reader.slice(count)
  const types = readTypes(codes, reader.packed(), bytes, reader)
  const nullable = reader.slice((count + 7) >> 3)
  const metadata = readTableMetadata(bytes, reader, types, mariadb)
  const columns = types.map((type, index): LoggedColumn => ({ ...type, nullable: (nullable[index >> 3]! & (1 << (index & 7))) !== 0, ...metadata.columns[index]! }))
  return { id, database, name, columns, widths: Int8Array.from(types, expectWidth), primaryKey: metadata.primaryKey }
}

function readTypes(codes: Buffer, length: number, bytes: Buffer, reader: EventReader): ColumnType[] {
  const from = reader.skip(length)
  const metadata = new EventReader(NAME, bytes, from, from + length)
  const types = Array.from(codes, (code) => readColumnType(code, metadata))
  metadata.expectEnd()
  return types
}
