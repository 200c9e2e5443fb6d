// Module hooks (https://nodejs.org/api/module.html#customization-hooks): Node 20 takes no TypeScript, so that its types are
// taken away while it is loaded.
import { readFile } from 'node:fs/promises'
import ts from 'typescript'

const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true, inlineSourceMap: true }

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context)
  const { outputText } = ts.transpileModule(await readFile(new URL(url), 'utf8'), { compilerOptions, fileName: url })
  return { format: 'module', source: outputText, shortCircuit: true }
}
