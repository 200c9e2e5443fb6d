import { channel } from 'node:diagnostics_channel'
import { expect, describe, test } from 'vitest'
import { CHANNELS, createEngine, TailraceError, type ChangeEvent, type Engine, type EngineOptions } from '../../../src/index.ts'
import { faultyOffsets, faultySink, memoryOffsets, memorySink, sampleEvents } from '../../../src/testing/index.ts'
import { ScriptedSource } from './scripted-source.ts'

const BATCHES = [sampleEvents(2), sampleEvents(3, 3), sampleEvents(1, 6)]
const IDS = BATCHES.flat().map(({ id }) => id)

function engineOf(options: Partial<EngineOptions> = {}): Engine {
  return createEngine({ name: 'unit', source: new ScriptedSource(BATCHES), offsets: memoryOffsets(), offsetFlush: { intervalMs: 0 }, stopTimeoutMs: 200, ...options })
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  return await work.then(() => undefined, (error: unknown) => (error instanceof TailraceError ? error.code : String(error)))
}

describe('for await over an engine', () => {
  test('gives every batch, in order; a batch is done with when the next is asked for', async () => {
    const source = new ScriptedSource(BATCHES, true)
    const offsets = memoryOffsets()
    const seen: string[] = []
    for await (const batch of engineOf({ source, offsets })) {
      expect(offsets.current?.position['at'] ?? 0).toBeLessThanOrEqual(seen.length)
      seen.push(...batch.map(({ id }) => id))
    }
    expect(seen).toEqual(IDS)
    expect(offsets.current?.position).toEqual({ phase: 'stream', at: 6 })
    expect(source.disposed).toBe(1)
  })

  test.each(['break', 'throw'])('%s stops it, and the batch at hand comes again', async (how) => {
    const offsets = memoryOffsets()
    const source = new ScriptedSource(BATCHES)
    const engine = engineOf({ source, offsets })
    const leave = async (): Promise<void> => {
      let count = 0
      for await (const batch of engine) {
        void batch
        if (++count < 2) continue
        if (how === 'throw') throw new Error('of the reader')
        break
      }
    }
    expect(await codeOf(leave())).toBe(how === 'throw' ? 'Error: of the reader' : undefined)
    expect(['stopped', 'failed']).toContain(engine.state)
    expect(offsets.current?.position['at']).toBe(2)
    expect(source.disposed).toBe(1)
    const again = new ScriptedSource(BATCHES, true)
    const seen: string[] = []
    for await (const batch of engineOf({ source: again, offsets })) seen.push(...batch.map(({ id }) => id))
    expect(seen).toEqual(IDS.slice(2))
  })

  test('an error of the engine ends the loop with it', async () => {
    const source = new ScriptedSource(BATCHES)
    source.findings = [{ level: 'error', error: new TailraceError('TR_PG_WAL_LEVEL') }]
    const read = async (): Promise<void> => {
      for await (const batch of engineOf({ source })) void batch
    }
    expect(await codeOf(read())).toBe('TR_PG_WAL_LEVEL')
  })

  test('a stop from elsewhere ends the loop, even while the reader keeps a batch', async () => {
    const engine = engineOf()
    const seen: (readonly ChangeEvent[])[] = []
    const read = async (): Promise<void> => {
      for await (const batch of engine) {
        seen.push(batch)
        await engine.stop()
      }
    }
    expect(await codeOf(read())).toBe('TR_ENGINE_STOP_TIMEOUT')
    expect(seen).toHaveLength(1)
  })

  test('only once, and only without a sink', () => {
    const engine = engineOf()
    void engine[Symbol.asyncIterator]()
    expect(() => engine[Symbol.asyncIterator]()).toThrow('once')
    expect(() => engineOf({ sink: () => {} })[Symbol.asyncIterator]()).toThrow('without a sink')
  })
})

describe('an engine ends', () => {
  test('when its signal aborts: what was delivered is stored and confirmed', async () => {
    const source = new ScriptedSource(BATCHES)
    const offsets = memoryOffsets()
    const sink = memorySink({ accepts: 'events' })
    const controller = new AbortController()
    const running = engineOf({ source, offsets, sink, offsetFlush: { intervalMs: 60_000 } }).run({ signal: controller.signal })
    await sink.waitFor(6)
    controller.abort()
    await running
    expect(offsets.current?.position['at']).toBe(6)
    expect(source.acknowledged.at(-1)).toBe(6)
  })

  test('at once when its signal has aborted before', async () => {
    const source = new ScriptedSource(BATCHES)
    await engineOf({ source, sink: () => {} }).run({ signal: AbortSignal.abort() })
    expect(source.openedFrom).toEqual([])
    expect(source.disposed).toBe(1)
  })

  test('at the end of its scope with await using', async () => {
    const source = new ScriptedSource(BATCHES)
    let kept: Engine
    {
      await using engine = engineOf({ source, sink: () => {} })
      kept = engine
      engine.run().catch(() => {})
    }
    expect(kept.state).toBe('stopped')
    expect(source.disposed).toBe(1)
  })

  test('before it ever ran: what it was given is closed', async () => {
    const source = new ScriptedSource(BATCHES)
    const engine = engineOf({ source, sink: () => {} })
    await engine.stop()
    expect([engine.state, source.openedFrom, source.disposed]).toEqual(['stopped', [], 1])
    expect(await codeOf(engine.run())).toBe('TR_ENGINE_STATE')
  })

  test('a store that never settles: the stop ends all the same, and nothing is confirmed', async () => {
    const source = new ScriptedSource(BATCHES)
    const engine = engineOf({ source, sink: () => {}, offsets: faultyOffsets(memoryOffsets(), { save: () => ({ fault: 'never' }) }) })
    const running = codeOf(engine.run())
    while (engine.stats().positions.durable === undefined) await new Promise((resolve) => setImmediate(resolve))
    await engine.stop()
    expect(await running).toBe('TR_ENGINE_STOP_TIMEOUT')
    expect(source.acknowledged).toEqual([])
  })

  test('run() twice is refused, stop() twice is not', async () => {
    const engine = engineOf({ sink: () => {} })
    const running = engine.run()
    expect(await codeOf(engine.run())).toBe('TR_ENGINE_STATE')
    await Promise.all([engine.stop(), engine.stop()])
    await engine.stop()
    await running
  })

  test('a handler that never settles and ignores its signal: the stop ends all the same', async () => {
    const engine = engineOf({ sink: () => new Promise<never>(() => {}) })
    const running = codeOf(engine.run())
    while (engine.stats().positions.sent === undefined) await new Promise((resolve) => setImmediate(resolve))
    await engine.stop()
    expect(await running).toBe('TR_ENGINE_STOP_TIMEOUT')
  })

  test.each([
    ['a plain error', new Error('down'), 'TR_SINK_FAILED'],
    ['an error that calls itself transient', new TailraceError('TR_PG_CONNECT'), 'TR_SINK_FAILED'],
    ['a coded error', new TailraceError('TR_SINK_CLOSED'), 'TR_SINK_CLOSED'],
  ])('when the sink rejects with %s, with the offset untouched', async (_, error, code) => {
    const source = new ScriptedSource(BATCHES)
    const offsets = memoryOffsets()
    const sink = faultySink(memorySink({ accepts: 'events' }), { write: { 2: { fault: 'reject', error } } })
    expect(await codeOf(engineOf({ source, offsets, sink }).run())).toBe(code)
    expect([sink.writes, offsets.current?.position['at'], source.openedFrom.length]).toEqual([2, 2, 1])
  })

  test('a flush that failed once is not believed when it succeeds later', async () => {
    const offsets = memoryOffsets()
    const sink = faultySink(memorySink({ accepts: 'events' }), { write: () => ({ fault: 'accepted' }), flush: { 1: { fault: 'reject' } } })
    expect(await codeOf(engineOf({ offsets, sink }).run())).toBe('TR_SINK_FAILED')
    expect(offsets.current).toBeUndefined()
  })

  test('when saving fails for too long, and the source was told of nothing', async () => {
    const source = new ScriptedSource(BATCHES)
    const offsets = faultyOffsets(memoryOffsets(), { save: () => ({ fault: 'reject' }) })
    const warnings: string[] = []
    const engine = engineOf({ source, offsets, sink: () => {}, offsetFlush: { intervalMs: 0, failAfterMs: 150 } }).on('warning', ({ code }) => warnings.push(code))
    expect(await codeOf(engine.run())).toBe('TR_OFFSET_WRITE')
    expect(warnings).toContain('TR_OFFSET_WRITE')
    expect(source.acknowledged).toEqual([])
  })

  test('all problems of preflight are told at once', async () => {
    const source = new ScriptedSource(BATCHES)
    source.findings = [{ level: 'error', error: new TailraceError('TR_PG_WAL_LEVEL') }, { level: 'warning', error: new TailraceError('TR_PG_LIMIT') }, { level: 'error', error: new TailraceError('TR_PG_PRIVILEGE') }]
    await expect(engineOf({ source, sink: () => {} }).run()).rejects.toThrow(/2 problems:\nTR_PG_WAL_LEVEL.*\nTR_PG_PRIVILEGE/)
  })
})

describe('what an engine tells', () => {
  test('figures of what it has done', async () => {
    const engine = engineOf({ sink: memorySink({ accepts: 'events' }), stopAfter: 6 })
    expect(engine.stats()).toMatchObject({ state: 'idle', delivered: 0, retries: 0, positions: { sent: undefined, durable: undefined } })
    await engine.run()
    expect(engine.stats()).toMatchObject({
      state: 'stopped', delivered: 6, retries: 0, bufferedBytes: 7, operations: { c: 6, u: 0, d: 0, r: 0, t: 0, m: 0, s: 0, b: 0, e: 0 }, positions: { sent: '6', durable: '6', stored: '6', confirmed: '6' }, lag: { bytes: 0 },
    })
  })

  test('its moves, its offsets and its batches, on diagnostics channels too', async () => {
    const heard: [string, unknown][] = []
    const listeners = Object.values(CHANNELS).map((name) => {
      const listen = (message: unknown): void => void heard.push([name, message])
      channel(name).subscribe(listen)
      return () => channel(name).unsubscribe(listen)
    })
    const states: string[] = []
    const source = new ScriptedSource(BATCHES)
    source.findings = [{ level: 'warning', error: new TailraceError('TR_PG_LIMIT') }]
    try {
      await engineOf({ source, sink: () => {}, stopAfter: 2 }).on('state', ({ state }) => states.push(state)).run()
    } finally {
      for (const end of listeners) end()
    }
    expect(states).toEqual(['preflight', 'streaming', 'draining', 'stopped'])
    expect(heard.filter(([name]) => name === 'tailrace:state').map(([, message]) => (message as { state: string }).state)).toEqual(states)
    expect(heard).toContainEqual(['tailrace:batch', { engine: 'unit', units: 2, position: '2' }])
    expect(heard).toContainEqual(['tailrace:offset', { engine: 'unit', position: { phase: 'stream', at: 2 } }])
    expect(heard).toContainEqual(['tailrace:warning', expect.objectContaining({ engine: 'unit' })])
  })
})
