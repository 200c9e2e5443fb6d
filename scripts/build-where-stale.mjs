// Builds dist/ where it is missing or older than what it is made of.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const SOURCES = ['src', 'tsconfig.json', 'package.json', 'scripts/build.mjs']

/** Ends the process with the build's exit code when the build fails. */
export function buildWhereStale() {
  const built = path.join(root, 'dist', 'cli', 'main.js')
  if (existsSync(built) && Math.max(...SOURCES.map((name) => newest(path.join(root, name)))) <= statSync(built).mtimeMs) return
  console.log('Building …')
  const { status } = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

// A folder's own time changes when a file in it is removed.
function newest(at) {
  const own = statSync(at)
  return own.isDirectory() ? Math.max(own.mtimeMs, ...readdirSync(at).map((name) => newest(path.join(at, name)))) : own.mtimeMs
}
