/*
  Begin => 'B' int64 final LSN (the LSN of the commit record), int64 commit time (µs since 2000-01-01), int32 xid
  https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
*/
import { bigWord32, bigWord64 } from '../../../byte/big-endian.ts'
import { POSTGRES_EPOCH_MICROS } from '../wire/copy-both.ts'
import { expectEnd } from './malformed.ts'

export interface Begin {
  readonly commitLsn: bigint
  readonly timestampMicros: bigint
  readonly xid: number
}

export function readBegin(bytes: Buffer, start: number, end: number): Begin {
  expectEnd('Begin', start + 21, end)
  return {
    commitLsn: bigWord64(bytes, start + 1),
    timestampMicros: BigInt.asIntN(64, bigWord64(bytes, start + 9)) + POSTGRES_EPOCH_MICROS,
    xid: bigWord32(bytes, start + 17),
  }
}
