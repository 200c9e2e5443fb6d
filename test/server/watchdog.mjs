// Ends the servers of a test process that died without ending them: it reads the folders of running servers from its
// standard input ("+folder", "-folder"), and acts when that closes, which happens however the test process ended.
import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'

const dirs = new Set()
for await (const line of createInterface({ input: process.stdin })) {
  if (line.startsWith('+')) dirs.add(line.slice(1))
  else dirs.delete(line.slice(1))
}
for (const dir of dirs) await end(dir)

async function end(dir) {
  const data = path.join(dir, 'data')
  const pid = postmaster(data)
  if (pid !== undefined) {
    for (const signal of ['SIGQUIT', 'SIGKILL']) {
      if (!isServer(pid, data)) break
      try {
        process.kill(pid, signal)
      } catch {
        break
      }
      for (let i = 0; i < 200 && isServer(pid, data); i++) await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }
  // A server's children may write for a moment after their parent has gone.
  rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
}

function postmaster(data) {
  try {
    const pid = Number(readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n')[0])
    return pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}

// A pid may have been given to another process: a server stands in its data folder.
function isServer(pid, data) {
  try {
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(data)
    if (process.platform === 'win32') return (process.kill(pid, 0), true)
    return execFileSync('ps', ['-p', String(pid), '-o', 'comm='], { encoding: 'utf8' }).includes('postgres')
  } catch {
    return false
  }
}
