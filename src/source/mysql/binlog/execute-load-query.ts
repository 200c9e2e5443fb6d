/*
  Execute_load_query => the first 13 bytes of Query, uint32 file id, uint32 start and uint32 end of the file's name in the statement,
                        uint8 what becomes of duplicates, the rest of Query
  LOAD DATA in statement format: what it read stands in the Begin_load_query and Append_block events before it.
  https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Execute__load__query__event.html,
  Execute_load_query_log_event (MariaDB, sql/log_event.cc)
*/
import { malformed } from './malformed.ts'
import { readQuery, type QueryEvent } from './query.ts'

/** What a query event has as well before its status variables. */
const SHARED_BYTES = 13
const OWN_BYTES = 13

export function readExecuteLoadQuery(bytes: Buffer, start: number, end: number): QueryEvent {
  const variables = start + SHARED_BYTES + OWN_BYTES
  if (variables > end) throw malformed('Execute_load_query', `it has ${end - start} bytes`)
  const query = Buffer.concat([bytes.subarray(start, start + SHARED_BYTES), bytes.subarray(variables, end)])
  return readQuery(query, 0, query.length)
}
