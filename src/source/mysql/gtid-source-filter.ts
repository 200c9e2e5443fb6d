import { toWholeMatch } from '../table-pattern.ts'
import type { MysqlOptions } from './options.ts'

/** Decides whose transactions’ rows are delivered, by who gave them their GTIDs. */
export class GtidSourceFilter {
  readonly #includes: readonly RegExp[] | undefined
  readonly #excludes: readonly RegExp[]
  /** There are few of them, and each is asked for at every commit. */
  readonly #known = new Map<string, boolean>()

  constructor({ includes, excludes = [] }: NonNullable<MysqlOptions['gtidSources']>) {
    this.#includes = includes?.map(toWholeMatch)
    this.#excludes = excludes.map(toWholeMatch)
  }

  delivers(source: string): boolean {
    const known = this.#known.get(source)
    if (known !== undefined) return known
    const isIncluded = this.#includes === undefined || this.#includes.some((pattern) => pattern.test(source))
    const delivers = isIncluded && !this.#excludes.some((pattern) => pattern.test(source))
    this.#known.set(source, delivers)
    return delivers
  }
}
