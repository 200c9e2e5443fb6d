import { expect, describe, test } from 'vitest'
import { Dispatcher } from '../../../src/engine/delivery.ts'
import type { Ledger } from '../../../src/engine/ledger.ts'
import { Pump } from '../../../src/engine/pump.ts'
import { TailraceError } from '../../../src/error/tailrace-error.ts'
import type { Sink } from '../../../src/sink/sink.ts'
import type { ChangeStream } from '../../../src/source/source.ts'
import { sampleEvents } from '../../../src/testing/index.ts'
import { ManualClock, settle } from './manual-clock.ts'
import { batchOf } from './scripted-source.ts'

/** A stream, a sink and a ledger that are moved by hand, and what happened. */
class Bench {
  readonly log: string[] = []
  readonly clock = new ManualClock()
  readonly abort = new AbortController()
  readonly pump: Pump
  #pull: { resolve: (result: IteratorResult<never>) => void; reject: (error: unknown) => void } | undefined
  #write: { resolve: (status: 'durable') => void; reject: (error: unknown) => void } | undefined
  #at = 0

  constructor(stopAfter = Infinity) {
    const sink: Sink = {
      accepts: 'events',
      write: ({ events }) => {
        this.log.push(`write ${events.length}`)
        return new Promise((resolve, reject) => (this.#write = { resolve, reject }))
      },
      flush: async () => {},
      [Symbol.asyncDispose]: async () => {},
    }
    const ledger = {
      send: (position: unknown) => this.log.push(`sent ${String(position)}`),
      settle: (position: unknown) => this.log.push(`settled ${String(position)}`),
      flush: async () => void this.log.push('flush'),
    } as unknown as Ledger
    this.pump = new Pump({ sink, ledger, dispatcher: new Dispatcher(sink, undefined), clock: this.clock, reach: () => {}, signal: this.abort.signal, joined: false, stopAfter, delivered: () => {} })
  }

  run(): Promise<string> {
    const stream = { [Symbol.asyncIterator]: () => ({ next: () => {
      this.log.push('pull')
      return new Promise((resolve, reject) => (this.#pull = { resolve, reject }))
    } }) } as unknown as ChangeStream
    return this.pump.run(stream, 0).then(() => 'done', (error: unknown) => (error as TailraceError).code)
  }

  /** The stream hands over a batch, or its end. */
  async hand(count: number | undefined, barrier = false): Promise<void> {
    const value = count === undefined ? undefined : batchOf(sampleEvents(count), this.#at, barrier)
    this.#at += count ?? 0
    this.#pull!.resolve({ value, done: count === undefined } as never)
    await settle()
  }

  async breakStream(error: unknown): Promise<void> {
    this.#pull!.reject(error)
    await settle()
  }

  async take(): Promise<void> {
    this.#write!.resolve('durable')
    await settle()
  }

  async refuse(error: unknown): Promise<void> {
    this.#write!.reject(error)
    await settle()
  }
}

async function pending(work: Promise<unknown>): Promise<boolean> {
  return (await Promise.race([work, settle().then(() => 'pending')])) === 'pending'
}

describe('batches move', () => {
  test('one is read while one is written, and no more', async () => {
    const bench = new Bench()
    const running = bench.run()
    await bench.hand(2)
    await bench.hand(1)
    expect(bench.log).toEqual(['pull', 'sent 2', 'write 2', 'pull'])
    await bench.take()
    expect(bench.log.slice(4)).toEqual(['settled 2', 'sent 3', 'write 1', 'pull'])
    await bench.take()
    await bench.hand(undefined)
    expect(await running).toBe('done')
  })

  test('one without events is not written', async () => {
    const bench = new Bench()
    const running = bench.run()
    await bench.hand(0)
    expect(bench.log).toEqual(['pull', 'sent 0', 'settled 0', 'pull'])
    await bench.hand(undefined)
    await running
  })

  test('behind a barrier nothing is read before it is settled and stored', async () => {
    const bench = new Bench()
    void bench.run()
    await bench.hand(1, true)
    expect(bench.log.at(-1)).toBe('write 1')
    await bench.take()
    expect(bench.log.slice(-3)).toEqual(['settled 1', 'flush', 'pull'])
  })
})

describe('it ends', () => {
  test('at the limit, in the middle of a batch', async () => {
    const bench = new Bench(3)
    const running = bench.run()
    await bench.hand(2)
    await bench.take()
    await bench.hand(2)
    await bench.take()
    expect(await running).toBe('done')
    expect(bench.log.filter((line) => line !== 'pull')).toEqual(['sent 2', 'write 2', 'settled 2', 'sent 3', 'write 1', 'settled 3'])
  })

  test('when it is told to, once what is in flight has settled; what was read is left', async () => {
    const bench = new Bench()
    const running = bench.run()
    await bench.hand(1)
    await bench.hand(1)
    bench.pump.stop()
    expect(await pending(running)).toBe(true)
    await bench.take()
    expect(await running).toBe('done')
    expect(bench.log.filter((line) => line.startsWith('write'))).toHaveLength(1)
  })

  test('with the stream’s error, once what is in flight has settled', async () => {
    const bench = new Bench()
    const running = bench.run()
    await bench.hand(1)
    await bench.breakStream(new TailraceError('TR_PG_DISCONNECTED'))
    expect(await pending(running)).toBe(true)
    await bench.take()
    expect(await running).toBe('TR_PG_DISCONNECTED')
    expect(bench.log.at(-1)).toBe('settled 1')
    expect(bench.pump.failure).toBeUndefined()
  })

  test('with the sink’s error, at once while it reads', async () => {
    const bench = new Bench()
    const running = bench.run()
    await bench.hand(1)
    await bench.refuse(new Error('down'))
    expect(await running).toBe('TR_SINK_FAILED')
    expect(bench.pump.failure?.code).toBe('TR_SINK_FAILED')
    expect(bench.log).not.toContain('settled 1')
  })

  test('with a failure from elsewhere, once what is in flight has settled, and the first one counts', async () => {
    const bench = new Bench()
    const running = bench.run()
    await bench.hand(1)
    bench.pump.fail(new TailraceError('TR_OFFSET_WRITE'))
    bench.pump.fail(new TailraceError('TR_SINK_FAILED'))
    expect(await pending(running)).toBe(true)
    await bench.take()
    expect(await running).toBe('TR_OFFSET_WRITE')
  })

  test('a second after the abort when the sink does not let go, and what it says then is not heard', async () => {
    const bench = new Bench()
    const running = bench.run()
    await bench.hand(1)
    bench.pump.fail(new TailraceError('TR_ENGINE_STOP_TIMEOUT'))
    bench.abort.abort()
    await bench.clock.pass(999)
    expect(await pending(running)).toBe(true)
    await bench.clock.pass(1)
    expect(await running).toBe('TR_ENGINE_STOP_TIMEOUT')
    await bench.take()
    expect(bench.log).not.toContain('settled 1')
  })
})
