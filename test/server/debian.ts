import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { cacheDir, moveIntoPlace, ServerUnavailableError } from './binary.ts'
import { installed } from './maven.ts'

const run = promisify(execFile)

/** The names of one machine's kind: of its libraries' folder, and of its dynamic loader. */
const MACHINE: Readonly<Record<string, { readonly triplet: string; readonly loader: string }>> = {
  x64: { triplet: 'x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2' },
  arm64: { triplet: 'aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1' },
}

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** Not needed by any server: what Debian's packages want for their scripts. */
const SUPERFLUOUS = /^(?:lib)?perl/

/** What is wanted of a release of Debian. */
export interface DebianWish {
  /** For people and for the folder's name. */
  readonly name: string
  /** `bookworm`, `sid` … */
  readonly suite: string
  /** With everything that they depend on. */
  readonly packages: readonly string[]
  /** Without what they depend on. */
  readonly alone?: readonly string[]
}

/** Packages of some release of Debian, unpacked; nothing of it is installed, and no account but ours is needed. */
export class DebianTree {
  readonly root: string
  readonly #loader: string
  readonly #libraries: string

  constructor(root: string) {
    const { triplet, loader } = machine(root)
    this.root = root
    // /lib is a folder of its own up to Debian 12
    const folders = ['lib', 'usr/lib'].map((folder) => path.join(root, folder, triplet))
    this.#libraries = folders.join(':')
    this.#loader = folders.map((folder) => path.join(folder, loader)).find((file) => existsSync(file)) ?? loader
  }

  /** What to spawn to run a program of it, with its own C library: the machine's may be older. */
  command(program: string, args: readonly string[]): { readonly file: string; readonly args: string[] } {
    return { file: this.#loader, args: ['--library-path', this.#libraries, path.join(this.root, program), ...args] }
  }

  /** A folder that is made once a tree, by `make` in a folder given to it: an initialised data folder, to be copied. */
  async made(name: string, make: (data: string) => Promise<void>): Promise<string> {
    const home = `${this.root}.${name}`
    if (existsSync(home)) return home
    const staging = await mkdtemp(path.join(path.dirname(this.root), '.make-'))
    try {
      const data = path.join(staging, 'data')
      await mkdir(data, { mode: 0o700 })
      await make(data)
      await moveIntoPlace(data, home)
    } catch (error) {
      const said = (error as { stderr?: string }).stderr ?? String(error)
      throw new ServerUnavailableError(`${path.basename(home)} could not be made: ${said.slice(-2000)}`, { cause: error })
    } finally {
      await rm(staging, { recursive: true, force: true })
    }
    return home
  }
}

/** Fetched by the machine's own apt (its mirror, proxies and keys) on the first call, on any Debian. */
export async function debianTree(wish: DebianWish): Promise<DebianTree> {
  machine(wish.name)
  const { name, suite, packages, alone = [] } = wish
  return new DebianTree(await installed(`${name}-${suite}`, [suite, ...packages, '', ...alone], async (staging) => {
    await download(wish, staging)
    const tree = path.join(staging, 'tree')
    const archives = path.join(staging, 'cache/archives')
    for (const file of await readdir(archives)) {
      if (file.endsWith('.deb') && !SUPERFLUOUS.test(file)) await run('dpkg', ['-x', path.join(archives, file), tree])
    }
    return tree
  }, path.join(cacheDir(), 'debian')))
}

/** Into `cache/archives`. With a state folder of its own and nothing in it, apt fetches every dependency, and leaves the machine alone. */
async function download({ name, suite, packages, alone = [] }: DebianWish, staging: string): Promise<void> {
  const signed = existsSync(KEYRING) ? ` [signed-by=${KEYRING}]` : ''
  const sources = path.join(staging, 'sources.list')
  await writeFile(sources, `deb${signed} ${await mirror(name)} ${suite} main\n`)
  await writeFile(path.join(staging, 'status'), '')
  const archives = path.join(staging, 'cache/archives')
  for (const folder of [path.join(staging, 'state/lists/partial'), path.join(archives, 'partial')]) await mkdir(folder, { recursive: true })
  const options = {
    'Dir::State': path.join(staging, 'state'), 'Dir::State::status': path.join(staging, 'status'), 'Dir::Cache': path.join(staging, 'cache'),
    'Dir::Etc::sourcelist': sources, 'Dir::Etc::sourceparts': '/dev/null', 'Dir::Etc::preferences': '/dev/null', 'Dir::Etc::preferencesparts': '/dev/null',
    // root would hand over to an account that cannot write here
    'APT::Sandbox::User': 'root', 'Acquire::Languages': 'none', 'Acquire::Retries': '3', 'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled': 'false', 'Debug::NoLocking': '1',
  }
  const apt = async (...args: string[]): Promise<void> => void (await aptGet(name, [...Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`]), ...args], archives))
  await apt('update', '-q')
  await apt('install', '-q', '-y', '--download-only', '--no-install-recommends', ...packages)
  if (alone.length > 0) await apt('download', '-q', ...alone)
}

/** Where this machine gets its own packages from. */
async function mirror(name: string): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const codename = /^VERSION_CODENAME=(.+)$/m.exec(release)?.[1]
  if (!/^ID=debian$/m.test(release) || codename === undefined) throw new ServerUnavailableError(`${name}: its packages are had on a Debian only`)
  // without what it has fetched: an image may have removed that
  const targets = await aptGet(name, ['indextargets', '--no-release-info', '--format', '$(REPO_URI) $(RELEASE) $(COMPONENT)'], '/')
  const found = targets.split('\n').map((line) => line.split(' ')).find(([, suite, component]) => suite === codename && component === 'main')?.[0]
  if (found === undefined) throw new ServerUnavailableError(`${name}: apt of this machine has no source for ${codename}`)
  return found
}

async function aptGet(name: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    return (await run('apt-get', args, { cwd, timeout: 300_000, maxBuffer: 64_000_000, env: { ...process.env, LC_ALL: 'C' } })).stdout
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string }
    if (code === 'ENOENT') throw new ServerUnavailableError(`${name}: the command "apt-get" is not installed`, { cause: error })
    const said = stderr?.split('\n').filter((line) => /^[EW]: /.test(line)).join(' ') ?? ''
    throw new ServerUnavailableError(`${name}: apt could not fetch it (${said === '' ? String(error) : said.slice(0, 600)})`, { cause: error })
  }
}

function machine(name: string): { readonly triplet: string; readonly loader: string } {
  const found = process.platform === 'linux' ? MACHINE[process.arch] : undefined
  if (found === undefined) throw new ServerUnavailableError(`${name}: no server build for ${process.platform}-${process.arch}`)
  return found
}
