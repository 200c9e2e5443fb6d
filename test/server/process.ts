import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Is there a process of that id that still runs? */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // An orphan that has ended stays in the table until init asks for its status, which takes a second in containers;
    // it holds nothing any more. proc(5): the state comes after the name in parentheses.
    return process.platform !== 'linux' || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** The processes a process started, and theirs. */
export function descendants(pid: number): number[] {
  if (process.platform === 'win32') return []
  // -o with an empty header works on Linux and macOS alike.
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  const found: number[] = []
  for (let parents = [pid]; parents.length > 0; ) {
    const children = rows.filter(([, parent]) => parent !== undefined && parents.includes(parent)).map(([child]) => child ?? 0)
    found.push(...children)
    parents = children
  }
  return found
}
