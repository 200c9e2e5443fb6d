// npm test [-- vitest's arguments]: builds what is stale, for tests run the built command as a process of its own; then
// runs the tests. With CI=true a server that cannot be had is a failure, elsewhere its tests are skipped with a line.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { buildWhereStale } from './build-where-stale.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

buildWhereStale()
const { status, signal } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' })
if (signal !== null) console.error(`the tests were ended by ${signal}`)
process.exit(status ?? 1)
