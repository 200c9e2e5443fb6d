// npm run quickstart [-- kafka | mysql | mariadb] [-- --fast]: needs nothing but Node; with kafka, also Java and Maven, or a broker
// (KAFKA_BROKERS=host:port); with mysql and mariadb a Debian, or a server (MYSQL_URL=mysql://root@host:port). Installs what package-lock.json names and builds, where that was not done yet, then shows tailrace
// at work. Node's own modules only: nothing is installed yet when this starts.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildWhereStale } from '../../scripts/build-where-stale.mjs'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`tailrace needs Node 20.19 or newer; this is ${process.version}`)
  process.exit(1)
}
const root = fileURLToPath(new URL('../..', import.meta.url))
install()
buildWhereStale()
await import(process.argv.includes('kafka') ? './kafka-show.mjs' : './show.mjs')

/** npm writes node_modules/.package-lock.json last: without it, or with an older one than the lock file, something is missing. */
function install() {
  const installed = path.join(root, 'node_modules', '.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(path.join(root, 'package-lock.json')).mtimeMs) return
  console.log('Installing what package-lock.json names (once) …')
  // Under `npm run` the running npm is known by path; elsewhere it is the one on the PATH (a .cmd file on Windows).
  const npm = process.env.npm_execpath
  const [program, ...first] = npm !== undefined && /npm-cli\.js$/.test(npm) ? [process.execPath, npm] : ['npm']
  const args = [...first, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit', shell: first.length === 0 && process.platform === 'win32' })
  if (status !== 0) {
    console.error(`npm ci failed${error === undefined ? '' : `: ${error.message}`}`)
    process.exit(1)
  }
}
