import type { ChangeEvent } from './event/change-event.ts'
import { Engine } from './engine/engine.ts'
import { checkOptions } from './engine/check-options.ts'
import type { EngineOptions, Handler } from './engine/options.ts'
import { TailraceError } from './error/tailrace-error.ts'
import { debeziumJson } from './format/json/debezium-json.ts'
import { callbackSink } from './sink/callback/callback.ts'
import { HandOff } from './sink/callback/hand-off.ts'

/**
 * Makes an engine; `run()` starts it. `Row` and `Key` say what the handler's events hold, for example `createEngine<Order>(…)`.
 * Errors: TR_CONFIG_INVALID.
 *
 * ```ts
 * const engine = createEngine({
 *   name: 'orders',
 *   source: postgres({ connection: process.env.DATABASE_URL!, tables: ['public.orders'] }),
 *   offsets: fileOffsets('orders.offset.json'),
 *   sink: async (events) => { for (const event of events) await cache.del(`order:${event.key?.id}`) },
 * })
 * await engine.run({ signal })
 * ```
 */
export function createEngine<Row = Record<string, unknown>, Key = Record<string, unknown>>(options: EngineOptions<Row, Key>): Engine {
  checkOptions(options)
  const handOff = options.sink === undefined ? new HandOff() : undefined
  const sink = handOff ?? (typeof options.sink === 'function' ? callbackSink(options.sink as Handler) : options.sink!)
  const format = sink.accepts === 'records' ? (options.format ?? debeziumJson({ logicalName: options.name })) : undefined
  return new Engine(options as EngineOptions, sink, format, handOff === undefined ? undefined : (engine) => iterate(engine, handOff))
}

/** Runs the engine behind a reader's `for await`; leaving the loop stops it. */
async function* iterate(engine: Engine, handOff: HandOff): AsyncGenerator<readonly ChangeEvent[], void, undefined> {
  const running = engine.run().finally(() => handOff.end())
  running.catch(() => {})
  try {
    for (let batch = await handOff.next(); batch !== undefined; batch = await handOff.next()) yield batch
    await running
  } finally {
    handOff.abandon(new TailraceError('TR_SINK_CLOSED', { message: 'The loop was left' }))
    await engine.stop()
  }
}
