import type { KinesisClientConfig } from '@aws-sdk/client-kinesis'

/** What sends a command: a KinesisClient of the AWS SDK, or anything that behaves like one. */
export interface KinesisSender {
  send(command: object, options?: { readonly abortSignal?: AbortSignal }): Promise<unknown>
}

/** Options of {@link kinesisSink}. */
export interface KinesisSinkOptions {
  /** The stream's name or ARN: one for everything, or a function that names one for each destination. Default: the stream is called as the destination. */
  readonly stream?: string | ((destination: string) => string)
  /** Make streams that are missing, with so many shards or with on-demand capacity, and wait until they are active. Default: they must be there. */
  readonly createStreams?: { readonly shards: number } | { readonly onDemand: true }
  /** For example `eu-central-1`. Default: the SDK's own choice (AWS_REGION, the profile). */
  readonly region?: string
  /** Another address than the region's. A plain `http:` one is spoken to in HTTP/1.1. */
  readonly endpoint?: string
  readonly credentials?: {
    /** A profile of the shared AWS files. Default: the SDK's default provider chain. */
    readonly profile?: string
  }
  /** Passed to the KinesisClient that the sink makes, below the three options before. `maxAttempts` is 1 unless given: the sink retries by itself. */
  readonly clientConfig?: KinesisClientConfig
  /** A client of your own instead. It stays open when the sink closes. */
  readonly client?: KinesisSender
  /** How a key becomes the partition key: its bytes as UTF-8 text (base64 where they are no UTF-8), as base64, or as SHA-256 in hex. Text longer than 256 characters becomes SHA-256 in hex. Default `text`. */
  readonly partitionKey?: 'text' | 'base64' | 'sha256'
  /** The partition key of records without a key. Default `default`: they stay in order, in one shard. */
  readonly nullKey?: string
  /** Give each record without a key a random partition key: all shards take them, in no order. Default false. */
  readonly spreadNullKeys?: boolean
  /** A hash key (decimal, 0 to 2^128 - 1) that chooses the shard in place of the partition key, or undefined. The key's bytes are valid during the call only. Default none. */
  readonly explicitHashKey?: (destination: string, key: Buffer | null) => string | undefined
  /**
   * Send records of one partition key that wait together as one Kinesis record of up to 51200 bytes, in the Kinesis Producer
   * Library's format: a hot key then is as fast as others. Consumers must take such records apart: the KCL does, others need a library. Default false.
   */
  readonly aggregate?: boolean
  /** A tombstone's data: `empty` bytes, as Debezium Server sends it, or `skip` to send none. Default `empty`. */
  readonly tombstones?: 'empty' | 'skip'
  /** Where records go that are larger than `maxRecordBytes`; without it such a record is an error. */
  readonly deadLetter?: {
    /** The stream's name or ARN. */
    readonly stream: string
    /** Bytes of a value that are kept in it. Default 65536, at most 131072. */
    readonly maxValueBytes?: number
  }
  /** Records in a request. Default 500, which is also the most that Kinesis takes. */
  readonly batchSize?: number
  /** Bytes of one record, data and partition key. Default 1048576 (1 MiB); a stream can be set to take up to 10485760. Error TR_KINESIS_RECORD_TOO_LARGE. */
  readonly maxRecordBytes?: number
  /** Bytes of one request, data and partition keys. Default 5242880 (5 MiB), or `maxRecordBytes` where that is more; at most 10485760. */
  readonly maxRequestBytes?: number
  /** Requests to one stream at the same time, never two with the same partition key. Default 8. */
  readonly maxInFlight?: number
  readonly buffer?: {
    /** Bytes of records taken from the engine and not stored yet; then a write waits. Default 16777216 (16 MiB). */
    readonly maxBytes?: number
    /** Records of one partition key among them. Unless they are aggregated each needs a request of its own, so they bound how long a flush takes. Default 1000. */
    readonly maxRecordsPerKey?: number
  }
  /** Milliseconds that a request may take. Default 30000. */
  readonly requestTimeoutMs?: number
  readonly retry?: {
    /** Milliseconds before a request, or a throttled shard's records, are sent again; doubles each time. Default 100. */
    readonly initialDelayMs?: number
    /** Longest delay. Default 10000. */
    readonly maxDelayMs?: number
  }
  /** Milliseconds that a record may take from its first sending until it is stored. Default unlimited. Error TR_KINESIS_TIMEOUT. */
  readonly deliveryTimeoutMs?: number
}
