import { pause } from '../../async/abort.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { Logger } from '../../observe/logger.ts'
import { BackOff } from './back-off.ts'
import { failureOf, type Failure } from './failure.ts'
import { ShardMap } from './shard-map.ts'
import type { Surroundings } from './surroundings.ts'

/** AWS makes a stream in well under a minute. */
const ACTIVE_WITHIN_MS = 300_000
/** First and longest wait between two looks: an account has 20 calls of DescribeStreamSummary a second. */
const LOOK_AGAIN_MS = [50, 1_000] as const
/** Credentials that are renewed elsewhere may be missing for a moment, not for longer. */
const CREDENTIALS_WITHIN_MS = 60_000

/**
 * Sees to it that a stream can be written to, and which shards it has. Transient failures are tried again for `patienceMs`. Errors:
 * TR_KINESIS_STREAM_MISSING, TR_KINESIS_AUTH, TR_KINESIS_REJECTED, and what it was when the patience ends.
 */
export async function prepareStream(stream: string, surroundings: Surroundings, patienceMs: number): Promise<ShardMap> {
  const again = <Output>(doing: string, call: () => Promise<Output>): Promise<Output> => persistently(stream, doing, call, surroundings, patienceMs)
  await expectActive(stream, surroundings, again)
  return await readShards(stream, surroundings, again)
}

type Persistently = <Output>(doing: string, call: () => Promise<Output>) => Promise<Output>

async function expectActive(stream: string, { settings, calls, context, closing }: Surroundings, again: Persistently): Promise<void> {
  const { clock } = context
  const end = clock.monotonicMs() + ACTIVE_WITHIN_MS
  let wait: number = LOOK_AGAIN_MS[0]
  let made = false
  for (;;) {
    const status = await again('looking for the stream', () => calls.status(stream)).catch((error: unknown) => unlessDenied(error, 'kinesis:DescribeStreamSummary', stream, context.logger))
    if (status === 'ACTIVE' || status === 'UPDATING' || status === 'denied') return
    if (status === 'missing' && !made) {
      if (settings.create === undefined || stream.startsWith('arn:')) throw missing(stream, `The stream ${stream} does not exist`)
      const { create } = settings
      await again('making the stream', () => calls.create(stream, create).catch(unlessThere))
      context.logger.info(`made the stream ${stream}`)
      made = true
    } else if (status === 'DELETING') throw missing(stream, `The stream ${stream} is being deleted`)
    if (clock.monotonicMs() > end) throw missing(stream, `The stream ${stream} is not active after ${ACTIVE_WITHIN_MS} ms`)
    await pause(wait, clock, closing)
    closing.throwIfAborted()
    wait = Math.min(wait * 2, LOOK_AGAIN_MS[1])
  }
}

async function readShards(stream: string, { calls, context }: Surroundings, again: Persistently): Promise<ShardMap> {
  const shards = await again('reading its shards', () => calls.openShards(stream)).catch((error: unknown) => unlessDenied(error, 'kinesis:ListShards', stream, context.logger))
  return new ShardMap(Array.isArray(shards) ? shards : [])
}

/** The role may have no more than PutRecords: then a missing stream is found out by the first request, and shards are not told apart. */
function unlessDenied(error: unknown, action: string, stream: string, logger: Logger): 'denied' | 'missing' {
  const { code, where } = error as TailraceError
  if (code === 'TR_KINESIS_STREAM_MISSING') return 'missing'
  if (code !== 'TR_KINESIS_AUTH' || where['error'] !== 'AccessDeniedException') throw error
  logger.info(`the role lacks ${action}`, { stream })
  return 'denied'
}

/** Somebody else was quicker. */
function unlessThere(error: unknown): void {
  if ((error as { name?: string }).name !== 'ResourceInUseException') throw error
}

function missing(stream: string, message: string): TailraceError {
  return new TailraceError('TR_KINESIS_STREAM_MISSING', { message, where: { stream } })
}

async function persistently<Output>(stream: string, doing: string, call: () => Promise<Output>, { settings, context, closing }: Surroundings, patienceMs: number): Promise<Output> {
  const { clock } = context
  const start = clock.monotonicMs()
  const backOff = new BackOff(settings, context.random)
  for (;;) {
    try {
      return await call()
    } catch (cause) {
      closing.throwIfAborted()
      const failure = failureOf(cause, doing, stream)
      const now = clock.monotonicMs()
      if (isOver(failure, now - start, patienceMs)) throw failure.error
      context.logger.warn(failure.error.message, failure.error.toJSON())
      backOff.failed(now, now)
      await pause(backOff.until - now, clock, closing)
      closing.throwIfAborted()
    }
  }
}

/** Nothing helps any more, after so long. */
export function isOver({ retry }: Failure, sinceMs: number, patienceMs: number): boolean {
  return retry === 'never' || sinceMs >= (retry === 'credentials' ? Math.min(patienceMs, CREDENTIALS_WITHIN_MS) : patienceMs)
}
