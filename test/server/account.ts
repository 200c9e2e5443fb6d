import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, statSync } from 'node:fs'
import { copyFile, link, mkdir, mkdtemp, readdir, readlink, rm, symlink } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { cacheDir, installPostgres, moveIntoPlace, ServerUnavailableError, type PostgresMajor } from './binary.ts'

/** The operating-system account a server runs under. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/**
 * Undefined: the server runs as we do. PostgreSQL refuses to run as root ("root" execution of the PostgreSQL server is
 * not permitted), so root hands it to the account `postgres`, or to `nobody` where there is none.
 */
export function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    const uid = spawnSync('id', ['-u', name], { encoding: 'utf8' })
    const gid = spawnSync('id', ['-g', name], { encoding: 'utf8' })
    if (uid.status === 0 && gid.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  }
  throw new ServerUnavailableError('PostgreSQL does not run as root, and there is neither an account "postgres" nor "nobody"')
}

/** The temporary folder data folders are made in: one that another account can reach, if it is another one. */
export function temporaryRoot(account: Account | undefined): string {
  if (account === undefined) return os.tmpdir()
  const found = [os.tmpdir(), '/tmp', '/var/tmp'].find((dir) => existsSync(dir) && traversable(dir))
  if (found === undefined) throw new ServerUnavailableError('no temporary folder that the account of the server can reach')
  return found
}

/**
 * Where binaries and template data folders of this machine are: the cache, or, when the server's account cannot reach
 * that (root's home is closed to others), a folder below the temporary one.
 */
export function sharedDir(account: Account | undefined): string {
  const cache = cacheDir()
  mkdirSync(cache, { recursive: true })
  if (account === undefined || traversable(cache)) return cache
  const dir = path.join(temporaryRoot(account), `tailrace-${process.getuid?.() ?? 'user'}`)
  mkdirSync(dir, { recursive: true, mode: 0o755 })
  // The name can be guessed: what stands there must be a folder of our own, or others could plant programs in it.
  const found = lstatSync(dir)
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o022) !== 0) {
    throw new ServerUnavailableError(`${dir} belongs to somebody else`)
  }
  return dir
}

/** The installed PostgreSQL in a place the account can reach; hard links where possible, so that it costs no space. */
export async function reachablePostgres(major: PostgresMajor, account: Account | undefined): Promise<string> {
  const installed = await installPostgres(major)
  const shared = sharedDir(account)
  if (installed.startsWith(shared + path.sep)) return installed
  const home = path.join(shared, path.basename(installed))
  if (existsSync(home)) return home
  const staging = await mkdtemp(path.join(shared, '.link-'))
  try {
    const tree = path.join(staging, 'tree')
    await linkTree(installed, tree)
    await moveIntoPlace(tree, home)
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
  return home
}

async function linkTree(from: string, to: string): Promise<void> {
  await mkdir(to, { mode: 0o755 })
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name)
    const target = path.join(to, entry.name)
    if (entry.isDirectory()) await linkTree(source, target)
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target)
    // EXDEV: the temporary folder is on another file system.
    else await link(source, target).catch(() => copyFile(source, target))
  }
}

/** May everybody pass through every folder of the path? */
function traversable(dir: string): boolean {
  for (let at = path.resolve(dir); ; at = path.dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false
    if (at === path.dirname(at)) return true
  }
}
