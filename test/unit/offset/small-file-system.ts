import { execFileSync } from 'node:child_process'
import { temporaryFolder } from './folder.ts'

/** A file system of its own, which can be full or read-only. */
export interface SmallFileSystem extends AsyncDisposable {
  readonly path: string
  readOnly(on: boolean): void
}

/** A tmpfs of the given size, in KiB. Undefined where mounting is not allowed: only root of the machine may. */
export async function mountSmall(kibibytes: number): Promise<SmallFileSystem | undefined> {
  const folder = await temporaryFolder()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k,mode=0700`, 'tailrace-test', folder.path], { stdio: 'pipe' })
  } catch {
    await folder[Symbol.asyncDispose]()
    return undefined
  }
  return {
    path: folder.path,
    readOnly(on) {
      execFileSync('mount', ['-o', `remount,${on ? 'ro' : 'rw'}`, folder.path], { stdio: 'pipe' })
    },
    async [Symbol.asyncDispose]() {
      execFileSync('umount', [folder.path], { stdio: 'pipe' })
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** Skips, and says so where everybody sees it, when a real fault cannot be had. */
export function notProven(skip: (note: string) => never, what: string): never {
  console.warn(`NOT PROVEN ON THE REAL THING: ${what}`)
  return skip(what)
}
