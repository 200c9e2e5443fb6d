import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export const ROOT: string = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Compiles a program of the tests, and what it imports, into a folder as JavaScript, which Node 20 runs; whether the rest compiles is
 * another test's matter. Returns the script.
 */
export function compileInto(folder: string, program: string): string {
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}')
  const { emitSkipped } = ts.createProgram([path.join(ROOT, program)], {
    rootDir: ROOT, outDir: folder, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext,
    rewriteRelativeImportExtensions: true, verbatimModuleSyntax: true, noCheck: true, types: [],
  }).emit()
  if (emitSkipped) throw new Error(`${program} was not compiled`)
  return path.join(folder, program.replace(/\.ts$/, '.js'))
}
