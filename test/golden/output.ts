import type { Command } from './command.ts'
import type { Mismatch } from './compare.ts'
import type { Scenario } from './scenario.ts'

/** Where a scenario's records go, and how they are had back. */
export interface Output {
  /** Before a scenario: nothing of an earlier one is left. Returns properties that are added to its own. */
  begin(scenario: Scenario): Promise<string>
  /** A scenario's tables without values that the output cannot carry at all. */
  setup?(sql: string): string
  /** Called before one of its runs. */
  watch(command: () => Command): Promise<Arrival>
  /** A difference that lies in what the output can carry. */
  excuses?(mismatch: Mismatch): boolean
}

/** The records of one run. */
export interface Arrival {
  /** How many there are by now. */
  count(): Promise<number>
  /** Resolves true once there are more than so many; false when `timeoutMs` are over or the command has ended without it. */
  beyond(count: number, timeoutMs: number): Promise<boolean>
  /** Resolves when none came for so long, or the command has ended. */
  quiet(ms: number): Promise<void>
  /** After the command's end: one line a record, as standard output has them. */
  lines(expected: readonly string[]): Promise<readonly string[]>
}

/** The command without a sink. */
export const STANDARD_OUTPUT: Output = {
  begin: () => Promise.resolve(''),
  watch: (command) => Promise.resolve({
    count: () => Promise.resolve(command().records.length),
    beyond: (count, timeoutMs) => command().until(() => command().records.length > count, timeoutMs),
    quiet: (ms) => command().quiet(ms),
    lines: () => Promise.resolve(command().records),
  }),
}
