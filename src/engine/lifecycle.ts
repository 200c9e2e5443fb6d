import { TailraceError } from '../error/tailrace-error.ts'

/**
 * idle → preflight → snapshot | streaming → draining → stopped, and failed from anywhere before stopped. A reconnect stays
 * in its state, or goes back from streaming to snapshot when a new one is due.
 */
export type EngineState = 'idle' | 'preflight' | 'snapshot' | 'streaming' | 'draining' | 'stopped' | 'failed'

const NEXT: Readonly<Record<EngineState, readonly EngineState[]>> = {
  idle: ['preflight', 'stopped'],
  preflight: ['snapshot', 'streaming', 'draining', 'failed'],
  snapshot: ['streaming', 'draining', 'failed'],
  streaming: ['snapshot', 'draining', 'failed'],
  draining: ['stopped', 'failed'],
  stopped: [],
  failed: [],
}

/** The engine's state and the moves it allows. */
export class Lifecycle {
  #state: EngineState = 'idle'
  readonly #changed: (state: EngineState, from: EngineState) => void

  constructor(changed: (state: EngineState, from: EngineState) => void) {
    this.#changed = changed
  }

  get state(): EngineState {
    return this.#state
  }

  get ended(): boolean {
    return this.#state === 'stopped' || this.#state === 'failed'
  }

  /** Errors: TR_ENGINE_INVARIANT for a move that the table does not have. Entering the present state again is no move. */
  enter(state: EngineState): void {
    const from = this.#state
    if (from === state) return
    if (!NEXT[from].includes(state)) throw new TailraceError('TR_ENGINE_INVARIANT', { message: `The engine cannot go from ${from} to ${state}`, where: { from, to: state } })
    this.#state = state
    this.#changed(state, from)
  }
}
