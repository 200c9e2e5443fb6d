import * as nodeFs from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import type { FileSystem } from '../../../src/offset/file/file-offsets.ts'

/** What is asked of the file system: `sync`, `rename`, `open` … and of which path. */
export type Fault = (operation: string, path: string) => string | undefined

/** The real file system, which answers with an error where `fault` names one: for faults that only failing hardware has. */
export function failingFiles(fault: Fault): FileSystem {
  const check = (operation: string, path: string): void => {
    const errno = fault(operation, path)
    if (errno !== undefined) throw Object.assign(new Error(`${errno}: made up, ${operation} '${path}'`), { code: errno, syscall: operation, path })
  }
  const wrapHandle = (handle: FileHandle, path: string): FileHandle =>
    new Proxy(handle, {
      get(target, key) {
        const member: unknown = Reflect.get(target, key, target)
        if (typeof member !== 'function') return member
        return async (...args: unknown[]): Promise<unknown> => {
          const name = key === Symbol.asyncDispose ? 'close' : String(key)
          try {
            check(name, path)
          } catch (error) {
            // As with the real close: the descriptor is gone all the same.
            if (name === 'close') await target.close()
            throw error
          }
          return (member as (...args: unknown[]) => unknown).apply(target, args)
        }
      },
    })
  return new Proxy(nodeFs, {
    get(target, key: keyof FileSystem) {
      return async (path: string, ...args: unknown[]): Promise<unknown> => {
        check(key, path)
        const result: unknown = await (target[key] as (...args: unknown[]) => unknown)(path, ...args)
        return key === 'open' ? wrapHandle(result as FileHandle, path) : result
      }
    },
  })
}
