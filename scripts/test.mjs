// npm test [-- vitest's arguments]: builds what is stale, for tests run the built command as a process of its own; then
// runs the tests. With CI=true a server that cannot be had is a failure, elsewhere its tests are skipped with a line.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

// A folder's own time changes when a file in it is removed.
function newest(at) {
  const own = statSync(at)
  return own.isDirectory() ? Math.max(own.mtimeMs, ...readdirSync(at).map((name) => newest(path.join(at, name)))) : own.mtimeMs
}

function run(...args) {
  const { status, signal } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) {
    if (signal !== null) console.error(`ended by ${signal}: ${args.join(' ')}`)
    process.exit(status ?? 1)
  }
}

const built = path.join(root, 'dist', 'cli', 'main.js')
const inputs = ['src', 'tsconfig.json', 'package.json', 'scripts/build.mjs'].map((name) => path.join(root, name))
if (!existsSync(built) || Math.max(...inputs.map(newest)) > statSync(built).mtimeMs) run('scripts/build.mjs')
run('node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2))
