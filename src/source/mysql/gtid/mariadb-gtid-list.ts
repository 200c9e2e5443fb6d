import { TailraceError } from '../../../error/tailrace-error.ts'
import type { Gtid, GtidPosition } from './gtid-position.ts'

const MAX_32 = 2n ** 32n - 1n
const MAX_64 = 2n ** 64n - 1n
const GTID = /^(\d{1,10})-(\d{1,10})-(\d{1,20})$/

/** The last transaction of a domain. */
interface Last {
  readonly server: number
  readonly number: bigint
}

/**
 * The last transaction of each domain, `0-1-270,1-12-5` (knowledge base, Global Transaction ID): a domain is one ordered stream, so
 * everything before is done too, whichever server wrote it.
 */
export class MariadbGtidList implements GtidPosition {
  static readonly EMPTY: MariadbGtidList = new MariadbGtidList(new Map())

  readonly #domains: ReadonlyMap<string, Last>

  private constructor(domains: ReadonlyMap<string, Last>) {
    this.#domains = domains
  }

  /** Several transactions of one domain (`@@gtid_binlog_state` and Debezium's offsets have one a server): the latest counts. Errors: TR_OFFSET_CORRUPT. */
  static parse(text: string): MariadbGtidList {
    const domains = new Map<string, Last>()
    for (const part of text.split(',')) {
      const one = part.trim()
      if (one === '') continue
      const [, domain, server, number] = GTID.exec(one) ?? []
      if (domain === undefined || BigInt(domain) > MAX_32 || BigInt(server!) > MAX_32 || BigInt(number!) > MAX_64) throw damaged(one)
      advance(domains, BigInt(domain).toString(), { server: Number(server), number: BigInt(number!) })
    }
    return domains.size === 0 ? MariadbGtidList.EMPTY : new MariadbGtidList(domains)
  }

  get empty(): boolean {
    return this.#domains.size === 0
  }

  /** Ascending. */
  domains(): string[] {
    return [...this.#domains.keys()].sort((one, other) => Number(one) - Number(other))
  }

  contains({ group, number }: Gtid): boolean {
    const last = this.#domains.get(group)
    return last !== undefined && number <= last.number
  }

  with(gtid: Gtid): MariadbGtidList {
    if (this.contains(gtid)) return this
    const domains = new Map(this.#domains)
    advance(domains, gtid.group, gtid)
    return new MariadbGtidList(domains)
  }

  isSubsetOf(other: GtidPosition): boolean {
    const that = asList(other)
    for (const [domain, { number }] of this.#domains) {
      const last = that.#domains.get(domain)
      if (last === undefined || number > last.number) return false
    }
    return true
  }

  /** Each is a subset of the other: which server wrote a domain's last transaction does not matter. */
  equals(other: GtidPosition): boolean {
    return this.#domains.size === asList(other).#domains.size && this.isSubsetOf(other) && other.isSubsetOf(this)
  }

  toString(): string {
    return this.domains().map((domain) => `${domain}-${this.#domains.get(domain)!.server}-${this.#domains.get(domain)!.number}`).join(',')
  }
}

function advance(domains: Map<string, Last>, domain: string, { server, number }: Last): void {
  const before = domains.get(domain)
  if (before === undefined || number > before.number) domains.set(domain, { server, number })
}

function asList(other: GtidPosition): MariadbGtidList {
  if (other instanceof MariadbGtidList) return other
  throw damaged(other.toString())
}

function damaged(part: string): TailraceError {
  return new TailraceError('TR_OFFSET_CORRUPT', { message: `Not a list of MariaDB GTIDs: ${JSON.stringify(part.slice(0, 100))}`, where: { member: 'gtids' } })
}
