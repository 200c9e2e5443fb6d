import { execFile } from 'node:child_process'
import { readFile, readlink } from 'node:fs/promises'
import os from 'node:os'
import { promisify } from 'node:util'

/** What tells one process from every other, later ones with the same pid included. Undefined: the platform does not say. */
export interface ProcessIdentity {
  readonly pid: number
  readonly host: string
  /** Linux: one run of one kernel. */
  readonly boot?: string
  /** Linux: the PID namespace that `pid` is a number in. */
  readonly namespace?: string
  /** When the process started, in the words of the platform; only compared for equality. */
  readonly started?: string
}

/** The namespace that a machine starts with: PROC_PID_INIT_INO of the kernel's include/linux/proc_ns.h. Containers have others. */
export const FIRST_NAMESPACE = 'pid:[4026531836]'

/** Who runs this code. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  const [boot, namespace, state] = await Promise.all([
    read(readFile('/proc/sys/kernel/random/boot_id', 'utf8')),
    read(readlink('/proc/self/ns/pid')),
    stateOf(process.pid),
  ])
  return {
    pid: process.pid,
    host: os.hostname(),
    ...(boot === undefined ? {} : { boot }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(state.started === undefined ? {} : { started: state.started }),
  }
}

/** Is it certain that the process of that pid, in our own PID namespace, has ended? */
export async function hasEnded(pid: number, started: string | undefined): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it runs as another user. Where /proc hides other users' processes (hidepid, proc(5)), this is all there is.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true
  }
  const state = await stateOf(pid)
  return state.ended || (started !== undefined && state.started !== undefined && state.started !== started)
}

interface ProcessState {
  readonly ended: boolean
  readonly started: string | undefined
}

async function stateOf(pid: number): Promise<ProcessState> {
  if (process.platform === 'linux') return linuxState(pid)
  return process.platform === 'win32' ? { ended: false, started: undefined } : psState(pid)
}

async function linuxState(pid: number): Promise<ProcessState> {
  // A /proc of another PID namespace (chroot, bind mount) speaks of other processes.
  const stat = (await read(readlink('/proc/self'))) === String(process.pid) ? await read(readFile(`/proc/${pid}/stat`, 'utf8')) : undefined
  if (stat === undefined) return { ended: false, started: undefined }
  // proc(5): the name in parentheses may itself hold blanks and parentheses; behind the last one comes field 3, the state.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, threads, started] = [fields[0], fields[17], fields[19]]
  // A process that was killed is a zombie until its parent asks for it. While it still has threads, one of them may be
  // about to finish a system call – a rename, say.
  return { ended: (state === 'Z' || state === 'X') && (threads === '0' || threads === '1'), started }
}

/** macOS and the BSDs; exported for a test, as ps of Linux knows the same columns. */
export async function psState(pid: number): Promise<ProcessState> {
  const options = { env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' }, timeout: 5000 }
  const line = await read(promisify(execFile)('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], options).then(({ stdout }) => stdout))
  const match = /^(\S+)\s+(.+)$/.exec(line ?? '')
  return { ended: match?.[1]?.startsWith('Z') ?? false, started: match?.[2] }
}

async function read(text: Promise<string>): Promise<string | undefined> {
  try {
    return (await text).trim()
  } catch {
    return undefined
  }
}
