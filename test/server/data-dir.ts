import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, chown, cp, mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { sharedDir, temporaryRoot, type Account } from './account.ts'
import { executable, moveIntoPlace, ServerUnavailableError } from './binary.ts'

const run = promisify(execFile)

/** What makes a template differ; part of its name, so that changing it here makes a new one. */
const LOCALE = 'C'

/** A new folder (owned by the server's account) whose `data` is a freshly initialised cluster. */
export async function newDataDir(home: string, account: Account | undefined): Promise<string> {
  const template = await templateDir(home, account)
  const dir = await ownDir(temporaryRoot(account), 'tailrace-pg-', account)
  await copyTree(template, path.join(dir, 'data'))
  return dir
}

/** initdb takes most of a second and a copy a fraction of it: it runs once a machine and version. */
async function templateDir(home: string, account: Account | undefined): Promise<string> {
  const owner = account === undefined ? '' : `-${account.uid}`
  const template = path.join(sharedDir(account), `${path.basename(home)}-${LOCALE}${owner}.template`)
  if (existsSync(template)) return template
  const staging = await ownDir(temporaryRoot(account), 'tailrace-initdb-', account)
  try {
    const data = path.join(staging, 'data')
    const args = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', `--locale=${LOCALE}`, '--no-sync']
    await run(path.join(home, 'bin', executable('initdb')), args, { cwd: staging, ...processOptions(account, staging) })
    const copied = `${template}.${process.pid}`
    await copyTree(data, copied)
    await moveIntoPlace(copied, template)
    await rm(copied, { recursive: true, force: true })
  } catch (error) {
    throw new ServerUnavailableError(`initdb of ${path.basename(home)} failed: ${String((error as { stderr?: string }).stderr ?? error)}`, { cause: error })
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
  return template
}

/** spawn's options to run a program of the server as its account. */
export function processOptions(account: Account | undefined, home: string): { env: NodeJS.ProcessEnv; uid?: number; gid?: number } {
  // Settings of the developer's own psql must not reach the server; PATH is what initdb looks for itself in.
  const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'], HOME: home, TZ: 'UTC', LC_ALL: 'C' }
  if (process.platform === 'win32') Object.assign(env, { SystemRoot: process.env['SystemRoot'], TEMP: process.env['TEMP'] })
  return { env, ...account }
}

async function ownDir(parent: string, prefix: string, account: Account | undefined): Promise<string> {
  const dir = await mkdtemp(path.join(parent, prefix))
  await chmod(dir, 0o700)
  if (account !== undefined) await chown(dir, account.uid, account.gid)
  return dir
}

async function copyTree(from: string, to: string): Promise<void> {
  // cp keeps the owner (for root) and modes, and is several times as fast as copying a thousand files from here.
  if (process.platform === 'win32') await cp(from, to, { recursive: true })
  else await run('cp', ['-a', from, to])
}
