import { describe } from 'vitest'

type Suite = ReturnType<typeof describe.skipIf>

/** What a busy machine may take for a test that takes some seconds alone. */
const OPTIONS = { concurrent: true, timeout: 120_000 }

/**
 * In place of `suite(name, define)`: suites that follow each other in a file run side by side, the tests of each one after the
 * other. For those that have a server each, and wait for it and for processes most of the time.
 */
export function sideBySide(suite: Suite, name: string, define: () => void): void {
  suite(name, OPTIONS, () => inTurn(define))
}

/** In place of `suite.each(cases)(name, define)`. */
export function eachSideBySide<T>(suite: Suite, cases: readonly T[]): (name: string, define: (one: T) => void) => void {
  return (name, define) => suite.each<T>(cases)(name, OPTIONS, (one) => inTurn(() => define(one)))
}

function inTurn(define: () => void): void {
  describe.sequential('in turn', define)
}
