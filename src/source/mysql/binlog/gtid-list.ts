/*
  Gtid_list => uint32: the count in its low 28 bits, flags in the others; then each: uint32 domain, uint32 server, uint64 number
  https://mariadb.com/kb/en/gtid_list_event/
*/
import { EventReader } from './event-reader.ts'
import { malformed } from './malformed.ts'

const NAME = 'Gtid_list'
const COUNT = 0x0fffffff
const ENTRY = 16

/** What was done before this file: `<domain>-<server>-<number>`, separated by commas. A domain may stand there for more than one server. */
export function readGtidList(bytes: Buffer, start: number, end: number): string {
  const reader = new EventReader(NAME, bytes, start, end)
  const count = reader.uint32() & COUNT
  if (count > reader.left / ENTRY) throw malformed(NAME, `it claims ${count} entries`)
  const entries = Array.from({ length: count }, () => `${reader.uint32()}-${reader.uint32()}-${reader.uint64()}`)
  reader.expectEnd()
  return entries.join(',')
}
