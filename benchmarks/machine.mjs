// What a figure depends on and a reader must know: the machine, and the folders the binaries are kept in.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { availableParallelism, cpus, homedir, release, tmpdir, totalmem } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

/** The machine as it goes into the raw results. */
export function describeMachine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryMiB: Math.round(totalmem() / 1048576),
    kernel: release(),
    node: process.version,
    // docs/decision/0023: it decides how fast a walsender is
    congestionControl: readFileSync('/proc/sys/net/ipv4/tcp_congestion_control', 'utf8').trim(),
  }
}

/** The load before the runs: figures taken on a busy machine are told apart by it. */
export const load = () => readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 3).map(Number)

/** Downloads that survive a run: $XDG_CACHE_HOME/tailrace or ~/.cache/tailrace. */
export function cacheFolder() {
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tailrace')
  mkdirSync(folder, { recursive: true })
  return folder
}

/** Whether every other user may walk into the folder (server binaries are run by the user postgres when we are root). */
export function isOpen(folder) {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(at) && (statSync(at).mode & 0o001) === 0) return false
    if (at === dirname(at)) return true
  }
}

/**
 * Has `action` done when this process ends before its time: an exception that nobody caught, a signal, a closed pipe.
 * @param {() => void} action synchronous
 * @returns {() => void} call it when all went well
 */
export function onAbruptEnd(action) {
  process.once('exit', action)
  return () => process.off('exit', action)
}

/** A temporary folder that does not outlive this process; `remove` it when done. */
export function temporaryFolder(prefix) {
  const path = mkdtempSync(join(tmpdir(), prefix))
  const remove = () => rmSync(path, { recursive: true, force: true })
  const forget = onAbruptEnd(remove)
  return { path, remove: () => { forget(); remove() } }
}

/** A program on the PATH or in Debian's folders of PostgreSQL client programs, newest first. */
export function findProgram(name) {
  const debian = '/usr/lib/postgresql'
  const majors = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [...majors.map((major) => join(debian, major, 'bin')), ...(process.env.PATH ?? '').split(delimiter)]
  for (const folder of folders) {
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // Not in this folder.
    }
  }
  return undefined
}

/** The first line a program prints about its version. */
export function programVersion(path, option = '--version') {
  const result = spawnSync(path, [option], { encoding: 'utf8' })
  return `${result.stdout}${result.stderr}`.trim().split('\n')[0] ?? 'unknown'
}
