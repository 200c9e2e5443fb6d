import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../..', import.meta.url))

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

  private constructor(folder: string) {
    this.folder = folder
  }

  /** Compiles what the child imports; whether the rest compiles is another test's matter. */
  static compile(): CompiledChild {
    const child = new CompiledChild(newFolder())
    const program = ts.createProgram([path.join(root, 'test/chaos/engine-child.ts')], {
      rootDir: root, outDir: child.folder, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext,
      rewriteRelativeImportExtensions: true, verbatimModuleSyntax: true, noCheck: true, types: [],
    })
    if (program.emit().emitSkipped) throw new Error('the child was not compiled')
    return child
  }

  get script(): string {
    return path.join(this.folder, 'test/chaos/engine-child.js')
  }

  /** A copy with the patches applied. Throws when a pattern is not there exactly once. */
  patched(patches: readonly Patch[]): CompiledChild {
    const copy = new CompiledChild(newFolder())
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
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'junction')
  return folder
}
