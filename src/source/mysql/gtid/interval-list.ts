/** First and last number of each range, one range behind the other: `[1n, 3n, 5n, 5n]` for `1-3:5`. Ascending, and with a gap between any two. */
export type Bounds = readonly bigint[]

const NO_BOUNDS: Bounds = []

/** The numbers that one server gave out (under one tag): one range or more. Immutable; the ranges before the last are shared by what grows from it. */
export class IntervalList {
  readonly #before: Bounds
  readonly #first: bigint
  readonly #last: bigint

  private constructor(before: Bounds, first: bigint, last: bigint) {
    this.#before = before
    this.#first = first
    this.#last = last
  }

  static of(number: bigint): IntervalList {
    return new IntervalList(NO_BOUNDS, number, number)
  }

  /** Undefined for no ranges. */
  static from(bounds: Bounds): IntervalList | undefined {
    if (bounds.length === 0) return undefined
    return new IntervalList(bounds.length === 2 ? NO_BOUNDS : bounds.slice(0, -2), bounds.at(-2)!, bounds.at(-1)!)
  }

  get bounds(): Bounds {
    return [...this.#before, this.#first, this.#last]
  }

  contains(number: bigint): boolean {
    if (number >= this.#first) return number <= this.#last
    const before = this.#before
    const at = rangeReaching(before, number)
    return at < before.length && before[at]! <= number
  }

  /** Nearly always the number behind the last one. */
  with(number: bigint): IntervalList {
    if (number === this.#last + 1n) return new IntervalList(this.#before, this.#first, number)
    if (number > this.#last) return new IntervalList([...this.#before, this.#first, this.#last], number, number)
    return this.contains(number) ? this : IntervalList.from(unite(this.bounds, [number, number]))!
  }

  isSubsetOf(other: IntervalList): boolean {
    if (this === other) return true
    if (this.#last > other.#last) return false
    const mine = this.bounds
    const others = other.bounds
    let at = 0
    for (let i = 0; i < mine.length; i += 2) {
      while (at < others.length && others[at + 1]! < mine[i]!) at += 2
      if (at === others.length || others[at]! > mine[i]! || others[at + 1]! < mine[i + 1]!) return false
    }
    return true
  }

  equals(other: IntervalList): boolean {
    if (this === other) return true
    if (this.#first !== other.#first || this.#last !== other.#last || this.#before.length !== other.#before.length) return false
    return this.#before === other.#before || this.#before.every((bound, index) => bound === other.#before[index])
  }

  intersects(other: IntervalList): boolean {
    const mine = this.bounds
    const others = other.bounds
    for (let i = 0, j = 0; i < mine.length && j < others.length;) {
      if (mine[i + 1]! < others[j]!) i += 2
      else if (others[j + 1]! < mine[i]!) j += 2
      else return true
    }
    return false
  }

  get cardinality(): bigint {
    const all = this.bounds
    let sum = 0n
    for (let i = 0; i < all.length; i += 2) sum += all[i + 1]! - all[i]! + 1n
    return sum
  }

  toString(): string {
    const all = this.bounds
    let text = ''
    for (let i = 0; i < all.length; i += 2) text += `${i === 0 ? '' : ':'}${all[i]!}${all[i] === all[i + 1] ? '' : `-${all[i + 1]!}`}`
    return text
  }
}

/** Index of the first range that ends at `number` or behind it. */
function rangeReaching(bounds: Bounds, number: bigint): number {
  let low = 0
  let high = bounds.length / 2
  while (low < high) {
    const middle = (low + high) >>> 1
    if (bounds[2 * middle + 1]! < number) low = middle + 1
    else high = middle
  }
  return 2 * low
}

/** Ranges in any order, overlapping or not, as bounds. */
export function joinRanges(ranges: readonly (readonly [first: bigint, last: bigint])[]): Bounds {
  const bounds: bigint[] = []
  for (const [first, last] of ranges.toSorted((one, other) => (one[0] < other[0] ? -1 : one[0] > other[0] ? 1 : 0))) {
    const end = bounds.at(-1)
    if (end === undefined || first > end + 1n) bounds.push(first, last)
    else if (last > end) bounds[bounds.length - 1] = last
  }
  return bounds
}

export function unite(one: Bounds, other: Bounds): Bounds {
  return joinRanges([...rangesOf(one), ...rangesOf(other)])
}

/** What is in `from` and not in `gone`. */
export function subtract(from: Bounds, gone: Bounds): Bounds {
  const left: bigint[] = []
  let at = 0
  for (let i = 0; i < from.length; i += 2) {
    let first = from[i]!
    const last = from[i + 1]!
    while (at < gone.length && gone[at + 1]! < first) at += 2
    for (let j = at; j < gone.length && gone[j]! <= last; j += 2) {
      if (gone[j]! > first) left.push(first, gone[j]! - 1n)
      first = gone[j + 1]! + 1n
    }
    if (first <= last) left.push(first, last)
  }
  return left
}

function rangesOf(bounds: Bounds): [bigint, bigint][] {
  const ranges: [bigint, bigint][] = []
  for (let i = 0; i < bounds.length; i += 2) ranges.push([bounds[i]!, bounds[i + 1]!])
  return ranges
}
