import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { cacheDir, executable, moveIntoPlace, ServerUnavailableError } from './binary.ts'

const run = promisify(execFile)

/** One artefact: `group:name:version`, or `group:name:version:type[:classifier]`. */
type Coordinate = string

/**
 * The folder with the jars of these artefacts and of what they need at run time, fetched by the `mvn` command on the
 * first call. Where from is Maven's own configuration alone (settings.xml: mirrors, proxies). Those of `alone` come without
 * what they need.
 */
export async function mavenJars(name: string, coordinates: readonly Coordinate[], alone: readonly Coordinate[] = []): Promise<string> {
  return await installed(name, [...coordinates, '', ...alone], async (staging) => {
    const jars = path.join(staging, 'jars')
    await writeFile(path.join(staging, 'pom.xml'), pom(coordinates, alone))
    await maven(name, staging, ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${jars}`])
    return jars
  })
}

/** The folder an archive (`group:name:version:tar.gz[:classifier]`) was unpacked to, fetched in the same way. */
export async function mavenArchive(name: string, coordinate: Coordinate): Promise<string> {
  return await installed(name, [coordinate], async (staging) => {
    await maven(name, staging, ['dependency:copy', `-Dartifact=${coordinate}`, `-DoutputDirectory=${staging}`])
    const archive = (await readdir(staging)).find((file) => file.endsWith('.tar.gz'))
    if (archive === undefined) throw new ServerUnavailableError(`${name}: Maven brought no archive for ${coordinate}`)
    const tree = path.join(staging, 'tree')
    await mkdir(tree)
    await run('tar', ['-xzf', path.join(staging, archive), '-C', tree, '--no-same-owner'])
    return tree
  })
}

/** The `java` (or another program) of JAVA_HOME, or the one on the PATH. */
export function javaProgram(name: 'java' | 'javac' = 'java'): string {
  const home = process.env['JAVA_HOME']
  const inHome = home === undefined || home === '' ? undefined : path.join(home, 'bin', executable(name))
  return inHome !== undefined && existsSync(inHome) ? inHome : name
}

/** Throws ServerUnavailableError, unless there is a Java of at least that version; what it says about itself. */
export function requireJava(what: string, major: number): string {
  let said: string
  try {
    // To standard output, with two dashes, since Java 9.
    said = execFileSync(javaProgram(), ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    throw new ServerUnavailableError(`${what}: there is no Java (${(error as NodeJS.ErrnoException).code ?? 'older than 9'})`, { cause: error })
  }
  const found = Number(/^\S+ (\d+)/.exec(said)?.[1])
  if (!(found >= major)) throw new ServerUnavailableError(`${what}: Java ${major} is needed, and this is ${said.split('\n')[0] ?? 'another'}`)
  return said
}

/**
 * A folder of the cache, named after its contents. Two processes may ask at once: each makes one of its own, and the
 * first rename wins.
 */
export async function installed(name: string, contents: readonly string[], make: (staging: string) => Promise<string>, parent = path.join(cacheDir(), 'java')): Promise<string> {
  const home = path.join(parent, `${name}-${createHash('sha256').update(contents.join('\n')).digest('hex').slice(0, 12)}`)
  if (existsSync(home)) return home
  await mkdir(parent, { recursive: true })
  const staging = await mkdtemp(path.join(parent, '.install-'))
  try {
    await moveIntoPlace(await make(staging), home)
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
  return home
}

async function maven(name: string, cwd: string, args: readonly string[]): Promise<void> {
  try {
    // -q with -B: errors only, and no progress bars.
    await run('mvn', ['-q', '-B', ...args], { cwd, timeout: 600_000, shell: process.platform === 'win32', maxBuffer: 16_000_000 })
  } catch (error) {
    const { code, stdout } = error as { code?: unknown; stdout?: string }
    if (code === 'ENOENT') throw new ServerUnavailableError(`${name}: the command "mvn" (Maven) is not installed`, { cause: error })
    const said = /^\[ERROR\] (?:Failed to execute goal \S+ \S+ on project \S+ )?(.+)$/m.exec(stdout ?? '')?.[1]
    throw new ServerUnavailableError(`${name}: Maven could not resolve it (${said?.slice(0, 400) ?? String(error)})`, { cause: error })
  }
}

function pom(coordinates: readonly Coordinate[], alone: readonly Coordinate[]): string {
  const dependency = (coordinate: Coordinate, more: string): string => {
    const [group, artifact, version] = coordinate.split(':')
    return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>${more}</dependency>`
  }
  const nothing = '<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>'
  const dependencies = [...coordinates.map((one) => dependency(one, '')), ...alone.map((one) => dependency(one, nothing))]
  const project = '<groupId>tailrace.test</groupId><artifactId>server</artifactId><version>1</version><packaging>pom</packaging>'
  return `<project><modelVersion>4.0.0</modelVersion>${project}<dependencies>${dependencies.join('')}</dependencies></project>`
}
