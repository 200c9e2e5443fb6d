// @ts-check
// A reader of the events that knows nothing of tailrace or of the database: kafkajs, avsc and the schema registry. It folds the
// events of each order to its state, and takes none that does not follow the one before.
import avsc from 'avsc'
import { Kafka, logLevel } from 'kafkajs'

/** avsc's own long is a double, which the nanoseconds of `source.ts_ns` do not fit. */
const LONG = avsc.types.LongType.__with({
  fromBuffer: (/** @type {Buffer} */ bytes) => bytes.readBigInt64LE(),
  toBuffer: (/** @type {bigint} */ value) => Buffer.from(BigInt64Array.of(value).buffer),
  fromJSON: BigInt, toJSON: Number, isValid: (/** @type {unknown} */ value) => typeof value === 'bigint',
  compare: (/** @type {bigint} */ one, /** @type {bigint} */ other) => Number(one - other),
})

export class Projection {
  /** @type {Map<number, { state: string, version: number }>} */
  orders = new Map()
  #consumer
  #registry
  /** @type {Map<number, Promise<avsc.Type>>} */
  #schemas = new Map()

  /**
   * @param {string[]} brokers
   * @param {string} registry
   */
  constructor(brokers, registry) {
    this.#registry = registry
    // kafkajs reads committed records only, unless told otherwise
    this.#consumer = new Kafka({ brokers, logLevel: logLevel.NOTHING }).consumer({ groupId: 'projection', maxWaitTimeInMs: 100 })
  }

  /**
   * Reads until `done`. Fails when an event is missing, comes twice, or out of order.
   * @param {() => boolean} done
   */
  async until(done) {
    await this.#consumer.connect()
    await this.#consumer.subscribe({ topics: ['order-events'], fromBeginning: true })
    try {
      await new Promise((resolve, reject) => {
        const eachMessage = async (/** @type {import('kafkajs').EachMessagePayload} */ { message }) => {
          try {
            this.#apply((await this.#decode(message.value)).after)
            if (done()) resolve(undefined)
          } catch (error) {
            reject(error)
          }
        }
        this.#consumer.run({ eachMessage }).catch(reject)
      })
    } finally {
      await this.#consumer.disconnect()
    }
  }

  /** @param {{ order_id: number, version: number, type: string }} event */
  #apply({ order_id: id, version, type }) {
    const known = this.orders.get(id)?.version ?? 0
    if (version !== known + 1) throw new Error(`Order ${id}: event ${version} comes behind event ${known}`)
    this.orders.set(id, { state: type, version })
  }

  /**
   * Confluent's frame: a zero, the schema's id, Avro.
   * @param {Buffer | null} value
   */
  async #decode(value) {
    if (value === null) throw new Error('A tombstone')
    const id = value.readInt32BE(1)
    let schema = this.#schemas.get(id)
    if (schema === undefined) this.#schemas.set(id, (schema = this.#fetch(id)))
    return (await schema).fromBuffer(value.subarray(5))
  }

  async #fetch(/** @type {number} */ id) {
    const { schema } = await (await fetch(`${this.#registry}/schemas/ids/${id}`)).json()
    return avsc.Type.forSchema(JSON.parse(schema), { wrapUnions: false, typeHook: (one) => (one === 'long' || /** @type {{ type?: unknown }} */ (one).type === 'long' ? LONG : undefined) })
  }
}
