import type { ErrorKind } from '../error/code.ts'
import { isTailraceError } from '../error/tailrace-error.ts'

/** What the command ends with. docs/errors.md lists the same; a test holds the two together. */
export const EXIT_CODES = {
  0: 'It stopped as it was asked to: a signal, --stop-after, --stop-when-idle, or the end of the work',
  1: 'An unexpected error',
  2: 'The command line or the configuration is not right (codes TR_CONFIG_…)',
  3: 'A definite error: somebody has to change something',
  4: 'A fatal error: going on could lose or invent a change',
  5: 'A transient error that did not heal in the attempts allowed',
  130: 'A second SIGINT: ended at once',
  129: 'A second SIGHUP: ended at once',
  143: 'A second SIGTERM: ended at once',
} as const

export type ExitCode = keyof typeof EXIT_CODES

const BY_KIND: Readonly<Record<ErrorKind, ExitCode>> = { definite: 3, fatal: 4, transient: 5 }

/** The exit code that an error ends the command with. */
export function exitCodeOf(error: unknown): ExitCode {
  if (!isTailraceError(error)) return 1
  return error.code.startsWith('TR_CONFIG_') ? 2 : BY_KIND[error.kind]
}

/** From the most to the least serious. */
const GRAVITY: readonly ExitCode[] = [4, 3, 2, 5, 1]

/** The exit code for several errors: that of the most serious, 0 for none. */
export function exitCodeOfAll(errors: readonly unknown[]): ExitCode {
  const codes = errors.map(exitCodeOf)
  return GRAVITY.find((code) => codes.includes(code)) ?? 0
}
