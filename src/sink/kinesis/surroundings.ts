import type { TailraceError } from '../../error/tailrace-error.ts'
import type { SinkContext } from '../sink.ts'
import type { SendBuffer } from './buffer.ts'
import type { Calls } from './calls.ts'
import type { Settings } from './settings.ts'

/** What the streams of one sink have in common. */
export interface Surroundings {
  readonly settings: Settings
  readonly calls: Calls
  readonly buffer: SendBuffer
  readonly context: SinkContext
  /** Aborts when the sink closes. */
  readonly closing: AbortSignal
  /** Ends the sink's sending: no retry helps. */
  readonly fail: (error: TailraceError) => void
}
