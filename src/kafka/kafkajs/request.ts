import { gather } from './gathered-requests.ts'
import type { PrivateBroker } from './private-cluster.ts'

/** Bytes that are better left where they are than copied. */
const LONG_PART = 4096

/** Writes the primitive types of Kafka's protocol (https://kafka.apache.org/protocol.html#protocol_types). */
export class RequestBody {
  #parts: Buffer[] = []

  int8(value: number): this {
    return this.#add(1, (out) => out.writeInt8(value))
  }

  int16(value: number): this {
    return this.#add(2, (out) => out.writeInt16BE(value))
  }

  int32(value: number): this {
    return this.#add(4, (out) => out.writeInt32BE(value))
  }

  int64(value: bigint): this {
    return this.#add(8, (out) => out.writeBigInt64BE(value))
  }

  /** STRING, or NULLABLE_STRING. */
  string(value: string | null): this {
    if (value === null) return this.int16(-1)
    const bytes = Buffer.from(value)
    return this.int16(bytes.length).raw(bytes)
  }

  /** COMPACT_NULLABLE_STRING of fewer than 127 bytes … or more: the length plus one, as an unsigned varint. */
  compactString(value: string | null): this {
    if (value === null) return this.int8(0)
    const bytes = Buffer.from(value)
    let length = bytes.length + 1
    const prefix: number[] = []
    for (; length >= 0x80; length >>>= 7) prefix.push((length & 0x7f) | 0x80)
    return this.raw(Buffer.from([...prefix, length])).raw(bytes)
  }

  /** BYTES, or RECORDS: a length and what is kept as it is. */
  bytes(value: Buffer): this {
    return this.int32(value.length).raw(value)
  }

  raw(value: Buffer): this {
    this.#parts.push(value)
    return this
  }

  finish(): Buffer {
    return this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts)
  }

  /** The same in several pieces: what is long stays where it is. */
  pieces(): Buffer[] {
    const pieces: Buffer[] = []
    let short: Buffer[] = []
    for (const part of this.#parts) {
      if (part.length < LONG_PART) short.push(part)
      else {
        pieces.push(Buffer.concat(short), part)
        short = []
      }
    }
    if (short.length > 0) pieces.push(Buffer.concat(short))
    return pieces
  }

  #add(size: number, write: (out: Buffer) => void): this {
    const out = Buffer.allocUnsafe(size)
    write(out)
    return this.raw(out)
  }
}

/** Reads an answer. */
export class ResponseBody {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  int8(): number {
    return this.#bytes.readInt8(this.#move(1))
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#move(2))
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#move(4))
  }

  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#move(8))
  }

  string(): string {
    const length = this.int16()
    const at = this.#move(Math.max(length, 0))
    return this.#bytes.toString('utf8', at, this.#at)
  }

  /** COMPACT_STRING, or COMPACT_NULLABLE_STRING. */
  compactString(): string {
    const length = this.#unsigned() - 1
    const at = this.#move(Math.max(length, 0))
    return this.#bytes.toString('utf8', at, this.#at)
  }

  /** The number of items in a COMPACT_ARRAY. */
  compactLength(): number {
    return Math.max(0, this.#unsigned() - 1)
  }

  list<Item>(read: () => Item): Item[] {
    return Array.from({ length: Math.max(0, this.int32()) }, read)
  }

  /** UNSIGNED_VARINT. */
  #unsigned(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.int8()
      value |= (byte & 0x7f) << shift
      if (byte >= 0) return value
    }
  }

  #move(size: number): number {
    const at = this.#at
    this.#at += size
    return at
  }
}

export interface Api {
  readonly key: number
  readonly version: number
  readonly name: string
}

/** One request and its answer, over the broker's connection. A body in several pieces must stay as it is until the answer is there. */
export async function exchange<Answer>(broker: PrivateBroker, api: Api, body: Buffer | readonly Buffer[], read: (answer: ResponseBody) => Answer): Promise<Answer> {
  if (!Buffer.isBuffer(body)) {
    using gathered = gather(body)
    // awaited here: the pieces are needed until then
    return await exchange(broker, api, gathered.placeholder, read)
  }
  return await broker.connectionPool.send<Answer>({
    request: { apiKey: api.key, apiVersion: api.version, apiName: api.name, encode: async () => ({ buf: body, buffer: body }) },
    response: { decode: async (payload) => read(new ResponseBody(payload)), parse: async (answer) => answer },
    logResponseError: false,
  })
}
