import type { ErrorCode } from '../error/code.ts'
import { TailraceError } from '../error/tailrace-error.ts'

/** One thing that is wrong with a configuration. */
export interface Problem {
  readonly kind: 'invalid' | 'unknown' | 'unsupported'
  /** The name as it was written. */
  readonly property: string
  readonly text: string
  /** No leniency helps: without it nothing can be done. */
  readonly essential?: true
}

const CODES: Readonly<Record<Problem['kind'], ErrorCode>> = {
  invalid: 'TR_CONFIG_INVALID',
  unknown: 'TR_CONFIG_UNKNOWN',
  unsupported: 'TR_CONFIG_UNSUPPORTED',
}

/** From the gravest: what no leniency can help comes first. */
const GRAVITY: readonly Problem['kind'][] = ['invalid', 'unknown', 'unsupported']

/** One error that lists all problems, with the code of the gravest. */
export function configurationError(problems: readonly Problem[]): TailraceError {
  const ordered = GRAVITY.flatMap((kind) => problems.filter((problem) => problem.kind === kind))
  const gravest = ordered[0]?.kind ?? 'invalid'
  const lines = ordered.map((problem) => `${problem.property}: ${problem.text}`)
  return new TailraceError(CODES[gravest], {
    message: lines.length === 1 ? lines[0]! : `${lines.length} problems in the configuration\n${lines.map((line) => `  ${line}`).join('\n')}`,
    where: { properties: ordered.map((problem) => problem.property).join(', ') },
  })
}

/** What leniency lets pass becomes a warning each; the others stay problems. */
export function separateTolerable(problems: readonly Problem[]): { readonly warnings: TailraceError[]; readonly errors: Problem[] } {
  const isTolerable = (problem: Problem): boolean => problem.kind !== 'invalid' && problem.essential !== true
  return {
    warnings: problems.filter(isTolerable).map((problem) => configurationError([problem])),
    errors: problems.filter((problem) => !isTolerable(problem)),
  }
}
