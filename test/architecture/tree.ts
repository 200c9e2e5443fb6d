import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT: string = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '')

/** Text by path from the project's root, with forward slashes. A rule takes such a tree and returns what breaks it, a line each. */
export type Tree = Readonly<Record<string, string>>

/** Source files of the given folders. */
export function sourceTree(...folders: readonly string[]): Tree {
  const names = folders.flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|mts|cts|mjs|cjs|js)$/.test(entry.name))
      .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)).split(path.sep).join('/')),
  )
  return read(names)
}

/** What a checkout holds and what would be added to it. */
export function trackedNames(): string[] {
  return execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }).split('\0').filter((name) => name !== '')
}

/** Of those, the ones that are text; a file that is gone from the folder is left out. */
export function trackedText(): Tree {
  return read(trackedNames())
}

function read(names: readonly string[]): Tree {
  const tree: Record<string, string> = {}
  for (const name of names) {
    let bytes: Buffer
    try {
      bytes = readFileSync(path.join(ROOT, name))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue
      throw error
    }
    // git's own test for binary: a zero byte near the beginning
    if (!bytes.subarray(0, 8_000).includes(0)) tree[name] = bytes.toString('utf8')
  }
  return tree
}
