import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startCommand, type Command } from './command.ts'
import { compareRecords, describeMismatches } from './compare.ts'
import { amend, countRecords, withoutPlaces, type Tally } from './difference.ts'
import type { Ground } from './ground.ts'
import { parseJson, type Json } from './json.ts'
import { normaliser } from './normalise.ts'
import { STANDARD_OUTPUT, type Arrival, type Output } from './output.ts'
import { placeOf, type Scenario, type ScenarioRun } from './scenario.ts'

/** How long nothing may come after the last expected record. */
const QUIET_MS = 300
/** How long to wait for the next expected record. */
const PATIENCE_MS = 10_000

/** Runs a scenario and compares; the result says in words what differs, and is empty when nothing does. */
export async function runScenario(given: Scenario, ground: Ground, tally: Tally, output: Output = STANDARD_OUTPUT): Promise<string> {
  const dir = await mkdtemp(path.join(os.tmpdir(), `tailrace-golden-`))
  const scenario = { ...given, setup: output.setup?.(given.setup) ?? given.setup }
  try {
    const config = `${await ground.prepare(scenario, dir)}\n${await output.begin(scenario)}`
    const file = path.join(dir, 'engine.properties')
    const complaints: string[] = []
    for (const [i, run] of scenario.runs.entries()) {
      const name = scenario.runs.length > 1 ? `${scenario.name} run ${i + 1}` : scenario.name
      await writeFile(file, `${config}\n${Object.entries(run.properties).map(([property, value]) => `${property}=${value}\n`).join('')}`)
      await play(run.before, ground)
      const lines = await runOnce(placeOf(scenario), run, file, ground, output)
      await ground.settle?.()
      await keep(scenario, i, lines)
      complaints.push(...compareLines(scenario, i, name, lines, tally, output), ...((await ground.inspect?.(scenario, i)) ?? []))
      await play(run.between, ground)
    }
    return complaints.join('\n')
  } finally {
    await ground.clear()
    await rm(dir, { recursive: true, force: true })
  }
}

/** GOLDEN_KEEP: a folder for what was printed, to be looked at. */
async function keep({ folder, name }: Scenario, i: number, lines: readonly string[]): Promise<void> {
  const to = process.env['GOLDEN_KEEP']
  if (to !== undefined) await writeFile(path.join(to, `${folder.replace('/', '-')}-${name}-${i + 1}.ndjson`), lines.map((line) => `${line}\n`).join(''))
}

async function runOnce(scenario: string, run: ScenarioRun, file: string, ground: Ground, output: Output): Promise<readonly string[]> {
  const arrival = await output.watch(() => command)
  const command = startCommand(file, run.stopAfter === undefined ? [] : ['--stop-after', String(run.stopAfter)])
  const fails = run.fails && run.ours === undefined
  try {
    // False: it stopped by itself, after a snapshot that was all it was to do, or with an error.
    if (await command.streaming(30_000)) {
      await (LATE_READERS.has(scenario) ? playBeforeReading : play)(run.stream, ground, { command, arrival })
      await settle(run, arrival)
    } else if (!command.hasEnded) throw new Error(`it neither streams nor ended within 30 s\n${command.describe()}`)
    const end = await (fails || run.stopAfter !== undefined ? command.end(30_000) : command.stop())
    if (fails ? end === 0 || !command.failure?.startsWith('TR_') : end !== 0) {
      throw new Error(`${fails ? 'to fail with a code was expected, but it' : 'it'} ended with ${end}\n${command.describe()}`)
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

interface Running {
  readonly command: Command
  readonly arrival: Arrival
}

async function playBeforeReading(sql: string, ground: Ground, { command }: Running): Promise<void> {
  command.kill('SIGSTOP')
  try {
    await ground.script(sql)
  } finally {
    command.kill('SIGCONT')
  }
}

/** `-- @wait S`, `-- @events N`, `-- @idle S` and their like on lines of their own pause between the statements around them. */
async function play(sql: string, ground: Ground, running?: Running): Promise<void> {
  for (const part of sql.split(/^(?=-- @\w)/m)) {
    const [line = '', directive, argument = ''] = /^-- @(\w+)[ \t]*(.*)\n?/.exec(part) ?? []
    if (directive !== undefined) await pause(directive, argument.trim(), ground, running)
    await ground.script(part.slice(line.length))
  }
}

async function pause(directive: string, argument: string, ground: Ground, running: Running | undefined): Promise<void> {
  switch (directive) {
    case 'wait':
    case 'sleep':
      return await delay(Number(argument) * 1000)
    case 'exec':
      spawnSync('sh', ['-c', argument], { env: ground.environment })
      return
    case 'idle':
    case 'quiet':
      return await running?.arrival.quiet(Number(argument) * 1000)
    case 'events':
    case 'lines':
      if (await running?.arrival.beyond(Number(argument) - 1, 30_000)) return
      throw new Error(`only ${await running?.arrival.count()} of ${argument} records\n${running?.command.describe()}`)
    default:
      throw new Error(`a script has -- @${directive}, which nobody knows`)
  }
}

/** Waits for the expected number of records as long as some still come, then for a moment in which none comes. */
async function settle(run: ScenarioRun, arrival: Arrival): Promise<void> {
  const { length } = run.ours ?? run.events
  for (let seen = await arrival.count(); seen < length && (await arrival.beyond(seen, PATIENCE_MS)); ) seen = await arrival.count()
  // Where nothing is expected, only the silence itself can show it.
  await arrival.quiet(length === 0 ? 3 * QUIET_MS : QUIET_MS)
}

function compareLines(scenario: Scenario, i: number, name: string, lines: readonly string[], tally: Tally, output: Output): string[] {
  const place = placeOf(scenario)
  const { events, ours } = scenario.runs[i]!
  // what is ours altogether holds what the rules make of Debezium's
  const expected = ours === undefined ? normaliseAll(events).map((record) => amend(place, record, tally)) : normaliseAll(ours)
  if (ours !== undefined) countRecords(place, i + 1, tally)
  let got: Json[]
  try {
    got = normaliseAll(lines)
  } catch (error) {
    return [`${name}: ${String(error)}`]
  }
  const mismatches = withoutPlaces(place, compareRecords(expected, got), tally).filter((mismatch) => output.excuses?.(mismatch) !== true)
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
