import type { ChangeEvent } from '../../event/change-event.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { HeaderSet } from '../../format/format.ts'
import { ABSENT, type RecordBatch } from '../../format/record-batch.ts'
import type { Batch, Sink } from '../sink.ts'

/** A record with bytes of its own. */
export interface MemoryRecord {
  readonly destination: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: HeaderSet
}

/** What an event said, independent of the buffers it was read from. */
export type MemoryEvent<Row = Record<string, unknown>, Key = Record<string, unknown>> = Readonly<
  Pick<ChangeEvent<Row, Key>, 'op' | 'table' | 'transaction' | 'snapshot' | 'ordinal' | 'part' | 'before' | 'after' | 'key' | 'source' | 'id' | 'message'>
>

/** A sink that keeps what it gets, for tests. */
export interface MemorySink extends Sink {
  /** Everything delivered so far, where the sink accepts records. */
  readonly records: readonly MemoryRecord[]
  /** Everything delivered so far, where the sink accepts events. */
  readonly events: readonly MemoryEvent[]
  /** Resolves once `count` records or events are there; rejects with TR_SINK_CLOSED when the sink is closed before, or with the signal's reason. */
  waitFor(count: number, signal?: AbortSignal): Promise<void>
}

/** Options of {@link memorySink}. */
export interface MemorySinkOptions {
  /** What to keep, default `records`. */
  readonly accepts?: 'events' | 'records'
}

/** Keeps copies of every record or event in memory. For tests: it grows without bound. */
export function memorySink(options: MemorySinkOptions = {}): MemorySink {
  return new KeepingSink(options.accepts ?? 'records')
}

interface Waiter {
  readonly count: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

class KeepingSink implements MemorySink {
  readonly accepts: 'events' | 'records'
  readonly records: MemoryRecord[] = []
  readonly events: MemoryEvent[] = []
  private waiters: Waiter[] = []
  private closed = false

  constructor(accepts: 'events' | 'records') {
    this.accepts = accepts
  }

  write({ events, records }: Batch): Promise<'durable'> {
    if (this.accepts === 'events') for (const event of events) this.events.push(keepEvent(event))
    else if (records !== undefined) for (let i = records.first; i < records.end; i++) this.records.push(keepRecord(records, i))
    const reached = this.waiters.filter(({ count }) => this.has(count))
    this.waiters = this.waiters.filter(({ count }) => !this.has(count))
    for (const { resolve } of reached) resolve()
    return Promise.resolve('durable')
  }

  flush(): Promise<void> {
    return Promise.resolve()
  }

  waitFor(count: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      if (this.has(count)) return resolve()
      if (this.closed) return reject(this.closedEarly(count))
      const waiter = { count, resolve, reject }
      this.waiters.push(waiter)
      signal?.addEventListener('abort', () => {
        this.waiters = this.waiters.filter((other) => other !== waiter)
        reject(signal.reason as Error)
      }, { once: true })
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.closed = true
    for (const { count, reject } of this.waiters.splice(0)) reject(this.closedEarly(count))
    return Promise.resolve()
  }

  private has(count: number): boolean {
    return (this.accepts === 'events' ? this.events : this.records).length >= count
  }

  private closedEarly(count: number): TailraceError {
    const there = this.accepts === 'events' ? this.events.length : this.records.length
    return new TailraceError('TR_SINK_CLOSED', { message: `The sink was closed with ${there} of ${count} ${this.accepts}`, where: { expected: count, there } })
  }
}

function keepRecord(batch: RecordBatch, index: number): MemoryRecord {
  const copy = (start: number, end: number): Buffer | null => (start === ABSENT ? null : Buffer.from(batch.bytes.subarray(start, end)))
  return {
    destination: batch.destination[index]!,
    key: copy(batch.keyStart[index]!, batch.keyEnd[index]!),
    value: copy(batch.valueStart[index]!, batch.valueEnd[index]!),
    headers: batch.headers[index]!,
  }
}

function keepEvent(event: ChangeEvent): MemoryEvent {
  const { op, table, transaction, snapshot, ordinal, part, source, id, message } = event
  return {
    op, table, transaction, snapshot, ordinal, part, source, id,
    before: keepRow(event.before), after: keepRow(event.after), key: keepRow(event.key),
    message: message === undefined ? undefined : { ...message, content: Buffer.from(message.content) },
  }
}

function keepRow(row: Record<string, unknown> | null): Record<string, unknown> | null {
  return row === null ? null : Object.fromEntries(Object.entries(row).map(([name, value]) => [name, keepValue(value)]))
}

/** Bytes may still lie in the buffer that the row was read from. */
function keepValue(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value)
  return Array.isArray(value) ? value.map(keepValue) : value
}
