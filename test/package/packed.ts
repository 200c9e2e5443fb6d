import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface PackedFile {
  readonly path: string
  readonly size: number
  readonly mode: number
}

/** The package as `npm publish` would send it. */
export interface Packed extends Disposable {
  readonly tarball: string
  readonly files: readonly PackedFile[]
  /** Bytes of the tarball. */
  readonly size: number
}

/** Builds and packs in a folder of its own: what dist/ in the checkout holds may be stale, or just being written. */
export async function pack(): Promise<Packed> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tailrace-pack-'))
  const stage = path.join(folder, 'stage')
  mkdirSync(stage)
  const { files } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { files: string[] }
  for (const name of ['package.json', ...files.filter((file) => file !== 'dist')]) {
    if (existsSync(path.join(ROOT, name))) cpSync(path.join(ROOT, name), path.join(stage, name), { recursive: true })
  }
  await run(process.execPath, [path.join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', path.join(ROOT, 'tsconfig.json'), '--outDir', path.join(stage, 'dist')], ROOT)
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], stage)
  // one object in a list, or, from npm 11.12 on, in an object by the package's name
  const [packed] = Object.values(JSON.parse(stdout) as Record<string, { filename: string; size: number; files: PackedFile[] }>)
  if (packed === undefined) throw new Error(`npm pack said ${stdout}`)
  return { tarball: path.join(folder, packed.filename), files: packed.files, size: packed.size, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

/** An empty project that the package was installed into. */
export class Project implements Disposable {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  static async install(packed: Packed, ...packages: readonly string[]): Promise<Project> {
    const project = new Project(mkdtempSync(path.join(tmpdir(), 'tailrace-project-')))
    project.write('package.json', JSON.stringify({ name: 'consumer', version: '1.0.0', private: true, type: 'module' }))
    // --omit=optional and =peer: an optional peer is never installed by npm itself, and must not be for these tests
    await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', '--omit=optional', '--omit=peer', packed.tarball, ...packages], project.folder)
    return project
  }

  write(name: string, text: string): string {
    const file = path.join(this.folder, name)
    writeFileSync(file, text)
    return file
  }

  has(name: string): boolean {
    return existsSync(path.join(this.folder, 'node_modules', name, 'package.json'))
  }

  version(name: string): string {
    return (JSON.parse(readFileSync(path.join(this.folder, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version
  }

  /** Runs a program of the project; its output as text. An exit code other than 0 rejects with all it printed. */
  async node(name: string, ...args: readonly string[]): Promise<string> {
    return (await run(process.execPath, [name, ...args], this.folder)).stdout
  }

  async npx(...args: readonly string[]): Promise<string> {
    return (await run('npx', ['--no-install', ...args], this.folder)).stdout
  }

  /** The TypeScript compiler's complaints. */
  async typeErrors(...args: readonly string[]): Promise<string> {
    const compiler = path.join(ROOT, 'node_modules/typescript/bin/tsc')
    return await execute(process.execPath, [compiler, '--noEmit', '--pretty', 'false', ...args], { cwd: this.folder }).then(({ stdout }) => stdout, (error: unknown) => (error as { stdout: string }).stdout)
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

async function run(command: string, args: readonly string[], cwd: string): Promise<{ stdout: string }> {
  try {
    return await execute(command, args, { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}\n${stderr}`, { cause: error })
  }
}
