import { randomBytes } from 'node:crypto'
import path from 'node:path'
import type { ErrorCode } from '../../error/code.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { ReplacedFile } from './atomic-write.ts'
import { errnoOf, type FileSystem } from './file-system.ts'
import { judgeFor, needsWitness, type LockHolder } from './lock-holder.ts'
import { takeLock, type FileLock, type LockRefusal } from './lock.ts'
import { ownIdentity } from './process-identity.ts'
import { openWitness, type Witness } from './witness.ts'

/** The errors of what is kept in the file. */
export interface HoldCodes {
  readonly locked: ErrorCode
  readonly write: ErrorCode
}

const OFFSET_CODES: HoldCodes = { locked: 'TR_OFFSET_LOCKED', write: 'TR_OFFSET_WRITE' }

/** A file that is ours alone until it is released. */
export interface Hold {
  readonly engine: string
  readonly file: ReplacedFile
  /** Throws `locked` when somebody else has taken it over. */
  verify(): Promise<void>
  release(): Promise<void>
}

/** Takes the lock of the file at `heldPath`, for an engine if its name is known. Errors: the two codes, by default those of offset files. */
export async function takeHold(fs: FileSystem, heldPath: string, engine: string, codes: HoldCodes = OFFSET_CODES): Promise<Hold> {
  let witness: Witness | undefined
  let lock: FileLock | undefined
  try {
    // By whatever way a folder is reached, its file has one lock.
    const folder = await fs.realpath(path.dirname(heldPath))
    const file = path.join(folder, path.basename(heldPath))
    const self = await ownIdentity()
    const token = randomBytes(8).toString('hex')
    witness = needsWitness(self) ? await openWitness(folder, `${path.basename(file)}.lock.${token}.socket`) : undefined
    const holder: LockHolder = { ...self, token, engine, since: new Date().toISOString(), ...(witness && { witness: witness.mark }) }
    const result = await takeLock({ fs, path: `${file}.lock`, holder, judge: judgeFor(fs, folder, self) })
    if (result.kind !== 'taken') throw lockedError(file, result, holder, codes)
    lock = result.lock
    return holdOf(engine, { path: file, owner: (await fs.lstat(`${file}.lock`)).uid }, lock, witness, holder, codes)
  } catch (error) {
    await lock?.release()
    await witness?.[Symbol.asyncDispose]()
    throw writeError(heldPath, error, codes.write)
  }
}

function holdOf(engine: string, file: ReplacedFile, lock: FileLock, witness: Witness | undefined, self: LockHolder, codes: HoldCodes): Hold {
  return {
    engine,
    file,
    async verify() {
      const refusal = await lock.verify()
      if (refusal !== undefined) throw lockedError(file.path, refusal, self, codes)
    },
    async release() {
      await lock.release()
      // Last: as long as the lock is there, it must be possible to see that its holder lives.
      await witness?.[Symbol.asyncDispose]()
    },
  }
}

/** What the file system said, as the error of that code; an error of ours stays what it is. */
export function writeError(file: string, error: unknown, code: ErrorCode = OFFSET_CODES.write): unknown {
  if (error instanceof TailraceError) return error
  const errno = errnoOf(error)
  return new TailraceError(code, {
    message: `${file} cannot be written${errno === undefined ? '' : `: ${errno}`}`,
    where: { file, ...(errno === undefined ? {} : { errno }) },
    ...(errno === 'ENOENT' ? { remedy: `Create the folder ${path.dirname(file)}; it is not created, because a wrong path would look like a first start` } : {}),
    cause: error,
  })
}

function lockedError(file: string, refusal: LockRefusal, self: LockHolder, { locked }: HoldCodes): TailraceError {
  const byHand = `Make sure that it has ended, then remove ${refusal.file}`
  if (refusal.kind === 'unclear') {
    return new TailraceError(locked, {
      message: `${file} cannot be locked: of ${refusal.file}, ${refusal.reason}`,
      where: { file, lock: refusal.file },
      remedy: `If no other engine uses ${file}, remove ${refusal.file}`,
    })
  }
  const { pid, host, engine, since } = refusal.holder
  const here = refusal.verdict === 'alive' && pid === self.pid && host === self.host && refusal.holder.namespace === self.namespace
  const who = here ? `this process itself (${pid} on ${host})` : `process ${pid} on host ${host}`
  return new TailraceError(locked, {
    message: `${file} is held by ${who}${engine === '' ? '' : `, engine ${JSON.stringify(engine)}`}, since ${since}`,
    where: { file, lock: refusal.file, pid, host, ...(engine === '' ? {} : { engine }), since },
    ...(refusal.verdict === 'elsewhere' ? { remedy: `The holder is on another host, or in another container: whether it still runs cannot be seen from here. ${byHand}` } : {}),
  })
}
