import { TailraceError } from '../error/tailrace-error.ts'

/** A name in which `*` stands for any characters, or a regular expression that must match the whole name. */
export type TablePattern = string | RegExp

/** The expression that tests a whole name. Errors: TR_CONFIG_INVALID. */
export function toWholeMatch(pattern: TablePattern): RegExp {
  if (typeof pattern === 'string') return new RegExp(`^${pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('.*')}$`, 's')
  try {
    return new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gy]/g, ''))
  } catch (cause) {
    throw new TailraceError('TR_CONFIG_INVALID', { message: `The table pattern ${pattern.source} is not a valid expression`, cause })
  }
}

/** Names outright, without a pattern: each of them must exist. */
export function namedOutright(patterns: readonly TablePattern[]): string[] {
  return patterns.filter((pattern): pattern is string => typeof pattern === 'string' && !pattern.includes('*'))
}
