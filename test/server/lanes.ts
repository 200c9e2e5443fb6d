/** Scenarios that wait more than they compute: one runs on each ground, a server or what stands on it, at the same time. */
export class Lanes<Ground> {
  readonly grounds: readonly Ground[]
  readonly #free: Ground[]
  readonly #waiting: ((ground: Ground) => void)[] = []

  constructor(grounds: readonly Ground[]) {
    this.grounds = grounds
    this.#free = [...grounds]
  }

  /** Once a ground is free, which is nobody else's as long as `use` runs. */
  async run<Result>(use: (ground: Ground) => Promise<Result>): Promise<Result> {
    const ground = this.#free.pop() ?? (await new Promise<Ground>((resolve) => this.#waiting.push(resolve)))
    try {
      return await use(ground)
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free.push(ground)
      else next(ground)
    }
  }
}
