import type { JsonValue, Position } from '../../event/position.ts'
import { TailraceError } from '../../error/tailrace-error.ts'

/** `16/B374D848` as the server prints LSNs: two hexadecimal halves of a 64-bit number. */
export function formatLsn(lsn: bigint): string {
  return `${(lsn >> 32n).toString(16).toUpperCase()}/${(lsn & 0xffffffffn).toString(16).toUpperCase()}`
}

/** Reads `%X/%X`, also with leading zeros. Undefined when it is not an LSN. */
export function parseLsn(text: string): bigint | undefined {
  const match = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(text)
  return match === null ? undefined : (BigInt(`0x${match[1]!}`) << 32n) | BigInt(`0x${match[2]!}`)
}

/** How much of the transaction after `lsn` is durable. */
export interface PartOfTransaction {
  /** LSN of its commit record: its name. */
  readonly commitLsn: bigint
  /** Changes done, counted before any filter. */
  readonly changes: number
  /** LSN of the last of them: proof that a re-sent transaction is the same. */
  readonly changeLsn: bigint
  /** LSN of the last WAL record whose changes are all done, when one is known: several changes share a record (COPY, TRUNCATE). */
  readonly recordLsn?: bigint
}

/**
 * Debezium's way to be inside a transaction: it names the last change, neither the transaction nor how many changes come before. The
 * transaction is the first that is sent.
 */
export interface AfterChange {
  readonly changeLsn: bigint
  /** A message and the row after it can have the same LSN: one ends where the other begins. Undefined: not known. */
  readonly kind?: 'row' | 'message'
}

/**
 * A place in the WAL. Everything that committed before `lsn` is durable: `lsn` is a transaction's end (exactly its
 * end_lsn), a keepalive's WAL end with nothing in flight, or a snapshot's consistent point. The server's rule is ours:
 * a transaction is behind us if and only if its commit LSN is less than `lsn`.
 */
export class PgPosition implements Position {
  readonly phase: 'snapshot' | 'stream'
  readonly lsn: bigint
  readonly part: PartOfTransaction | undefined
  /** End of the last transaction seen, for `source.sequence`. */
  readonly lastCommit: bigint | undefined
  /** In the place of `part`, until the transaction was seen. With it, an `lsn` of 0 says that no transaction's end is known. */
  readonly after: AfterChange | undefined

  constructor(phase: 'snapshot' | 'stream', lsn: bigint, part?: PartOfTransaction, lastCommit?: bigint, after?: AfterChange) {
    this.phase = phase
    this.lsn = lsn
    this.part = part
    this.lastCommit = lastCommit
    this.after = after
  }

  compare(other: Position): number {
    const that = other as PgPosition
    if (this.phase !== that.phase) return this.phase === 'snapshot' ? -1 : 1
    const here = this.part?.commitLsn ?? this.lsn
    const there = that.part?.commitLsn ?? that.lsn
    if (here !== there) return here < there ? -1 : 1
    return (this.part?.changes ?? 0) - (that.part?.changes ?? 0)
  }

  toJSON(): { readonly [key: string]: JsonValue | undefined } {
    const { part, after } = this
    return {
      phase: this.phase,
      lsn: formatLsn(this.lsn),
      ...(this.lastCommit === undefined ? {} : { lastCommit: formatLsn(this.lastCommit) }),
      ...(part === undefined ? {} : { transaction: partJson(part) }),
      ...(after === undefined ? {} : { after: { changeLsn: formatLsn(after.changeLsn), ...(after.kind === undefined ? {} : { kind: after.kind }) } }),
    }
  }

  toString(): string {
    if (this.after !== undefined) return `${formatLsn(this.lsn)} and on, after the change at ${formatLsn(this.after.changeLsn)}`
    return this.part === undefined ? formatLsn(this.lsn) : `${formatLsn(this.lsn)}+${this.part.changes}`
  }

  static fromJSON(json: { readonly [key: string]: JsonValue | undefined }): PgPosition {
    const { phase } = json
    const lsn = readLsn(json['lsn'])
    const lastCommit = json['lastCommit'] === undefined ? undefined : readLsn(json['lastCommit'])
    if (phase !== 'snapshot' && phase !== 'stream') throw damaged('phase')
    const { transaction, after } = json
    if (transaction !== undefined && after !== undefined) throw damaged('after')
    return new PgPosition(phase, lsn, readPart(transaction), lastCommit, readAfter(after))
  }
}

function partJson(part: PartOfTransaction): JsonValue {
  const { commitLsn, changes, changeLsn, recordLsn } = part
  return { commitLsn: formatLsn(commitLsn), changes, changeLsn: formatLsn(changeLsn), ...(recordLsn === undefined ? {} : { recordLsn: formatLsn(recordLsn) }) }
}

function readPart(value: JsonValue | undefined): PartOfTransaction | undefined {
  if (value === undefined) return undefined
  const { commitLsn, changes, changeLsn, recordLsn } = members(value, 'transaction')
  if (typeof changes !== 'number' || !Number.isSafeInteger(changes) || changes < 1) throw damaged('transaction.changes')
  return { commitLsn: readLsn(commitLsn), changes, changeLsn: readLsn(changeLsn), ...(recordLsn === undefined ? {} : { recordLsn: readLsn(recordLsn) }) }
}

function readAfter(value: JsonValue | undefined): AfterChange | undefined {
  if (value === undefined) return undefined
  const { changeLsn, kind } = members(value, 'after')
  if (kind !== undefined && kind !== 'row' && kind !== 'message') throw damaged('after.kind')
  return { changeLsn: readLsn(changeLsn), ...(kind === undefined ? {} : { kind }) }
}

function members(value: JsonValue, member: string): { readonly [key: string]: JsonValue | undefined } {
  if (typeof value !== 'object' || value === null) throw damaged(member)
  return value as { readonly [key: string]: JsonValue | undefined }
}

function readLsn(value: JsonValue | undefined): bigint {
  const lsn = typeof value === 'string' ? parseLsn(value) : undefined
  if (lsn === undefined) throw damaged('lsn')
  return lsn
}

function damaged(member: string): TailraceError {
  return new TailraceError('TR_OFFSET_CORRUPT', { message: `The stored position’s ${member} is not valid`, where: { member } })
}
