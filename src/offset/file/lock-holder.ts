import type { JsonValue } from '../../event/position.ts'
import { canonicalJson } from './canonical-json.ts'
import type { FileSystem } from './file-system.ts'
import { FIRST_NAMESPACE, hasEnded, type ProcessIdentity } from './process-identity.ts'
import { askWitness, type WitnessMark } from './witness.ts'

/** What a lock file says. */
export interface LockHolder extends ProcessIdentity {
  /** Never used twice: names one attempt to take one lock. */
  readonly token: string
  readonly engine: string
  /** For people. */
  readonly since: string
  readonly witness?: WitnessMark
}

/** `dead` is proven. `elsewhere`: another host, or a container whose processes cannot be seen from here. */
export type Verdict = 'dead' | 'alive' | 'elsewhere'

export const MAX_LOCK_BYTES: number = 16 * 1024

export function encodeHolder(holder: LockHolder): Buffer {
  return Buffer.from(`${canonicalJson(JSON.parse(JSON.stringify(holder)) as JsonValue)}\n`)
}

/** Undefined when the bytes are not what {@link encodeHolder} writes. */
export function decodeHolder(bytes: Buffer): LockHolder | undefined {
  try {
    const holder = JSON.parse(bytes.toString()) as Partial<Record<keyof LockHolder, unknown>> | null
    if (holder === null || typeof holder !== 'object') return undefined
    const { token, engine, since, pid, host, boot, namespace, started, witness } = holder
    const texts = [token, engine, since, host].every((text) => typeof text === 'string')
    const options = [boot, namespace, started].every((text) => text === undefined || typeof text === 'string')
    // The token becomes part of a file's name. Signals to 0 or below go to groups of processes (kill(2)).
    if (!texts || !options || !/^[0-9a-f]{16}$/.test(token as string) || !Number.isSafeInteger(pid) || (pid as number) <= 0) return undefined
    if (witness !== undefined && !isMark(witness, token as string)) return undefined
    return holder as LockHolder
  } catch {
    return undefined
  }
}

function isMark(value: unknown, token: string): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { name, device, inode } = value as Partial<WitnessMark>
  return typeof name === 'string' && name.endsWith(`.${token}.socket`) && !name.includes('/') && typeof device === 'string' && typeof inode === 'string'
}

/** Judges holders of locks in `folder`, as the process `self` can. */
export function judgeFor(fs: FileSystem, folder: string, self: ProcessIdentity): (holder: LockHolder) => Promise<Verdict> {
  return async (holder) => {
    if (holder.boot !== self.boot) {
      // The machine was started anew – unless another machine of the same name has the same files, over the network.
      const restarted = holder.host === self.host && holder.boot !== undefined && self.boot !== undefined && (await isLocal(fs, folder))
      return restarted ? 'dead' : 'elsewhere'
    }
    // Without a kernel's identity, the name of the host is all that there is. The number of a PID namespace is used again
    // once that namespace has gone, and all its processes with it: then, too, what we find under the pid is not the holder.
    const visible = holder.boot === undefined ? holder.host === self.host : holder.namespace !== undefined && holder.namespace === self.namespace
    if (visible) return (await hasEnded(holder.pid, holder.started)) ? 'dead' : 'alive'
    const answer = holder.witness === undefined ? 'unknown' : await askWitness(folder, holder.witness)
    return answer === 'unknown' ? 'elsewhere' : answer
  }
}

/** A process in the machine's first PID namespace comes back in the same one after a crash: there the pid says enough. */
export function needsWitness(self: ProcessIdentity): boolean {
  return self.boot !== undefined && self.namespace !== FIRST_NAMESPACE
}

// statfs(2), in its order; bcachefs from the kernel's include/uapi/linux/magic.h. Only what one kernel alone mounts.
const LOCAL_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  0x9123683e, // btrfs
  0xef53, // ext2, ext3, ext4
  0xf2f52010, // f2fs
  0x794c7630, // overlay
  0x858458f6, // ramfs
  0x01021994, // tmpfs
  0x58465342, // xfs
  0x2fc12fc1, // zfs
  0xca451a4e, // bcachefs
])

async function isLocal(fs: FileSystem, folder: string): Promise<boolean> {
  try {
    return LOCAL_FILE_SYSTEMS.has((await fs.statfs(folder)).type)
  } catch {
    return false
  }
}
