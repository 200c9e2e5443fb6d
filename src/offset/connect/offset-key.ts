import { writeString } from './connect-json.ts'

/** What an offset of Debezium's is kept under. */
export interface ConnectKey {
  /** The property `name`. */
  readonly engine: string
  /** The property `topic.prefix`. */
  readonly server: string
}

/**
 * `["<name>",{"server":"<topic.prefix>"}]`: Connect looks the bytes up as they are (OffsetStorageReaderImpl in Kafka's connect-runtime),
 * so that not one may differ.
 */
export function encodeKey({ engine, server }: ConnectKey): Buffer {
  return Buffer.from(`[${writeString(engine)},{"server":${writeString(server)}}]`)
}

/** Undefined: the key of something else than an offset of a Debezium connector of PostgreSQL, MySQL or MariaDB. */
export function decodeKey(bytes: Uint8Array): ConnectKey | undefined {
  let key: unknown
  try {
    key = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
  if (!Array.isArray(key) || key.length !== 2) return undefined
  const [engine, partition] = key as readonly unknown[]
  if (typeof engine !== 'string' || typeof partition !== 'object' || partition === null || Object.keys(partition).join() !== 'server') return undefined
  const { server } = partition as { readonly server: unknown }
  return typeof server === 'string' ? { engine, server } : undefined
}
