import { EventEmitter } from 'eventemitter3'
import type { ChangeEvent } from '../event/change-event.ts'
import { TailraceError } from '../error/tailrace-error.ts'
import { patiently, pause } from '../async/abort.ts'
import type { Format } from '../format/format.ts'
import { reachNothing, type Reach } from '../observe/failpoint.ts'
import { silentLogger, type Logger } from '../observe/logger.ts'
import { publish } from '../observe/channel.ts'
import type { OffsetStore, StoredOffset } from '../offset/offset-store.ts'
import type { Sink, SinkContext } from '../sink/sink.ts'
import type { ChangeStream, Finding, SourceContext, StreamStatus } from '../source/source.ts'
import { systemClock, type Clock } from '../time/clock.ts'
import { Dispatcher, type Delivery } from './delivery.ts'
import { Ledger } from './ledger.ts'
import { Lifecycle, type EngineState } from './lifecycle.ts'
import type { EngineOptions } from './options.ts'
import { LET_GO_MS, Pump } from './pump.ts'
import { Retry, toTailraceError } from './retry.ts'
import type { EngineStats } from './stats.ts'

/** What an engine tells of itself. */
export interface EngineEvents {
  /** It has moved from one state to the next. */
  state: (change: { readonly state: EngineState; readonly from: EngineState }) => void
  /** Something a person should know; the engine goes on. */
  warning: (error: TailraceError) => void
  /** A transient error: the next attempt follows after `delayMs`. */
  retry: (retry: { readonly attempt: number; readonly delayMs: number; readonly error: TailraceError }) => void
  /** An offset is stored. */
  offset: (offset: StoredOffset) => void
  /** Events or records are delivered. */
  delivered: (delivered: { readonly units: number; readonly position: string }) => void
}

/** The part of the engine that moves changes; {@link createEngine} adds what a caller sees. */
export class Engine implements AsyncDisposable {
  readonly #options: EngineOptions
  readonly #sink: Sink
  readonly #offsets: OffsetStore
  readonly #clock: Clock
  readonly #reach: Reach
  readonly #logger: Logger
  readonly #emitter = new EventEmitter<EngineEvents>()
  readonly #lifecycle: Lifecycle
  readonly #abort = new AbortController()
  readonly #dispatcher: Dispatcher
  readonly #ledger: Ledger
  readonly #retry: Retry
  readonly #pump: Pump
  #stream: ChangeStream | undefined
  #lastStatus: StreamStatus | undefined
  #stopping = false
  #running: Promise<void> | undefined
  #delivered = 0
  #lagMicros: bigint | undefined
  #cancelIdle: () => void = () => {}
  #cancelLimit: (() => void) | undefined
  #iterate: (() => AsyncGenerator<readonly ChangeEvent[], void, undefined>) | undefined

  constructor(options: EngineOptions, sink: Sink, format: Format | undefined, iterate: ((engine: Engine) => AsyncGenerator<readonly ChangeEvent[], void, undefined>) | undefined) {
    this.#options = options
    this.#sink = sink
    this.#clock = options.runtime?.clock ?? systemClock
    this.#reach = options.runtime?.reach ?? reachNothing
    this.#logger = options.logger ?? silentLogger
    this.#iterate = iterate === undefined ? undefined : () => iterate(this)
    this.#lifecycle = new Lifecycle((state, from) => this.#changed(state, from))
    this.#dispatcher = new Dispatcher(sink, format)
    this.#retry = new Retry(options.retry ?? {}, options.runtime?.random ?? Math.random)
    const offsets = (this.#offsets = sink.joinOffsets?.(options.offsets) ?? options.offsets)
    const store = { save: async (offset: StoredOffset) => patiently(offsets.save(offset), LET_GO_MS, this.#clock, this.#abort.signal) }
    this.#ledger = new Ledger(store, {
      engine: options.name, source: options.source.kind, clock: this.#clock, reach: this.#reach,
      intervalMs: options.offsetFlush?.intervalMs ?? 1_000, every: options.offsetFlush?.every ?? 100_000, failAfterMs: options.offsetFlush?.failAfterMs ?? 10_000,
      warn: (error) => this.#warn(error),
      saved: (offset) => this.#saved(offset),
      flushSink: async () => patiently(sink.flush(this.#abort.signal), LET_GO_MS, this.#clock, this.#abort.signal),
      fail: (error) => this.#fail(error),
    })
    this.#pump = new Pump({
      sink, dispatcher: this.#dispatcher, ledger: this.#ledger, clock: this.#clock, reach: this.#reach, signal: this.#abort.signal, joined: sink.joinOffsets !== undefined, stopAfter: options.stopAfter ?? Infinity,
      delivered: (delivery) => this.#count(delivery),
    })
  }

  /** Runs until {@link Engine.stop}, the signal, a limit, or an error. Once only. Errors: any TailraceError. */
  run(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    if (this.#running !== undefined) return Promise.reject(new TailraceError('TR_ENGINE_STATE', { message: 'run() was called before' }))
    const { signal } = options
    const stop = (): void => void this.stop().catch(() => {})
    if (signal?.aborted === true) this.#stopping = true
    signal?.addEventListener('abort', stop, { once: true })
    this.#running = this.#run().finally(() => {
      this.#cancelLimit?.()
      signal?.removeEventListener('abort', stop)
    })
    return this.#running
  }

  /** Takes in no more, lets the sink settle what it has, stores the offset, confirms it, closes. Resolves when done; safe to call again. */
  async stop(): Promise<void> {
    if (!this.#stopping) {
      this.#stopping = true
      this.#pump.stop()
      this.#wakeRetry()
      this.#limit()
      this.#running ??= this.#neverRun()
    }
    await this.#running?.catch(() => {})
  }

  on<Name extends keyof EngineEvents>(name: Name, listener: EngineEvents[Name]): this {
    this.#emitter.on(name, listener as never)
    return this
  }

  off<Name extends keyof EngineEvents>(name: Name, listener: EngineEvents[Name]): this {
    this.#emitter.off(name, listener as never)
    return this
  }

  get state(): EngineState {
    return this.#lifecycle.state
  }

  stats(): EngineStats {
    const status = this.#stream?.status() ?? this.#lastStatus
    const positions = this.#ledger.positions
    return {
      state: this.#lifecycle.state,
      positions: { ...positions, received: status?.received, server: status?.server },
      lag: { bytes: status?.lagBytes, seconds: this.#lagMicros === undefined ? undefined : status?.received === positions.durable ? 0 : Number(this.#lagMicros) / 1e6 },
      snapshot: status?.snapshot ?? [],
      operations: { ...this.#dispatcher.counts },
      delivered: this.#delivered,
      bufferedBytes: status?.bufferedBytes ?? 0,
      retries: this.#retry.total,
    }
  }

  /** Preflight alone: every finding, nothing made on the server. */
  preflight(): Promise<Finding[]> {
    return this.#options.source.preflight(this.#context(), this.#abort.signal)
  }

  /** Batches, when the engine was made without a sink. A batch counts as delivered when the next one is asked for. */
  [Symbol.asyncIterator](): AsyncGenerator<readonly ChangeEvent[], void, undefined> {
    const iterate = this.#iterate
    this.#iterate = undefined
    if (iterate === undefined) throw new TailraceError('TR_ENGINE_STATE', { message: 'for await reads an engine that was made without a sink, once' })
    return iterate()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  /** Stopped before it ran: what it was given is closed all the same. */
  async #neverRun(): Promise<void> {
    this.#lifecycle.enter('stopped')
    await this.#close()
    this.#cancelLimit?.()
  }

  /** An end is near: what has not settled by then is aborted. */
  #limit(): void {
    if (this.#cancelLimit !== undefined) return
    const timeoutMs = this.#options.stopTimeoutMs ?? 30_000
    this.#cancelLimit = this.#clock.after(timeoutMs, () => {
      this.#pump.fail(new TailraceError('TR_ENGINE_STOP_TIMEOUT', { message: `The sink did not settle its batch within ${timeoutMs} ms` }))
      this.#abort.abort()
    })
  }

  /** A save that runs by itself may have found that the sink, or the store, is lost. */
  #expectNoFailure(): void {
    if (this.#pump.failure !== undefined) throw this.#pump.failure
  }

  #fail(error: TailraceError): void {
    this.#limit()
    this.#pump.fail(error)
  }

  async #run(): Promise<void> {
    try {
      if (this.#stopping) return await this.#neverRun()
      this.#lifecycle.enter('preflight')
      await this.#openSink()
      const offset = await this.#offsets.load(this.#options.name)
      if (offset !== undefined && offset.source !== this.#options.source.kind) throw new TailraceError('TR_OFFSET_FOREIGN', { message: `The stored offset belongs to a ${offset.source} source` })
      await this.#attempts(offset)
      this.#lifecycle.enter('draining')
      this.#reach('engine.draining')
      await this.#ledger.flush()
      this.#expectNoFailure()
      await this.#close()
      this.#lifecycle.enter('stopped')
    } catch (error) {
      const failure = this.#pump.failure ?? toTailraceError(error)
      this.#limit()
      await this.#ledger.flush().catch(() => {})
      await this.#close().catch(() => {})
      this.#logger.error(failure.message, failure.toJSON())
      if (!this.#lifecycle.ended) this.#lifecycle.enter('failed')
      throw failure
    }
  }

  /** Opens, pumps, and opens again after transient errors. */
  async #attempts(offset: StoredOffset | undefined): Promise<void> {
    let from = offset
    let checked = false
    for (;;) {
      try {
        this.#expectNoFailure()
        if (!checked) {
          await this.#preflight()
          checked = true
        }
        if (this.#stopping) return
        this.#stream = await this.#options.source.open(from, this.#context(), this.#abort.signal)
        this.#retry.opened()
        this.#ledger.attach(this.#stream)
        const skip = this.#stream.startsOver || from?.position['phase'] !== 'stream' ? 0 : (from.partial ?? 0)
        await this.#pump.run(this.#stream, skip)
        return
      } catch (error) {
        const failure = toTailraceError(error)
        const delayMs = this.#stopping || this.#pump.failure !== undefined ? undefined : this.#retry.delayAfter(failure)
        if (this.#stopping && failure.kind === 'transient' && this.#pump.failure === undefined) return
        if (delayMs === undefined) throw failure
        await this.#reconnect(failure, delayMs)
        from = this.#ledger.offset ?? from
      }
    }
  }

  #wakeRetry: () => void = () => {}

  async #reconnect(error: TailraceError, delayMs: number): Promise<void> {
    this.#reach('engine.reconnect')
    const retry = { attempt: this.#retry.attempts, delayMs: Math.round(delayMs), error }
    this.#logger.warn(`retrying after: ${error.message}`, { code: error.code, attempt: retry.attempt, delayMs: retry.delayMs })
    this.#emitter.emit('retry', retry)
    publish('retry', { engine: this.#options.name, ...retry })
    if (this.#stream !== undefined) {
      await this.#ledger.flush()
      await this.#detach()
    }
    const waiting = new AbortController()
    this.#wakeRetry = () => waiting.abort()
    await pause(delayMs, this.#clock, waiting.signal)
    this.#wakeRetry = () => {}
  }

  async #preflight(): Promise<void> {
    const findings = await this.preflight()
    const errors = findings.filter((finding) => finding.level === 'error').map((finding) => finding.error)
    for (const finding of findings) if (finding.level === 'warning') this.#warn(finding.error)
    const [first] = errors
    if (first === undefined) return
    if (errors.length === 1) throw first
    const list = errors.map((error) => `${error.code}: ${error.message} – ${error.remedy}`).join('\n')
    throw new TailraceError(first.code, { message: `${errors.length} problems:\n${list}`, where: first.where, remedy: 'See each problem' })
  }

  async #openSink(): Promise<void> {
    if (this.#sink.open === undefined) return
    const { signal } = this.#abort
    await patiently(this.#sink.open({ engine: this.#options.name, ...this.#lent() }, signal), LET_GO_MS, this.#clock, signal)
  }

  /** What sources and sinks get alike. */
  #lent(): Omit<SinkContext, 'engine'> {
    return { clock: this.#clock, random: this.#options.runtime?.random ?? Math.random, logger: this.#logger, reach: this.#reach, warn: (error) => this.#warn(error) }
  }

  #context(): SourceContext {
    return {
      ...this.#lent(),
      prepare: (tables) => this.#dispatcher.compile(tables),
      enter: (phase) => this.#lifecycle.enter(phase === 'snapshot' ? 'snapshot' : 'streaming'),
      limits: { maxBatchEvents: this.#options.limits?.maxBatchEvents ?? 1_024, maxBatchBytes: this.#options.limits?.maxBatchBytes ?? 131_072 },
    }
  }

  #count(delivery: Delivery): void {
    // a snapshot that fails at the same row each time delivers what is before it each time: that is no progress
    if (this.#lifecycle.state === 'streaming') this.#retry.progressed()
    if (delivery.units === 0) return
    this.#delivered += delivery.units
    if (delivery.last !== undefined) this.#lagMicros = this.#clock.nowMicros() - delivery.last.transaction.timestampMicros
    this.#watchIdle()
    const position = delivery.position.toString()
    this.#emitter.emit('delivered', { units: delivery.units, position })
    publish('batch', { engine: this.#options.name, units: delivery.units, position })
  }

  #watchIdle(): void {
    const { stopWhenIdleMs } = this.#options
    if (stopWhenIdleMs === undefined) return
    this.#cancelIdle()
    this.#cancelIdle = this.#lifecycle.state === 'streaming' ? this.#clock.after(stopWhenIdleMs, () => void this.stop()) : () => {}
  }

  #saved(offset: StoredOffset): void {
    this.#emitter.emit('offset', offset)
    publish('offset', { engine: this.#options.name, position: offset.position })
  }

  #warn(error: TailraceError): void {
    this.#logger.warn(error.message, error.toJSON())
    this.#emitter.emit('warning', error)
    publish('warning', { engine: this.#options.name, error })
  }

  #changed(state: EngineState, from: EngineState): void {
    this.#logger.info(state, { from })
    this.#emitter.emit('state', { state, from })
    publish('state', { engine: this.#options.name, state, from })
    if (state === 'streaming') this.#watchIdle()
  }

  async #detach(): Promise<void> {
    const stream = this.#stream
    this.#stream = undefined
    this.#lastStatus = stream?.status()
    await stream?.[Symbol.asyncDispose]()
  }

  async #close(): Promise<void> {
    this.#cancelIdle()
    this.#ledger.close()
    await this.#detach()
    this.#abort.abort()
    await this.#sink[Symbol.asyncDispose]()
    await this.#offsets[Symbol.asyncDispose]()
    await this.#options.source[Symbol.asyncDispose]()
  }
}
