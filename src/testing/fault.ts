import { TailraceError } from '../error/tailrace-error.ts'
import { systemClock, type Clock } from '../time/clock.ts'

/** What goes wrong with one call. */
export type Fault =
  /** Rejects, before or after the work was done (a reply that got lost). Default TR_SINK_FAILED or TR_OFFSET_WRITE, before. */
  | { readonly fault: 'reject'; readonly error?: unknown; readonly done?: boolean }
  /** Does its work after so many milliseconds. */
  | { readonly fault: 'delay'; readonly ms: number }
  /** Never settles, whatever the signal says. */
  | { readonly fault: 'never' }
  /** Of a sink's write: `accepted` where it would have said `durable`. */
  | { readonly fault: 'accepted' }

/** Which call fails how: by the call's number, counted from 1, or asked for each call. */
export type Faults = Readonly<Record<number, Fault>> | ((call: number) => Fault | undefined)

/** Counts calls and brings the fault that each is due. */
export class FaultScript {
  readonly #faults: Faults
  readonly #code: 'TR_SINK_FAILED' | 'TR_OFFSET_WRITE'
  readonly #clock: Clock
  calls = 0

  constructor(faults: Faults | undefined, code: 'TR_SINK_FAILED' | 'TR_OFFSET_WRITE', clock: Clock | undefined) {
    this.#faults = faults ?? {}
    this.#code = code
    this.#clock = clock ?? systemClock
  }

  async call<Result>(work: () => Promise<Result>): Promise<{ readonly result: Result; readonly fault: Fault | undefined }> {
    const call = ++this.calls
    const fault = typeof this.#faults === 'function' ? this.#faults(call) : this.#faults[call]
    if (fault?.fault === 'never') await new Promise<never>(() => {})
    if (fault?.fault === 'delay') await new Promise<void>((resolve) => void this.#clock.after(fault.ms, resolve))
    if (fault?.fault === 'reject' && fault.done !== true) throw this.#error(fault.error)
    const result = await work()
    if (fault?.fault === 'reject') throw this.#error(fault.error)
    return { result, fault }
  }

  #error(error: unknown): unknown {
    return error ?? new TailraceError(this.#code, { message: `Call ${this.calls} was made to fail` })
  }
}
