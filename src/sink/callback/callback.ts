import type { ChangeEvent } from '../../event/change-event.ts'
import { isTailraceError, TailraceError } from '../../error/tailrace-error.ts'
import type { Batch, Sink } from '../sink.ts'

/** A sink that calls a function with each batch and waits for it. */
export function callbackSink(handle: (events: readonly ChangeEvent[], signal: AbortSignal) => void | Promise<void>): Sink {
  return {
    accepts: 'events',
    async write(batch: Batch, signal: AbortSignal) {
      try {
        await handle(batch.events, signal)
        return 'durable'
      } catch (cause) {
        if (isTailraceError(cause)) throw cause
        throw new TailraceError('TR_SINK_FAILED', { message: `The handler rejected a batch of ${batch.events.length} events`, where: { events: batch.events.length }, cause })
      }
    },
    async flush() {},
    async [Symbol.asyncDispose]() {},
  }
}

/** Options of {@link eachEvent}. */
export interface EachEventOptions<Row = Record<string, unknown>, Key = Record<string, unknown>> {
  /** Events handled at the same time, never two of one key. Default 1: strictly in order. */
  readonly concurrency?: number
  /** What must stay in order. Default: the table and its key. */
  readonly keyOf?: (event: ChangeEvent<Row, Key>) => string
}

/**
 * A batch handler from a function over one event. With `concurrency`, events of different keys run side by side; those of
 * one key, and all events of a table without a key, one after the other. Truncates, messages and whatever else
 * is of no row wait for everything before them. A rejection rejects the batch, once what runs has settled.
 */
export function eachEvent<Row = Record<string, unknown>, Key = Record<string, unknown>>(
  handle: (event: ChangeEvent<Row, Key>, signal: AbortSignal) => void | Promise<void>, options: EachEventOptions<Row, Key> = {},
): (events: readonly ChangeEvent<Row, Key>[], signal: AbortSignal) => Promise<void> {
  return overEvents(handle as HandleEvent, options as EachEventOptions) as ReturnType<typeof eachEvent<Row, Key>>
}

type HandleEvent = (event: ChangeEvent, signal: AbortSignal) => void | Promise<void>

function overEvents(handle: HandleEvent, { concurrency = 1, keyOf = tableAndKey }: EachEventOptions): (events: readonly ChangeEvent[], signal: AbortSignal) => Promise<void> {
  if (!Number.isInteger(concurrency) || concurrency < 1) throw new TailraceError('TR_CONFIG_INVALID', { message: 'concurrency must be a whole number of at least 1' })
  return async (events, signal) => {
    if (concurrency === 1) {
      for (const event of events) await handle(event, signal)
      return
    }
    let from = 0
    for (let index = 0; index <= events.length; index++) {
      const event = events[index]
      if (event !== undefined && event.op !== 't' && event.detail === undefined) continue
      await runLanes(lanesOf(events.slice(from, index), keyOf), concurrency, handle, signal)
      if (event !== undefined) await handle(event, signal)
      from = index + 1
    }
  }
}

/** Events of one key, in order. */
function lanesOf(events: readonly ChangeEvent[], keyOf: (event: ChangeEvent) => string): ChangeEvent[][] {
  const lanes = new Map<string, ChangeEvent[]>()
  for (const event of events) {
    const key = keyOf(event)
    const lane = lanes.get(key)
    if (lane === undefined) lanes.set(key, [event])
    else lane.push(event)
  }
  return [...lanes.values()]
}

async function runLanes(lanes: readonly (readonly ChangeEvent[])[], concurrency: number, handle: (event: ChangeEvent, signal: AbortSignal) => void | Promise<void>, signal: AbortSignal): Promise<void> {
  let next = 0
  let failed = false
  const worker = async (): Promise<void> => {
    while (!failed && next < lanes.length) {
      for (const event of lanes[next++]!) {
        if (failed) return
        try {
          await handle(event, signal)
        } catch (error) {
          failed = true
          throw error
        }
      }
    }
  }
  const results = await Promise.allSettled(Array.from({ length: Math.min(concurrency, lanes.length) }, worker))
  const rejected = results.find((result) => result.status === 'rejected')
  if (rejected !== undefined) throw rejected.reason
}

/** A key update's two events share a lane: the create must not overtake the delete. */
function tableAndKey(event: ChangeEvent): string {
  const table = `${event.table.schema}.${event.table.name}`
  const { key } = event
  return key === null || event.otherKeyImage !== undefined ? table : `${table}:${JSON.stringify(Object.values(key), (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}`
}
