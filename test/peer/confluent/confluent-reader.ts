/**
 * What Confluent's KafkaAvroDeserializer and AvroConverter make of framed Avro, in a process of their own. Both ask the
 * registry themselves, with their own client.
 *
 *     await using reader = await startConfluentReader()
 *     await reader.avro([bytes], { registry: 'http://127.0.0.1:1', topic: 't' })      // { schema, value, text }
 *     await reader.connect([bytes], { registry, topic: 't', config: basicLogin('u', 'p') })  // { schema, payload, text }
 *
 * `text` is the JSON that the rest was parsed from: numbers beyond 2^53 are exact in it alone.
 */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { installAvroData } from '../avro-data/avro-data.ts'
import { base64, compiledJava, JavaPeer, parsed } from '../java-peer.ts'
import type { ConnectJson } from '../kafka-client/kafka-client.ts'

const SOURCES = ['../CommandLoop.java', 'ConfluentReader.java'].map((name) => fileURLToPath(new URL(name, import.meta.url)))

export interface ConfluentRequest {
  /** Address of the registry, Confluent's API at its root. */
  readonly registry: string
  /** The converter looks the schema up in the subject `topic-value` (or `-key`). */
  readonly topic: string
  readonly isKey?: boolean
  /** Other settings (`specific.avro.reader`, …). */
  readonly config?: Readonly<Record<string, string>>
}

/** A value by its writer's schema, in Avro's JSON encoding (a union's branch by name, bytes as Latin 1). */
export interface AvroJson {
  readonly schema: unknown
  readonly value: unknown
  readonly text: string
}

/** Starts it. Ended by `await using`, or with this process. */
export async function startConfluentReader(): Promise<ConfluentReader> {
  const peer = new JavaPeer('ConfluentReader', await installConfluentReader())
  await peer.ask({ do: 'ready' })
  return new ConfluentReader(peer)
}

/** Its class path: fetched and compiled on the first call. */
export async function installConfluentReader(): Promise<string[]> {
  const { jars } = await installAvroData()
  const all = path.join(jars, '*')
  return [await compiledJava('confluent-reader', [all], SOURCES), all]
}

/** Settings to log in to a registry with. */
export function basicLogin(user: string, password: string): Record<string, string> {
  return { 'basic.auth.credentials.source': 'USER_INFO', 'basic.auth.user.info': `${user}:${password}` }
}

export function bearerLogin(token: string): Record<string, string> {
  return { 'bearer.auth.credentials.source': 'STATIC_TOKEN', 'bearer.auth.token': token }
}

export class ConfluentReader implements AsyncDisposable {
  readonly #peer: JavaPeer

  constructor(peer: JavaPeer) {
    this.#peer = peer
  }

  /** As a consumer gets it: the writer's schema from the registry, and the value. */
  async avro(values: readonly Uint8Array[], request: ConfluentRequest): Promise<AvroJson[]> {
    return parsed(await this.#ask('avro', values, request))
  }

  /** As a sink connector gets it, with Connect's schema, written by Connect's JsonConverter. */
  async connect(values: readonly Uint8Array[], request: ConfluentRequest): Promise<ConnectJson[]> {
    return parsed(await this.#ask('connect', values, request))
  }

  async #ask(name: string, values: readonly Uint8Array[], { registry, topic, isKey = false, config = {} }: ConfluentRequest): Promise<unknown> {
    return await this.#peer.ask({ do: name, values: values.map(base64), topic, isKey, config: { ...config, 'schema.registry.url': registry } })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#peer[Symbol.asyncDispose]()
  }
}
