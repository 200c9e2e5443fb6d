import type { Transaction } from '../../event/transaction.ts'
import { formatLsn } from './position.ts'

/** A committed transaction, or the snapshot. What its events’ `source` blocks share is rendered once. */
export class PgTransaction implements Transaction {
  readonly id: string
  readonly timestampMicros: bigint
  readonly commitLsn: bigint
  readonly identity: string
  /** Everything that committed before this is done when the transaction begins. */
  readonly resumeLsn: bigint
  /** End of the transaction before, undefined when none was seen. */
  readonly lastCommit: bigint | undefined
  /** ASCII digits of the commit time in milli-, micro- and nanoseconds, of the xid (undefined: none), and `["<last commit>","`. */
  readonly millis: Buffer
  readonly micros: Buffer
  readonly nanos: Buffer
  readonly xid: Buffer | undefined
  readonly sequence: Buffer

  /** `xid` 0: no transaction (a non-transactional message). */
  constructor(origin: string, xid: number | bigint, commitLsn: bigint, timestampMicros: bigint, resumeLsn: bigint, lastCommit: bigint | undefined) {
    this.id = String(xid)
    this.timestampMicros = timestampMicros
    this.commitLsn = commitLsn
    this.resumeLsn = resumeLsn
    this.lastCommit = lastCommit
    this.identity = `${origin}:${formatLsn(commitLsn)}`
    const micros = String(timestampMicros)
    this.micros = Buffer.from(micros, 'latin1')
    // floor, not truncation, before 1970
    this.millis = timestampMicros >= 0n && micros.length > 3 ? this.micros.subarray(0, micros.length - 3) : Buffer.from(String((timestampMicros - 999n) / 1000n), 'latin1')
    this.nanos = Buffer.from(`${micros}000`, 'latin1')
    this.xid = xid === 0 ? undefined : Buffer.from(this.id, 'latin1')
    this.sequence = Buffer.from(lastCommit === undefined ? '[null,"' : `["${lastCommit}","`, 'latin1')
  }
}
