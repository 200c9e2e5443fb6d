import type { OffsetStore, StoredOffset } from '../offset/offset-store.ts'
import type { Clock } from '../time/clock.ts'
import { FaultScript, type Faults } from './fault.ts'

/** Options of {@link faultyOffsets}. */
export interface FaultyOffsetsOptions {
  readonly load?: Faults
  readonly save?: Faults
  /** What delays wait by. Default the system's clock. */
  readonly clock?: Clock
}

/** An offset store around another one whose calls reject, delay, or never settle, at given calls. */
export function faultyOffsets(inner: OffsetStore, options: FaultyOffsetsOptions = {}): OffsetStore {
  const load = new FaultScript(options.load, 'TR_OFFSET_WRITE', options.clock)
  const save = new FaultScript(options.save, 'TR_OFFSET_WRITE', options.clock)
  return {
    load: async (engine: string) => (await load.call(() => inner.load(engine))).result,
    save: async (offset: StoredOffset) => void (await save.call(() => inner.save(offset))),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  }
}
