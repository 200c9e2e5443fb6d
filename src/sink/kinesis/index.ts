import type { Sink } from '../sink.ts'
import type { KinesisSinkOptions } from './options.ts'
import { KinesisSink } from './sink.ts'

export type { KinesisSender, KinesisSinkOptions } from './options.ts'

/**
 * Sends records to Amazon Kinesis Data Streams: the key as partition key, the value as data; headers are left out. At least once, and the
 * records of one partition key in order, through failures of a part of a request too: docs/kinesis.md says what that costs. Writes
 * resolve `accepted`; a flush waits until everything accepted is stored. Needs the package `@aws-sdk/client-kinesis`.
 *
 * Errors: TR_CONFIG_INVALID here; TR_CONFIG_INVALID, TR_KINESIS_CONNECT, TR_KINESIS_AUTH, TR_KINESIS_STREAM_MISSING from `open`; from then on
 * TR_KINESIS_AUTH, TR_KINESIS_STREAM_MISSING, TR_KINESIS_RECORD_TOO_LARGE, TR_KINESIS_REJECTED, TR_KINESIS_TIMEOUT.
 */
export function kinesisSink(options: KinesisSinkOptions = {}): Sink {
  return new KinesisSink(options)
}
