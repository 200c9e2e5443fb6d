import { TailraceError } from '../../error/tailrace-error.ts'
import { isStreamName } from './stream-name.ts'
import type { KinesisSinkOptions } from './options.ts'

/** {@link KinesisSinkOptions} with every default filled in and every value checked. */
export interface Settings {
  /** One stream for all. */
  readonly stream: string | undefined
  readonly streamOf: (destination: string) => string
  readonly create: KinesisSinkOptions['createStreams']
  readonly partitionKey: 'text' | 'base64' | 'sha256'
  readonly nullKey: string
  readonly spreadNullKeys: boolean
  readonly explicitHashKey: KinesisSinkOptions['explicitHashKey']
  readonly aggregate: boolean
  readonly skipTombstones: boolean
  readonly deadLetter: { readonly stream: string; readonly maxValueBytes: number } | undefined
  readonly batchSize: number
  readonly maxRecordBytes: number
  readonly maxRequestBytes: number
  readonly maxInFlight: number
  readonly maxBufferBytes: number
  readonly maxRecordsPerKey: number
  readonly requestTimeoutMs: number
  readonly initialDelayMs: number
  readonly maxDelayMs: number
  readonly deliveryTimeoutMs: number
}

const MIB = 1024 * 1024
/** PutRecords: 500 records, 10 MiB a record and request (https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html). */
const MOST_RECORDS = 500
const MOST_BYTES = 10 * MIB
/** Of a partition key, in characters. */
export const MAX_KEY_LENGTH = 256
/** A value that is cut may grow sixfold as JSON, and must fit 1 MiB still. */
const MOST_DEAD_BYTES = 128 * 1024

/** Errors: TR_CONFIG_INVALID, naming every problem at once. */
export function resolveSettings(options: KinesisSinkOptions): Settings {
  const problems: string[] = []
  const whole = (name: string, value: number | undefined, fallback: number, least: number, most = Number.MAX_SAFE_INTEGER): number => {
    if (value === undefined) return fallback
    if (!Number.isSafeInteger(value) || value < least || value > most) problems.push(`${name} must be a whole number from ${least}${most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`}`)
    return value
  }
  const { stream, createStreams: create, deadLetter, nullKey = 'default', partitionKey = 'text', tombstones = 'empty' } = options
  if (typeof stream === 'string' && !isStreamName(stream)) problems.push('stream must be a stream’s name (letters, digits, _ . -; at most 128) or ARN')
  if (deadLetter !== undefined && !isStreamName(deadLetter.stream)) problems.push('deadLetter.stream must be a stream’s name or ARN')
  if (nullKey === '' || nullKey.length > MAX_KEY_LENGTH) problems.push(`nullKey must be 1 to ${MAX_KEY_LENGTH} characters`)
  if (!['text', 'base64', 'sha256'].includes(partitionKey)) problems.push('partitionKey must be one of text, base64, sha256')
  if (!['empty', 'skip'].includes(tombstones)) problems.push('tombstones must be one of empty, skip')
  if (create !== undefined) {
    if ('shards' in create) whole('createStreams.shards', create.shards, 1, 1)
    else if (create.onDemand !== true) problems.push('createStreams must be { shards } or { onDemand: true }')
  }
  if (options.client !== undefined && (options.clientConfig ?? options.region ?? options.endpoint ?? options.credentials) !== undefined) problems.push('client comes with its own region, endpoint, credentials and clientConfig')
  if (options.endpoint !== undefined && !URL.canParse(options.endpoint)) problems.push('endpoint must be a URL')
  const maxRecordBytes = whole('maxRecordBytes', options.maxRecordBytes, MIB, 1, MOST_BYTES)
  const maxRequestBytes = whole('maxRequestBytes', options.maxRequestBytes, Math.max(5 * MIB, maxRecordBytes), 1, MOST_BYTES)
  if (maxRequestBytes < maxRecordBytes) problems.push('maxRequestBytes must be at least maxRecordBytes')
  const settings: Settings = {
    stream: typeof stream === 'string' ? stream : undefined,
    streamOf: typeof stream === 'function' ? stream : (destination) => stream ?? destination,
    create, partitionKey, nullKey, spreadNullKeys: options.spreadNullKeys ?? false, explicitHashKey: options.explicitHashKey, aggregate: options.aggregate ?? false, skipTombstones: tombstones === 'skip',
    deadLetter: deadLetter === undefined ? undefined : { stream: deadLetter.stream, maxValueBytes: whole('deadLetter.maxValueBytes', deadLetter.maxValueBytes, 65_536, 0, MOST_DEAD_BYTES) },
    batchSize: whole('batchSize', options.batchSize, MOST_RECORDS, 1, MOST_RECORDS),
    maxRecordBytes, maxRequestBytes,
    maxInFlight: whole('maxInFlight', options.maxInFlight, 8, 1, 1_000),
    maxBufferBytes: whole('buffer.maxBytes', options.buffer?.maxBytes, 16 * MIB, 1),
    maxRecordsPerKey: whole('buffer.maxRecordsPerKey', options.buffer?.maxRecordsPerKey, 1_000, 1),
    requestTimeoutMs: whole('requestTimeoutMs', options.requestTimeoutMs, 30_000, 1),
    initialDelayMs: whole('retry.initialDelayMs', options.retry?.initialDelayMs, 100, 1),
    maxDelayMs: whole('retry.maxDelayMs', options.retry?.maxDelayMs, 10_000, 1),
    deliveryTimeoutMs: whole('deliveryTimeoutMs', options.deliveryTimeoutMs, Infinity, 1),
  }
  if (problems.length > 0) throw new TailraceError('TR_CONFIG_INVALID', { message: `The Kinesis options are not valid: ${problems.join('; ')}` })
  return settings
}
