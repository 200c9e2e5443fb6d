import { randomUUID } from 'node:crypto'
import { TailraceError } from '../../error/tailrace-error.ts'
import { ABSENT, type RecordBatch } from '../../format/record-batch.ts'
import type { Batch, Sink, SinkContext } from '../sink.ts'
import { SendBuffer, type Chunk } from './buffer.ts'
import { Calls } from './calls.ts'
import { loadSdk, openClient } from './client.ts'
import { deadLetter } from './dead-letter.ts'
import type { KinesisSinkOptions } from './options.ts'
import { partitionKeyOf } from './partition-key.ts'
import { resolveSettings, type Settings } from './settings.ts'
import { checkedHashKey } from './shard-map.ts'
import { checkedStream } from './stream-name.ts'
import { finalError, StreamSender } from './stream-sender.ts'
import type { Surroundings } from './surroundings.ts'

/** Values are copied in pieces of about this size. */
const CHUNK_BYTES = 1024 * 1024
/** Destinations come from tables, so there are few; a transform may invent any number. */
const MAX_DESTINATIONS = 10_000
/** A wrong address is not tried for ever before anything was sent. */
const OPEN_PATIENCE_MS = 30_000

export class KinesisSink implements Sink {
  readonly accepts = 'records'
  readonly #options: KinesisSinkOptions
  readonly #settings: Settings
  readonly #buffer: SendBuffer
  readonly #closing = new AbortController()
  readonly #senders = new Map<string, StreamSender>()
  readonly #destinations = new Map<string, StreamSender>()
  #surroundings: Surroundings | undefined
  #close: () => void = () => {}

  constructor(options: KinesisSinkOptions) {
    this.#options = options
    this.#settings = resolveSettings(options)
    this.#buffer = new SendBuffer(this.#settings.maxBufferBytes)
  }

  async open(context: SinkContext, signal: AbortSignal): Promise<void> {
    const settings = this.#settings
    const stop = (): void => this.#closing.abort(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    try {
      signal.throwIfAborted()
      const sdk = await loadSdk()
      const { sender, close } = await openClient(this.#options, sdk)
      if (this.#closing.signal.aborted) close()
      else this.#close = close
      const calls = new Calls(sdk, sender, context.clock, settings.requestTimeoutMs)
      this.#surroundings = { settings, calls, context, buffer: this.#buffer, closing: this.#closing.signal, fail: (error) => this.#buffer.fail(error) }
      this.#closing.signal.throwIfAborted()
      this.#closing.signal.addEventListener('abort', () => calls.close(), { once: true })
      const fixed = new Set([settings.stream, settings.deadLetter?.stream].filter((stream) => stream !== undefined))
      for (const stream of fixed) await this.#newSender(stream).prepare(Math.min(OPEN_PATIENCE_MS, settings.deliveryTimeoutMs))
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  async write({ records }: Batch, signal: AbortSignal): Promise<'accepted'> {
    signal.throwIfAborted()
    if (records === undefined) throw new TailraceError('TR_ENGINE_INVARIANT', { message: 'A batch for a sink of records has none' })
    const buffer = this.#buffer
    for (let index = records.first; index < records.end; ) {
      await buffer.until(() => !buffer.full, signal)
      const { storedCount } = buffer
      const next = this.#take(records, index)
      for (const sender of this.#senders.values()) sender.send()
      // its key has as many records waiting as it may
      if (next === index) await buffer.until(() => buffer.storedCount > storedCount, signal)
      index = next
    }
    if (buffer.failure !== undefined) throw buffer.failure
    return 'accepted'
  }

  flush(signal: AbortSignal): Promise<void> {
    return this.#buffer.storedUpTo(this.#buffer.last, signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing.signal.aborted) return
    const closed = new TailraceError('TR_SINK_CLOSED', { message: 'The sink was closed' })
    this.#closing.abort(closed)
    for (const sender of this.#senders.values()) sender.close()
    this.#buffer.fail(closed)
    this.#close()
  }

  /** Copies records from `from` on, a chunk of them, and hands them to their streams; returns the index of the first that is left. */
  #take(records: RecordBatch, from: number): number {
    const { end, size } = extent(records, from)
    const bytes = Buffer.allocUnsafeSlow(size)
    const chunk = this.#buffer.open()
    let length = 0
    let index = from
    try {
      for (; index < end; index++) {
        const taken = this.#enqueue(records, index, chunk, bytes, length)
        if (taken === undefined) break
        length += taken
      }
    } finally {
      this.#buffer.close(chunk, length)
    }
    return index
  }

  /** Bytes of the value that were copied to `into` at `at`; undefined where the record's key has as many waiting as it may. */
  #enqueue(records: RecordBatch, index: number, chunk: Chunk, into: Buffer, at: number): number | undefined {
    const settings = this.#settings
    const valueStart = records.valueStart[index]!
    if (valueStart === ABSENT && settings.skipTombstones) return 0
    const destination = records.destination[index]!
    const sender = this.#senderOf(destination)
    const partitionKey = this.#partitionKey(records, index)
    if (sender.isFull(partitionKey)) return undefined
    const length = valueStart === ABSENT ? 0 : records.valueEnd[index]! - valueStart
    const size = length + Buffer.byteLength(partitionKey)
    if (size > settings.maxRecordBytes) return this.#tooLarge(records, index, partitionKey, size, chunk)
    if (length > 0) records.bytes.copy(into, at, valueStart, valueStart + length)
    sender.add(partitionKey, { data: into.subarray(at, at + length), explicitHashKey: this.#hashKey(records, index), size, chunk })
    return length
  }

  #tooLarge(records: RecordBatch, index: number, partitionKey: string, bytes: number, chunk: Chunk): number | undefined {
    const { maxRecordBytes, deadLetter: dead } = this.#settings
    const destination = records.destination[index]!
    const error = new TailraceError('TR_KINESIS_RECORD_TOO_LARGE', {
      message: `Record ${index - records.first + 1} of a batch, for ${destination}, has ${bytes} bytes, more than ${maxRecordBytes}`,
      where: { destination, record: index - records.first + 1, bytes, maxRecordBytes },
    })
    if (dead === undefined) throw error
    const sender = this.#senders.get(dead.stream)!
    if (sender.isFull(partitionKey)) return undefined
    const data = deadLetter(records, index, error, dead.maxValueBytes)
    sender.add(partitionKey, { data, explicitHashKey: undefined, size: data.length + Buffer.byteLength(partitionKey), chunk })
    this.#surroundings?.context.logger.warn(error.message, error.toJSON())
    return 0
  }

  #partitionKey({ bytes, keyStart, keyEnd }: RecordBatch, index: number): string {
    const settings = this.#settings
    const start = keyStart[index]!
    if (start === ABSENT) return settings.spreadNullKeys ? randomUUID() : settings.nullKey
    return partitionKeyOf(bytes, start, keyEnd[index]!, settings)
  }

  #hashKey({ bytes, destination, keyStart, keyEnd }: RecordBatch, index: number): string | undefined {
    const { explicitHashKey } = this.#settings
    if (explicitHashKey === undefined) return undefined
    const start = keyStart[index]!
    return checkedHashKey(destination[index]!, explicitHashKey(destination[index]!, start === ABSENT ? null : bytes.subarray(start, keyEnd[index])))
  }

  /** A stream that is seen for the first time is prepared while its records wait. */
  #senderOf(destination: string): StreamSender {
    const known = this.#destinations.get(destination)
    if (known !== undefined) return known
    const stream = checkedStream(destination, this.#settings.streamOf(destination))
    let sender = this.#senders.get(stream)
    if (sender === undefined) {
      sender = this.#newSender(stream)
      const ready = sender
      ready.prepare(this.#settings.deliveryTimeoutMs).then(() => ready.send(), (error: unknown) => this.#buffer.fail(finalError(error, stream)))
    }
    if (this.#destinations.size >= MAX_DESTINATIONS) this.#destinations.clear()
    this.#destinations.set(destination, sender)
    return sender
  }

  #newSender(stream: string): StreamSender {
    if (this.#surroundings === undefined) throw new TailraceError('TR_ENGINE_INVARIANT', { message: 'The Kinesis sink was not opened' })
    const sender = new StreamSender(stream, this.#surroundings)
    this.#senders.set(stream, sender)
    return sender
  }
}

/** The records from `from` on that make a chunk, at least one, and the bytes of their values. */
function extent({ valueStart, valueEnd, end }: RecordBatch, from: number): { readonly end: number; readonly size: number } {
  let size = 0
  let index = from
  for (; index < end; index++) {
    const length = valueStart[index] === ABSENT ? 0 : valueEnd[index]! - valueStart[index]!
    if (index > from && size + length > CHUNK_BYTES) break
    size += length
  }
  return { end: index, size }
}
