import type { Scenario } from './scenario.ts'

/** The server of scenarios, and how their scripts and configurations are made for it. */
export interface Ground {
  /** Nothing of an earlier scenario is left, and the scenario's setup has run. Returns its configuration; `dir` is for its files. */
  prepare(scenario: Scenario, dir: string): Promise<string>
  /** Runs a part of its scripts, in a session of its own. */
  script(sql: string): Promise<void>
  /** What differs in what one of its runs has left behind beside records. */
  inspect?(scenario: Scenario, i: number): Promise<string[]>
  /** Until the server has seen that a run's connections are gone. */
  settle?(): Promise<void>
  /** What a script's `-- @exec` finds in its environment. */
  readonly environment: NodeJS.ProcessEnv
  /** After a scenario. */
  clear(): Promise<void>
}
