import { execFile } from 'node:child_process'
import { cp } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { executable, ServerUnavailableError } from './binary.ts'
import { installed } from './maven.ts'

const run = promisify(execFile)
/** Runs with MySQL 9.7. An exact version: not every proxy lists them. */
const GH_OST = 'github.com/github/gh-ost@v1.1.8'
const BUILD_MS = 600_000

/**
 * The program gh-ost, built from its module by the `go` command on the first call (half a minute); where from is Go's own configuration
 * alone (GOPROXY). Errors: ServerUnavailableError.
 */
export async function installGhOst(): Promise<string> {
  const home = await installed('gh-ost', [GH_OST], async (staging) => {
    // modules in a folder of its own, which can be removed
    const env = { ...process.env, GOPATH: path.join(staging, 'go'), GOFLAGS: '-modcacherw -mod=mod -buildvcs=false', GOTOOLCHAIN: 'local' }
    const { Dir } = JSON.parse(await go(['mod', 'download', '-json', GH_OST], staging, env)) as { Dir: string }
    // its go.sum is for its own tests as well, and is completed where the module lies
    const source = path.join(staging, 'source')
    await cp(Dir, source, { recursive: true })
    const made = path.join(staging, 'made')
    await go(['build', '-o', path.join(made, executable('gh-ost')), './go/cmd/gh-ost'], source, env)
    return made
  })
  return path.join(home, executable('gh-ost'))
}

async function go(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  try {
    return (await run('go', args, { cwd, env, timeout: BUILD_MS, maxBuffer: 16_000_000 })).stdout
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string }
    if (code === 'ENOENT') throw new ServerUnavailableError('gh-ost: the command "go" is not installed', { cause: error })
    throw new ServerUnavailableError(`gh-ost: go ${args[0]} failed: ${`${stdout}${stderr}`.trim().slice(-400)}`, { cause: error })
  }
}
