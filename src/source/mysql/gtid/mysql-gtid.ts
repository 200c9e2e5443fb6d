import type { Gtid } from './gtid-position.ts'

/** The largest number that a server gives out: GNO_END - 1 (sql/rpl_gtid.h). */
export const MAX_NUMBER: bigint = 2n ** 63n - 2n

/** libs/mysql/gtid/tag.h: a letter or underscore, then at most 31 of them or digits. */
export const TAG: RegExp = /^[a-z_][a-z0-9_]{0,31}$/

/** A MySQL transaction's. There is one for every commit, and most are never printed. */
export class MysqlGtid implements Gtid {
  readonly group: string
  readonly server = 0
  readonly number: bigint

  constructor(group: string, number: bigint) {
    this.group = group
    this.number = number
  }

  get text(): string {
    return `${this.group}:${this.number}`
  }
}
