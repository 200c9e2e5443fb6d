/** Random numbers that a seed decides. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** Uniform in [0, 1): mulberry32, a 32-bit counter through a mixing function. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.next() * from.length)]!
  }
}

/** Deals each card once before any comes again. */
export class Deck<T> {
  readonly #cards: readonly T[]
  readonly #random: Random
  #left: T[] = []

  constructor(cards: readonly T[], random: Random) {
    this.#cards = cards
    this.#random = random
  }

  deal(): T {
    if (this.#left.length === 0) this.#left = [...this.#cards]
    return this.#left.splice(this.#random.between(0, this.#left.length - 1), 1)[0]!
  }
}
