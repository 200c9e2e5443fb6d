// @ts-check

/**
 * A cache in front of a table. What has changed is taken from the log, not read again: PostgreSQL writes a commit to its log a moment
 * before other connections see it, and a row that is read in that moment is the old one. What is being read while a change arrives
 * may be older too, so it is handed out and not kept.
 * @template Order
 */
export class OrderCache {
  #read
  /** @type {Map<number, Order | undefined>} */
  #known = new Map()
  /** @type {Map<number, Promise<Order | undefined>>} */
  #reading = new Map()
  /** Of the database. */
  reads = 0

  /** @param {(id: number) => Promise<Order | undefined>} read */
  constructor(read) {
    this.#read = read
  }

  /** Ids that are kept, with what is kept. */
  get entries() {
    return [...this.#known]
  }

  /**
   * @param {number} id
   * @returns {Promise<Order | undefined>}
   */
  async get(id) {
    if (this.#known.has(id)) return this.#known.get(id)
    let reading = this.#reading.get(id)
    if (reading === undefined) {
      reading = this.#read(id)
      this.#reading.set(id, reading)
      this.reads++
    }
    try {
      const order = await reading
      if (this.#reading.get(id) === reading) this.#known.set(id, order)
      return order
    } finally {
      if (this.#reading.get(id) === reading) this.#reading.delete(id)
    }
  }

  /**
   * From the log. A row that is gone is known to be gone.
   * @param {number} id
   * @param {Order | undefined} order
   */
  put(id, order) {
    this.#known.set(id, order)
    this.#reading.delete(id)
  }
}
