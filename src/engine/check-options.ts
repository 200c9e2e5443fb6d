import { TailraceError } from '../error/tailrace-error.ts'
import type { EngineOptions } from './options.ts'

/** Every number of {@link EngineOptions}: where it stands, and the least it may be. Those of at least 1 are counts. */
const NUMBERS: readonly (readonly [path: string, least: 0 | 1])[] = [
  ['offsetFlush.intervalMs', 0], ['offsetFlush.every', 1], ['offsetFlush.failAfterMs', 0], ['limits.maxBatchEvents', 1], ['limits.maxBatchBytes', 1],
  ['retry.initialDelayMs', 0], ['retry.maxDelayMs', 0], ['retry.maxAttempts', 0], ['retry.maxStartAttempts', 0], ['stopAfter', 1], ['stopWhenIdleMs', 1], ['stopTimeoutMs', 0],
]

/** For callers without a type checker. Errors: TR_CONFIG_INVALID, naming every problem at once. */
export function checkOptions(options: EngineOptions<never, never>): void {
  const problems: string[] = []
  if (typeof options.name !== 'string' || options.name === '') problems.push('name must be a text of at least one character')
  if (typeof options.source?.open !== 'function') problems.push('source must be a source, for example postgres(…)')
  if (typeof options.offsets?.load !== 'function') problems.push('offsets must be an offset store, for example fileOffsets(path)')
  const { sink } = options
  if (sink !== undefined && typeof sink !== 'function' && typeof sink?.write !== 'function') problems.push('sink must be a function or a sink')
  for (const [path, least] of NUMBERS) {
    const value = path.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], options)
    if (value !== undefined && !isCount(value, least)) problems.push(`${path} must be a number of at least ${least}`)
  }
  if (problems.length > 0) throw new TailraceError('TR_CONFIG_INVALID', { message: `The engine’s options are not valid: ${problems.join('; ')}` })
}

/** Infinity says "no limit". */
function isCount(value: unknown, least: number): boolean {
  return typeof value === 'number' && value >= least && (Number.isInteger(value) || value === Infinity || least === 0)
}
