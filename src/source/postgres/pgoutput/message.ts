/*
  Message => 'M' int8 flags (1: transactional), int64 LSN, cstring prefix, int32 length, bytes
  https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
*/
import type { LogicalMessage } from '../../../event/change-event.ts'
import { expectEnd, malformed, readCString } from './malformed.ts'

export function readMessage(bytes: Buffer, start: number, end: number): { readonly lsn: bigint; readonly message: LogicalMessage } {
  if (end - start < 15) throw malformed('Message', 'it is too short')
  const prefix = readCString('Message', bytes, start + 10, end)
  if (end - prefix.next < 4) throw malformed('Message', 'it is too short')
  const length = bytes.readUInt32BE(prefix.next)
  const content = prefix.next + 4
  expectEnd('Message', content + length, end)
  return { lsn: bytes.readBigUInt64BE(start + 2), message: { prefix: prefix.text, content: bytes.subarray(content, end), transactional: (bytes[start + 1]! & 1) === 1 } }
}
