// Ends the servers of a test process that died without ending them: it reads the folders of running servers from its
// standard input ("+folder", "-folder"), and acts when that closes, which happens however the test process ended.
import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'

// Where a server's pid is written, below its folder. SIGQUIT is PostgreSQL's immediate shutdown; Java prints its threads.
const SERVERS = [
  { file: 'data/postmaster.pid', program: 'postgres', signals: ['SIGQUIT', 'SIGKILL'] },
  { file: 'server.pid', program: 'java', signals: ['SIGKILL'] },
]

const dirs = new Set()
for await (const line of createInterface({ input: process.stdin })) {
  if (line.startsWith('+')) dirs.add(line.slice(1))
  else dirs.delete(line.slice(1))
}
for (const dir of dirs) await end(dir)

async function end(dir) {
  const data = path.join(dir, 'data')
  for (const { file, program, signals } of SERVERS) {
    const pid = recordedPid(path.join(dir, file))
    if (pid === undefined) continue
    for (const signal of signals) {
      if (!isServer(pid, data, program)) break
      try {
        process.kill(pid, signal)
      } catch {
        break
      }
      for (let i = 0; i < 200 && isServer(pid, data, program); i++) await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }
  // A server's children may write for a moment after their parent has gone.
  rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
}

function recordedPid(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8').split('\n')[0])
    return pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}

// A pid may have been given to another process: a server stands in its data folder.
function isServer(pid, data, program) {
  try {
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(data)
    if (process.platform === 'win32') return (process.kill(pid, 0), true)
    return execFileSync('ps', ['-p', String(pid), '-o', 'comm='], { encoding: 'utf8' }).includes(program)
  } catch {
    return false
  }
}
