import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { compileInto, ROOT } from '../child/compile.ts'

/** An exact change of a compiled file; the pattern must be there exactly once. */
export interface Patch {
  /** Below `src`, with .js. */
  readonly file: string
  readonly from: string
  readonly to: string
}

/** The child and the engine as JavaScript, which Node 20 runs: a private copy that can be changed. */
export class CompiledChild implements Disposable {
  readonly folder: string
  readonly #program: string

  private constructor(folder: string, program: string) {
    this.folder = folder
    this.#program = program
  }

  /** `program`: below test/chaos. */
  static compile(program = 'engine-child'): CompiledChild {
    const child = new CompiledChild(newFolder(), program)
    compileInto(child.folder, `test/chaos/${program}.ts`)
    return child
  }

  get script(): string {
    return path.join(this.folder, `test/chaos/${this.#program}.js`)
  }

  /** A copy with the patches applied. Throws when a pattern is not there exactly once. */
  patched(patches: readonly Patch[]): CompiledChild {
    const copy = new CompiledChild(newFolder(), this.#program)
    for (const part of ['src', 'test']) cpSync(path.join(this.folder, part), path.join(copy.folder, part), { recursive: true })
    for (const { file, from, to } of patches) {
      const at = path.join(copy.folder, 'src', file)
      const parts = readFileSync(at, 'utf8').split(from)
      if (parts.length !== 2) {
        copy[Symbol.dispose]()
        throw new Error(`${file} has the pattern ${parts.length - 1} times instead of once: ${from}`)
      }
      writeFileSync(at, parts.join(to))
    }
    return copy
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** The dependencies are found through a link. */
function newFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tailrace-chaos-child-'))
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}')
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'), 'junction')
  return folder
}
