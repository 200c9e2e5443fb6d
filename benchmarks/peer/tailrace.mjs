// tailrace itself, as its users run it: the command with its output to /dev/null, and the library in a process of its own.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { measureProgram, runReporter, sumIds } from '../process.mjs'
import { writeProperties } from './properties.mjs'

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const child = fileURLToPath(new URL('tailrace-child.mjs', import.meta.url))

export const missing = async () => (existsSync(main) ? undefined : 'dist/ is not built: npm run build')
const version = async () => JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version

/** The command's arguments for reading `job`. */
export const commandArguments = (job, properties, more, write = writeProperties) => [main, 'run', write(job, properties), ...more]

/** `write`: makes the properties file. */
export const program = (name, workloads, properties, write = writeProperties) => {
  const launch = (job) => ({ command: process.execPath, args: commandArguments(job, properties, ['--stop-after', String(job.rows)], write) })
  return {
    name,
    workloads,
    missing,
    version,
    read: (job) => measureProgram({ ...launch(job), rows: job.rows }),
    // What goes to /dev/null is seen by nobody: so it is looked at once, before the clock runs. The ids are 1 to `rows`.
    check: async (job) => {
      const { lines, sum } = await sumIds(launch(job))
      const expected = job.rows * (job.rows + 1) / 2
      if (lines !== job.rows || sum !== expected) throw new Error(`wrote ${lines} lines, ids' sum ${sum}; expected ${job.rows} and ${expected}`)
    },
  }
}

/** `script`: what runs in the process; it gets the job, the mode and the workloads. */
export const library = (name, mode, flags = [], script = child, workloads = ['bulk', 'single']) => ({
  name,
  workloads,
  missing,
  version,
  read: (job) => runReporter({ command: process.execPath, args: [...flags, script, JSON.stringify({ ...job, mode, snapshot: workloads.includes('snapshot') })] }),
})

/** The log as lines of JSON through the public command. */
export const tailraceCommand = program('tailrace run', ['bulk', 'single'], {})
/** A whole table as lines of JSON through the public command; it makes its own slot, as at a first start. */
export const tailraceSnapshot = program('tailrace run, snapshot', ['snapshot'], { 'snapshot.mode': 'initial' })
/** The library with a sink that takes the records' bytes and drops them, in a young generation of 4 MiB (docs/architecture.md). */
export const tailraceSink = library('tailrace, own sink', 'sink', ['--max-semi-space-size=4'])
/** A whole table through the library, with that sink and that young generation. */
export const tailraceSinkSnapshot = library('tailrace, own sink, snapshot', 'sink', ['--max-semi-space-size=4'], child, ['snapshot'])
/** The library with a callback that looks at nothing: about as fast as the server can send. */
export const tailraceNothing = library('tailrace, looks at nothing', 'nothing')
/** The library with a callback that reads every field of every event. */
export const tailraceCallback = library('tailrace, callback', 'callback')
