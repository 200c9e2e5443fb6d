import type { Mismatch } from './compare.ts'

/**
 * Where data that went through Avro cannot be what Debezium's JSON says, whoever wrote it: what Avro, or Confluent's converter,
 * has no place for. Each rule names the places and both values as far as they say why, and is counted: nothing else is excused.
 */
interface AvroDifference {
  readonly reason: string
  readonly scenario: RegExp
  readonly path: RegExp
  readonly expected: RegExp
  readonly got: RegExp
}

export const AVRO_DIFFERENCES: readonly AvroDifference[] = []

/** The rule that excuses a mismatch, if one does. */
export function excuseOf(scenario: string, { path, expected, got }: Mismatch): AvroDifference | undefined {
  return AVRO_DIFFERENCES.find((rule) => rule.scenario.test(scenario) && rule.path.test(path) && rule.expected.test(expected) && rule.got.test(got))
}

/** Counts what was excused, and says so. */
export class Excuses {
  readonly #places = new Map<AvroDifference, number>()

  take(scenario: string, mismatch: Mismatch): boolean {
    const rule = excuseOf(scenario, mismatch)
    if (rule !== undefined) this.#places.set(rule, (this.#places.get(rule) ?? 0) + 1)
    return rule !== undefined
  }

  /** One line a reason. */
  describe(): string[] {
    const reasons = new Map<string, number>()
    for (const [{ reason }, places] of this.#places) reasons.set(reason, (reasons.get(reason) ?? 0) + places)
    return [...reasons].map(([reason, places]) => `excused, ${reason}: ${places} places`)
  }

  /** Rules that excused nothing. */
  unused(): string[] {
    return AVRO_DIFFERENCES.filter((rule) => !this.#places.has(rule)).map(({ reason, path }) => `${reason} (${String(path)})`)
  }
}
