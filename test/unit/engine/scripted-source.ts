import type { ChangeEvent } from '../../../src/event/change-event.ts'
import type { JsonValue, Position } from '../../../src/event/position.ts'
import type { StoredOffset } from '../../../src/offset/offset-store.ts'
import type { ChangeBatch, ChangeStream, Finding, Source, SourceContext, StreamStatus } from '../../../src/source/source.ts'

/** A position that is a number. */
export class At implements Position {
  readonly phase = 'stream'
  readonly at: number

  constructor(at: number) {
    this.at = at
  }

  compare(that: At): number {
    return this.at - that.at
  }

  toJSON(): { readonly [key: string]: JsonValue | undefined } {
    return { phase: 'stream', at: this.at }
  }

  toString(): string {
    return String(this.at)
  }
}

export function batchOf(events: readonly ChangeEvent[], from: number, barrier = false): ChangeBatch {
  return { events, bytes: events.length, barrier, position: (count) => new At(from + count) }
}

/** A source of given batches that then waits until it is closed. Positions count events. */
export class ScriptedSource implements Source {
  readonly kind = 'scripted'
  readonly acknowledged: number[] = []
  readonly openedFrom: (number | undefined)[] = []
  findings: Finding[] = []
  disposed = 0
  readonly #batches: readonly (readonly ChangeEvent[])[]
  readonly #ends: boolean

  constructor(batches: readonly (readonly ChangeEvent[])[], ends = false) {
    this.#batches = batches
    this.#ends = ends
  }

  async preflight(): Promise<Finding[]> {
    return this.findings
  }

  async open(from: StoredOffset | undefined, context: SourceContext): Promise<ChangeStream> {
    const start = from?.position['at'] as number | undefined
    this.openedFrom.push(start)
    let close = (): void => {}
    const closed = new Promise<void>((resolve) => (close = resolve))
    const batches = this.#batches
    const ends = this.#ends
    async function* read(): AsyncGenerator<ChangeBatch, void, undefined> {
      context.enter('stream')
      let at = 0
      for (const events of batches) {
        if (at + events.length > (start ?? 0)) yield batchOf(events.slice(Math.max(0, (start ?? 0) - at)), Math.max(at, start ?? 0))
        at += events.length
      }
      if (!ends) await closed
    }
    return {
      identity: { scripted: true },
      startsOver: false,
      acknowledge: (position) => void this.acknowledged.push((position as At).at),
      status: (): StreamStatus => ({ phase: 'stream', confirmed: undefined, received: undefined, server: undefined, lagBytes: 0, bufferedBytes: 7, snapshot: [] }),
      [Symbol.asyncIterator]: read,
      [Symbol.asyncDispose]: async () => close(),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disposed++
  }
}
