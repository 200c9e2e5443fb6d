/** One rule that every implementation of a contract keeps. */
export interface ConformanceCheck {
  /** The rule, as a sentence. */
  readonly name: string
  /** Rejects when the rule is broken. */
  run(): Promise<void>
}
