import { TailraceError } from '../../error/tailrace-error.ts'
import type { RecordFraming } from '../../format/record-framing.ts'
import type { Batch, Sink } from '../sink.ts'
import type { ByteTarget } from './byte-target.ts'
import { descriptorTarget } from './descriptor-target.ts'
import { NDJSON, NdjsonLines } from './ndjson-line.ts'
import { StreamTarget } from './stream-target.ts'

/**
 * Writes each record as one line of JSON: `{"destination":…,"partition":null,"key":…,"value":…,"headers":{…}}`. The format must write
 * JSON. A batch is durable once the pipe, file or stream has taken all of its lines; what its reader makes of them is the reader's
 * business. A batch that was cut off by a stop or a crash is delivered again in whole, after a line that may be torn.
 *
 * @param target A file descriptor (1 is standard output), or a stream. `process.stdout` and `process.stderr` are written to by their
 * descriptors. A descriptor above 2 that is a pipe is closed with the sink, everything else stays open.
 * @throws TailraceError TR_SINK_CLOSED where the descriptor is not open. A write rejects with TR_SINK_CLOSED when the reader went away,
 * with TR_SINK_FAILED when the operating system refuses (a full disk).
 */
export function streamSink(target: NodeJS.WritableStream | number): Sink {
  const descriptor = typeof target === 'number' ? target : standardDescriptor(target)
  return new StreamSink(descriptor === undefined ? new StreamTarget(target as NodeJS.WritableStream, true) : descriptorTarget(descriptor))
}

/** The descriptor of `process.stdout` and `process.stderr`, without touching them: they are set up when first looked at. */
function standardDescriptor(stream: NodeJS.WritableStream): number | undefined {
  const descriptor = 'fd' in stream ? stream.fd : undefined
  return descriptor === 1 || descriptor === 2 ? descriptor : undefined
}

class StreamSink implements Sink {
  readonly accepts = 'records'
  readonly framing: RecordFraming = NDJSON
  private readonly target: ByteTarget
  private readonly lines = new NdjsonLines()

  constructor(target: ByteTarget) {
    this.target = target
  }

  async write({ records }: Batch, signal: AbortSignal): Promise<'durable'> {
    if (records === undefined) throw new TailraceError('TR_ENGINE_INVARIANT', { message: 'A batch for a sink of records has none' })
    if (records.framed) {
      // the format has written the lines
      if (records.end > records.first) await this.target.write(records.bytes.subarray(records.frameStart[records.first], records.frameEnd[records.end - 1]), signal)
      return 'durable'
    }
    for (let index = records.first; index < records.end; ) {
      index = this.lines.compose(records, index)
      await this.target.write(this.lines.bytes.subarray(0, this.lines.length), signal)
    }
    return 'durable'
  }

  flush(): Promise<void> {
    return Promise.resolve()
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.target.close()
    return Promise.resolve()
  }
}
