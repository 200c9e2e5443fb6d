import { isTailraceError, TailraceError } from '../../error/tailrace-error.ts'

/** Takes bytes in order. */
export interface ByteTarget {
  /**
   * Resolves once the operating system (a stream: its destination) has taken all of `bytes`, which must not change before. Rejects with
   * TR_SINK_CLOSED when nobody reads any more, TR_SINK_FAILED otherwise, or with the signal's reason: then a part may have been taken.
   */
  write(bytes: Buffer, signal: AbortSignal): Promise<void>
  close(): void
}

/** What Node reports when the other end, or the stream itself, is gone. */
const CLOSED = new Set(['EPIPE', 'ECONNRESET', 'EBADF', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END', 'ERR_STREAM_PREMATURE_CLOSE'])

/** The coded error for what a write failed with. */
export function writeError(cause: unknown): TailraceError {
  if (isTailraceError(cause)) return cause
  const system = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const where = system === '' ? {} : { error: system }
  return new TailraceError(CLOSED.has(system) ? 'TR_SINK_CLOSED' : 'TR_SINK_FAILED', { where, cause })
}

/** Waits for `work`, but no longer than the signal allows. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
