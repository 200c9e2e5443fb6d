// Measures a program from outside: nothing is added to it but a look at /proc every few milliseconds.
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { onAbruptEnd } from './machine.mjs'

const SAMPLE_MS = 10
const TICKS_A_SECOND = 100 // USER_HZ, 100 on every Linux that Node supports (proc_pid_stat(5))
// The counted part begins when this much was written: more than a program writes before its first rows (a runtime's
// wake-ups, its requests to the server), less than 300 rows.
const FIRST_BYTES = 32 * 1024

/**
 * @typedef {object} Reading what one run of one peer came to
 * @property {number} rows rows of the counted part
 * @property {number} seconds from the first row out to the last
 * @property {number} cpuSeconds user and system time of all threads in the counted part
 * @property {number} wholeSeconds from the start of the process to the last row
 * @property {number} wholeCpuSeconds from the start of the process to the last row
 * @property {number} peakRssKiB VmHWM
 * @property {number} [bytes] bytes written; in Kafka, of the topic's log
 * @property {number} [writtenRows] rows that `bytes` hold, where they are not those of the counted part alone
 */

/**
 * Runs a program whose output goes to /dev/null, until it ends by itself.
 * @param {{command: string, args: string[], rows: number, timeoutSeconds?: number}} options
 * @returns {Promise<Reading>}
 */
export async function measureProgram({ command, args, rows, timeoutSeconds = 600 }) {
  const out = openSync('/dev/null', 'w')
  const started = now()
  const child = spawn(command, args, { stdio: ['ignore', out, 'pipe'] })
  const forget = onAbruptEnd(() => child.kill('SIGKILL'))
  closeSync(out)
  const said = collect(child.stderr)
  /** @type {{code: number | null, at: number} | undefined} */
  let end
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => { end = { code, at: now() }; resolve(undefined) })
  })
  ended.catch(() => {})
  let first
  let last = { cpuSeconds: 0, peakRssKiB: 0, bytes: 0 }
  while (end === undefined && child.pid !== undefined) {
    const sample = look(child.pid)
    if (sample !== undefined) {
      last = sample
      if (first === undefined && sample.bytes >= FIRST_BYTES) first = { at: now(), cpuSeconds: sample.cpuSeconds }
    }
    if (now() - started > timeoutSeconds) child.kill('SIGKILL')
    await Promise.race([sleep(SAMPLE_MS), ended])
  }
  await ended
  forget()
  if (end?.code !== 0) throw new Error(`${command} ended with ${end?.code ?? 'a signal'} after ${(now() - started).toFixed(1)} s: ${said().slice(-2000)}`)
  if (first === undefined) throw new Error(`${command} wrote only ${last.bytes} bytes: too few rows to measure, or none came`)
  return {
    rows,
    seconds: end.at - first.at,
    cpuSeconds: last.cpuSeconds - first.cpuSeconds,
    wholeSeconds: end.at - started,
    wholeCpuSeconds: last.cpuSeconds,
    peakRssKiB: last.peakRssKiB,
    bytes: last.bytes,
  }
}

/**
 * Runs a peer that measures itself and prints one JSON line, a Reading, on stdout.
 * @param {{command: string, args: string[], timeoutSeconds?: number}} options
 * @returns {Promise<Reading>}
 */
export async function runReporter({ command, args, timeoutSeconds = 1200 }) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const printed = collect(child.stdout)
  const said = collect(child.stderr)
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutSeconds * 1000)
  const code = await closing(child)
  clearTimeout(timer)
  const line = printed().split('\n').find((text) => text.startsWith('{"rows":'))
  if (code !== 0 || line === undefined) throw new Error(`${command} ${args[0]} ended with ${code ?? 'a signal'}: ${said().slice(-2000)}`)
  return JSON.parse(line)
}

/**
 * Runs a program to its end and looks at each line of its output: the rows it tells of. Not measured.
 * @param {{command: string, args: string[]}} options
 */
export async function sumIds({ command, args }) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const said = collect(child.stderr)
  let lines = 0
  let sum = 0
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines++
    sum += Number(/"after":\{"id":(\d+)/.exec(line)?.[1])
  })
  const code = await closing(child)
  if (code !== 0) throw new Error(`${command} ${args[0]} ended with ${code ?? 'a signal'}: ${said().slice(-2000)}`)
  return { lines, sum }
}

/**
 * What the system says about a process; nothing once it has ended.
 * @param {number} pid
 */
export function look(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')
    return {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND,
      peakRssKiB: field(`/proc/${pid}/status`, 'VmHWM'),
      bytes: field(`/proc/${pid}/io`, 'wchar'),
    }
  } catch {
    return undefined // it has just ended
  }
}

/** The exit code once the process has ended and its output was read. */
async function closing(child) {
  const forget = onAbruptEnd(() => child.kill('SIGKILL'))
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  forget()
  return code
}

function field(file, name) {
  const found = new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(readFileSync(file, 'utf8'))
  if (found === null) throw new Error(`${file} has no ${name}`)
  return Number(found[1])
}

/** Keeps the end of what a stream says. */
export function collect(stream) {
  let text = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk) => { text = (text + chunk).slice(-100_000) })
  return () => text
}

const now = () => performance.now() / 1000
