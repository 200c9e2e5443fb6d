import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Socket } from 'node:net'

let input: Socket | undefined

/**
 * Puts a server's folder (`data` below it) under the watchdog: whatever happens to this process, SIGKILL included, the
 * server is ended and the folder removed. One watchdog a process; it keeps nothing alive.
 */
export function watch(dir: string): void {
  say(`+${dir}`)
}

/** The server has ended and its folder is gone. */
export function unwatch(dir: string): void {
  say(`-${dir}`)
}

function say(line: string): void {
  if (input === undefined) {
    // Detached: Ctrl-C at the terminal ends the tests and must not end the watchdog with them.
    const child = spawn(process.execPath, [fileURLToPath(new URL('watchdog.mjs', import.meta.url))], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      cwd: '/',
    })
    child.unref()
    input = child.stdin as unknown as Socket
    input.unref()
  }
  input.write(line + '\n')
}
