import { startCommand } from '../golden/command.ts'
import { startDebezium, type DebeziumConnector } from '../peer/debezium/debezium.ts'
import { parsed, type SharedConfiguration } from './shared-configuration.ts'

/**
 * How a turn ends: after exactly so many records; in order, or killed, once so many have come, or one that says so; Debezium also after
 * exactly so many, killed when their offset is stored.
 */
export type Ending = { readonly after: number } | { readonly stop: number | string | RegExp } | { readonly kill: number } | { readonly hold: number }

/** How a record's value is named; undefined: it does not count, as a tombstone. */
export type WordOf = (value: unknown) => string | undefined

/** Debezium delivers until the ending; the values of its records. */
export async function debeziumTurn(configuration: SharedConfiguration, ending: Ending, connector: DebeziumConnector, wordOf: WordOf): Promise<readonly unknown[]> {
  const count = 'after' in ending ? ending.after : 'hold' in ending ? ending.hold : undefined
  await using debezium = await startDebezium(configuration.file, { connector, count, holds: 'hold' in ending })
  if ('after' in ending) await debezium.end()
  else if ('hold' in ending) {
    await debezium.held()
    await debezium.kill()
  } else {
    const goal = 'stop' in ending ? ending.stop : ending.kill
    await debezium.until(() => (typeof goal === 'number' ? debezium.records.length >= goal : debezium.records.slice(-500).some(({ value }) => meets(wordOf(value), goal))), `${goal} delivered`)
    if ('kill' in ending) await configuration.atRest()
    await ('stop' in ending ? debezium.stop() : debezium.kill())
  }
  return debezium.records.map(({ value }) => value)
}

/** The command delivers until the ending; the values of its records. */
export async function commandTurn(configuration: SharedConfiguration, ending: Exclude<Ending, { readonly hold: number }>, wordOf: WordOf): Promise<readonly unknown[]> {
  const command = startCommand(configuration.file, 'after' in ending ? ['--stop-after', String(ending.after)] : [])
  const valueOf = (line: string): unknown => (parsed(line, 'a record') as { value: unknown }).value
  try {
    if ('after' in ending) await ended(command.end(60_000), command)
    else {
      const goal = 'stop' in ending ? ending.stop : ending.kill
      const there = await command.until(() => (typeof goal === 'number' ? command.records.length >= goal : command.records.slice(-500).some((line) => meets(wordOf(valueOf(line)), goal))), 60_000)
      if (!there) throw new Error(`not delivered: ${goal}\n${command.describe()}`)
      if ('stop' in ending) await ended(command.stop(), command)
      else {
        command.kill('SIGKILL')
        await command.ended
      }
    }
  } finally {
    command.kill('SIGKILL')
  }
  // a line that a kill has cut off was not delivered
  return command.records.filter((line) => line.endsWith('}}')).map(valueOf)
}

function meets(word: string | undefined, goal: string | RegExp): boolean {
  return word !== undefined && (typeof goal === 'string' ? word === goal : goal.test(word))
}

async function ended(end: Promise<number | NodeJS.Signals>, command: { describe(): string }): Promise<void> {
  const code = await end
  if (code !== 0) throw new Error(`the command ended with ${code}\n${command.describe()}`)
}
