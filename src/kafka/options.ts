import type { ConnectionOptions } from 'node:tls'

/** How to log in to the brokers. */
export type KafkaSasl =
  | { readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; readonly username: string; readonly password: string }
  | { readonly mechanism: 'oauthbearer'; readonly token: () => Promise<string> }

/**
 * The library that speaks with the brokers. `kafkajs`: its connections, our record batches. `kafkajs-plain`: kafkajs alone, through its public
 * interface (slower). `platformatic`: `@platformatic/kafka`. `confluent`: `@confluentinc/kafka-javascript`.
 */
export type KafkaClientName = 'kafkajs' | 'kafkajs-plain' | 'platformatic' | 'confluent'

/** Where the brokers are; the same for sink, offsets and schema history. */
export interface KafkaConnection {
  /** `host:port`, one or more of the cluster's brokers. */
  readonly brokers: readonly string[]
  /** Default `tailrace`. */
  readonly clientId?: string
  /** True, or the options of Node's `tls.connect`: `ca`, `cert`, `key`, `servername`, … Default: no TLS. */
  readonly tls?: boolean | ConnectionOptions
  /** Default: no login. */
  readonly sasl?: KafkaSasl
  /** Default `kafkajs`. */
  readonly client?: KafkaClientName
  /** Milliseconds until a connection attempt fails. Default 10000. */
  readonly connectTimeoutMs?: number
  /** Milliseconds until an answer is given up. Default 30000. */
  readonly requestTimeoutMs?: number
}
