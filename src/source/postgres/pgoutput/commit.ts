/*
  Commit => 'C' int8 flags (0), int64 LSN of the commit record, int64 end LSN of the transaction, int64 commit time
  https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
*/
import { bigWord64 } from '../../../byte/big-endian.ts'
import { expectEnd } from './malformed.ts'

export interface Commit {
  readonly commitLsn: bigint
  /** Exactly this is acknowledged, never one more: the next commit record may begin here. */
  readonly endLsn: bigint
}

export function readCommit(bytes: Buffer, start: number, end: number): Commit {
  expectEnd('Commit', start + 26, end)
  return { commitLsn: bigWord64(bytes, start + 2), endLsn: bigWord64(bytes, start + 10) }
}
