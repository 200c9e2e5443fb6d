import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { PostgresServer } from '../server/postgres.ts'
import { startCommand, type Command } from './command.ts'
import { compareRecords, describeMismatches } from './compare.ts'
import { amend, type Tally } from './difference.ts'
import { parseJson, type Json } from './json.ts'
import { normaliser } from './normalise.ts'
import { STANDARD_OUTPUT, type Arrival, type Output } from './output.ts'
import type { Scenario, ScenarioRun } from './scenario.ts'

/** The goldens hold it in source.db. */
const DATABASE = 'lab'
/** How long nothing may come after the last expected record. */
const QUIET_MS = 300
/** How long to wait for the next expected record. */
const PATIENCE_MS = 10_000

/** Runs a scenario against a server and compares; the result says in words what differs, and is empty when nothing does. */
export async function runScenario(scenario: Scenario, server: PostgresServer, tally: Tally, output: Output = STANDARD_OUTPUT): Promise<string> {
  const dir = await mkdtemp(path.join(os.tmpdir(), `tailrace-golden-`))
  try {
    await server.createDatabase(DATABASE)
    await server.script(DATABASE, output.setup?.(scenario.setup) ?? scenario.setup)
    const file = path.join(dir, 'engine.properties')
    await writeFile(file, `${fill(scenario, server, dir)}\n${await output.begin(scenario)}`)
    const complaints: string[] = []
    for (const [i, run] of scenario.runs.entries()) {
      const name = scenario.runs.length > 1 ? `${scenario.name} run ${i + 1}` : scenario.name
      const lines = await runOnce(scenario.name, run, file, server, output)
      complaints.push(...compareLines(scenario.name, name, run.events, lines, tally, output))
      await server.script(DATABASE, run.between)
    }
    return complaints.join('\n')
  } finally {
    await server.dropDatabase(DATABASE)
    await rm(dir, { recursive: true, force: true })
  }
}

function fill(scenario: Scenario, server: PostgresServer, dir: string): string {
  const slot = `lab_${scenario.name.replace(/[^a-z0-9_]/gi, '_').toLowerCase()}`
  const values: Record<string, string> = {
    HOST: server.host,
    PORT: String(server.port),
    USER: 'postgres',
    PASSWORD: 'postgres',
    DB: DATABASE,
    SLOT: slot,
    OFFSETS: path.join(dir, 'offsets.dat'),
    TMP: dir,
  }
  return scenario.config.replace(/@([A-Z_]+)@/g, (text, name: string) => values[name] ?? text)
}

async function runOnce(scenario: string, run: ScenarioRun, file: string, server: PostgresServer, output: Output): Promise<readonly string[]> {
  const arrival = await output.watch(() => command)
  const command = startCommand(file, run.stopAfter === undefined ? [] : ['--stop-after', String(run.stopAfter)])
  try {
    // False: it stopped by itself, after a snapshot that was all it was to do, or with an error.
    if (await command.streaming(30_000)) {
      await (LATE_READERS.has(scenario) ? playBeforeReading : playStream)(run.stream, command, server, arrival)
      await settle(run, arrival)
    } else if (!command.hasEnded) throw new Error(`it neither streams nor ended within 30 s\n${command.describe()}`)
    const end = await (run.fails || run.stopAfter !== undefined ? command.end(30_000) : command.stop())
    if (run.fails ? end === 0 || !command.failure?.startsWith('TR_') : end !== 0) {
      throw new Error(`${run.fails ? 'to fail with a code was expected, but it' : 'it'} ended with ${end}\n${command.describe()}`)
    }
    return await arrival.lines(run.events)
  } finally {
    command.kill('SIGKILL')
  }
}

/**
 * What a RELATION message does not say (NOT NULL, defaults) is asked of the catalog of that moment. When Debezium asked, all of these
 * scripts had run; to compare like with like, the command is stopped (SIGSTOP) until they have.
 */
const LATE_READERS: ReadonlySet<string> = new Set(['ddl', 'ddl-refresh-columns'])

async function playBeforeReading(sql: string, command: Command, server: PostgresServer): Promise<void> {
  command.kill('SIGSTOP')
  try {
    await server.script(DATABASE, sql)
  } finally {
    command.kill('SIGCONT')
  }
}

/** `-- @wait S`, `-- @events N` and `-- @idle S` on lines of their own pause between the statements around them. */
async function playStream(sql: string, command: Command, server: PostgresServer, arrival: Arrival): Promise<void> {
  for (const part of sql.split(/^(?=-- @(?:wait|events|idle)\b)/m)) {
    const [, pause, amount] = /^-- @(\w+)\s+([\d.]+)/.exec(part) ?? []
    if (pause === 'wait') await delay(Number(amount) * 1000)
    else if (pause === 'idle') await arrival.quiet(Number(amount) * 1000)
    else if (pause === 'events' && !(await arrival.beyond(Number(amount) - 1, 30_000))) {
      throw new Error(`only ${await arrival.count()} of ${amount} records\n${command.describe()}`)
    }
    await server.script(DATABASE, part)
  }
}

/** Waits for the expected number of records as long as some still come, then for a moment in which none comes. */
async function settle(run: ScenarioRun, arrival: Arrival): Promise<void> {
  for (let seen = await arrival.count(); seen < run.events.length && (await arrival.beyond(seen, PATIENCE_MS)); ) seen = await arrival.count()
  // Where nothing is expected, only the silence itself can show it.
  await arrival.quiet(run.events.length === 0 ? 3 * QUIET_MS : QUIET_MS)
}

function compareLines(scenario: string, name: string, events: readonly string[], lines: readonly string[], tally: Tally, output: Output): string[] {
  const expected = normaliseAll(events).map((record) => amend(scenario, record, tally))
  let got: Json[]
  try {
    got = normaliseAll(lines)
  } catch (error) {
    return [`${name}: ${String(error)}`]
  }
  const mismatches = compareRecords(expected, got).filter((mismatch) => output.excuses?.(mismatch) !== true)
  return mismatches.length === 0 ? [] : [describeMismatches(name, mismatches, got)]
}

export function normaliseAll(lines: readonly string[]): Json[] {
  const normalise = normaliser()
  return lines.map((line, i) => {
    try {
      return normalise(parseJson(line))
    } catch (error) {
      throw new Error(`record ${i} is not a record: ${String(error)}: ${line.slice(0, 200)}`, { cause: error })
    }
  })
}
