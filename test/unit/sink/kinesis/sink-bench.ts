import { kinesisSink, type KinesisSinkOptions } from '../../../../src/sink/kinesis/index.ts'
import type { TailraceError } from '../../../../src/error/tailrace-error.ts'
import { reachNothing } from '../../../../src/observe/failpoint.ts'
import { silentLogger } from '../../../../src/observe/logger.ts'
import type { Sink, SinkContext } from '../../../../src/sink/sink.ts'
import { sampleRecords, type SampleRecord } from '../../../../src/testing/index.ts'
import { systemClock } from '../../../../src/time/clock.ts'

export const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' }

export interface Opened extends AsyncDisposable {
  readonly sink: Sink
  readonly warnings: TailraceError[]
  write(records: readonly SampleRecord[], signal?: AbortSignal): Promise<'durable' | 'accepted'>
  flush(signal?: AbortSignal): Promise<void>
}

/** A sink onto an endpoint, opened as an engine does. */
export async function openSink(endpoint: string, options: KinesisSinkOptions = {}, context: Partial<SinkContext> = {}): Promise<Opened> {
  const sink = kinesisSink({ endpoint, region: 'us-east-1', clientConfig: { credentials: CREDENTIALS }, retry: { initialDelayMs: 10, maxDelayMs: 100 }, ...options })
  const warnings: TailraceError[] = []
  const never = new AbortController().signal
  await sink.open!({ engine: 'test', clock: systemClock, random: Math.random, logger: silentLogger, reach: reachNothing, warn: (error) => warnings.push(error), ...context }, never).catch(async (error: unknown) => {
    await sink[Symbol.asyncDispose]()
    throw error
  })
  return {
    sink, warnings,
    write: (records, signal = never) => sink.write({ events: [], records: sampleRecords(records) }, signal),
    flush: (signal = never) => sink.flush(signal),
    [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose](),
  }
}

/** `count` records of one key, numbered from 1 in their values. */
export function numberedRecords(key: string | null, count: number, destination = 'orders'): SampleRecord[] {
  return Array.from({ length: count }, (_, index) => ({ destination, key, value: `${key ?? 'null'}:${index + 1}` }))
}

export function texts(records: readonly { readonly data: Buffer }[]): string[] {
  return records.map(({ data }) => data.toString())
}

export function valueOf({ Data }: { readonly Data: string }): string {
  return Buffer.from(Data, 'base64').toString()
}

/** What the work was rejected with. */
export async function failureOf(work: Promise<unknown>): Promise<TailraceError> {
  const failure: unknown = await work.then(() => undefined, (error: unknown) => error)
  if (failure === undefined) throw new Error('it was not rejected')
  return failure as TailraceError
}
