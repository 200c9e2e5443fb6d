import { TailraceError } from '../../error/tailrace-error.ts'
import { untilAborted, writeError, type ByteTarget } from './byte-target.ts'

/** A Node stream. It stays open when the sink closes: it belongs to who made it. */
export class StreamTarget implements ByteTarget {
  private readonly stream: NodeJS.WritableStream
  private readonly keepsChunks: boolean
  private failure: TailraceError | undefined
  private rejectWrite: ((error: TailraceError) => void) | undefined

  /** `keepsChunks`: a chunk may be looked at after its write has called back, as a Transform does that passes chunks on. */
  constructor(stream: NodeJS.WritableStream, keepsChunks: boolean) {
    this.stream = stream
    this.keepsChunks = keepsChunks
    // Without a listener an error between two writes would end the process. A stream that is destroyed may forget a write's callback.
    stream.on('error', (error: unknown) => this.fail(writeError(error)))
    stream.on('close', () => this.fail(new TailraceError('TR_SINK_CLOSED')))
  }

  async write(bytes: Buffer, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.failure !== undefined) throw this.failure
    const taken = new Promise<void>((resolve, reject) => {
      this.rejectWrite = reject
      this.stream.write(this.keepsChunks ? Buffer.from(bytes) : bytes, (error) => (error === null || error === undefined ? resolve() : reject(writeError(error))))
    })
    try {
      await untilAborted(taken, signal)
    } finally {
      this.rejectWrite = undefined
    }
  }

  close(): void {}

  private fail(error: TailraceError): void {
    this.failure ??= error
    this.rejectWrite?.(this.failure)
  }
}
