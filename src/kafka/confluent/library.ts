import { TailraceError } from '../../error/tailrace-error.ts'

/*
  What is used of @confluentinc/kafka-javascript, the interface that it has from node-rdkafka: its types are not at hand where it is not
  installed, and it is not where no binary of it fits. https://docs.confluent.io/platform/current/clients/confluent-kafka-javascript/docs/
*/

export interface Metadata {
  readonly topics: readonly { readonly name: string; readonly partitions: readonly { readonly id: number; readonly leader: number }[] }[]
}

export interface LibraryError extends Error {
  /** A broker's number, or a negative one of librdkafka's (rdkafka.h, rd_kafka_resp_err_t). */
  readonly code?: number
}

export interface LibraryProducer {
  connect(options: { readonly timeout: number }, done: (error: LibraryError | null | undefined) => void): void
  disconnect(flushMs: number, done: (error?: unknown) => void): void
  getMetadata(options: { readonly topic?: string; readonly timeout: number }, done: (error: LibraryError | null | undefined, metadata: Metadata) => void): void
  produce(topic: string, partition: number, value: Buffer | null, key: Buffer | null, timestampMs: number, opaque: unknown, headers: readonly Readonly<Record<string, Buffer>>[]): unknown
  setPollInterval(ms: number): unknown
  on(event: 'event.error', listener: (error: LibraryError) => void): unknown
  on(event: 'delivery-report', listener: (error: LibraryError | null | undefined, report: { readonly opaque: unknown }) => void): unknown
}

export interface LibraryAdmin {
  createTopic(topic: { readonly topic: string; readonly num_partitions: number; readonly replication_factor: number; readonly config: Readonly<Record<string, string>> }, timeoutMs: number, done: (error?: LibraryError) => void): void
  disconnect(): void
}

export interface Library {
  readonly Producer: new (settings: Readonly<Record<string, unknown>>, topicSettings: Readonly<Record<string, unknown>>) => LibraryProducer
  readonly AdminClient: { create(settings: Readonly<Record<string, unknown>>): LibraryAdmin }
}

const NAME = '@confluentinc/kafka-javascript'

/** Errors: TR_KAFKA_CLIENT. */
export async function loadLibrary(): Promise<Library> {
  try {
    const module = await import('@confluentinc/kafka-javascript')
    return module.default as Library
  } catch (cause) {
    throw new TailraceError('TR_KAFKA_CLIENT', { message: `The package ${NAME} is not installed, or its binary cannot be loaded`, remedy: `npm install ${NAME}`, cause })
  }
}
