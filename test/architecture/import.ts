import path from 'node:path'
import ts from 'typescript'
import type { Tree } from './tree.ts'

export interface Import {
  readonly from: string
  /** A path of the tree, or a package's name, or `node:…`. */
  readonly to: string
  /** `type`: gone at run time. `dynamic`: an import() that is made when it is needed. */
  readonly use: 'value' | 'type' | 'dynamic'
}

/** Every import, export … from, and import() of a tree, as the TypeScript parser sees them. */
export function importsOf(tree: Tree): Import[] {
  return Object.entries(tree).flatMap(([from, text]) => {
    const found: Import[] = []
    const add = (specifier: ts.Node | undefined, use: Import['use']): void => {
      if (specifier !== undefined && ts.isStringLiteral(specifier)) found.push({ from, to: resolve(from, specifier.text), use })
    }
    const visit = (node: ts.Node): void => {
      if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeImport(node.importClause) ? 'type' : 'value')
      else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, isTypeExport(node) ? 'type' : 'value')
      else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, 'type')
      else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], 'dynamic')
      ts.forEachChild(node, visit)
    }
    visit(parse(from, text))
    return found
  })
}

export function parse(name: string, text: string): ts.SourceFile {
  return ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true)
}

function isTypeImport(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const { namedBindings } = clause
  return clause.name === undefined && namedBindings !== undefined && ts.isNamedImports(namedBindings) && namedBindings.elements.length > 0 && namedBindings.elements.every((element) => element.isTypeOnly)
}

function isTypeExport(node: ts.ExportDeclaration): boolean {
  const { exportClause } = node
  return node.isTypeOnly || (exportClause !== undefined && ts.isNamedExports(exportClause) && exportClause.elements.length > 0 && exportClause.elements.every((element) => element.isTypeOnly))
}

function resolve(from: string, specifier: string): string {
  if (specifier.startsWith('.')) return path.posix.join(path.posix.dirname(from), specifier)
  if (specifier.startsWith('node:')) return specifier
  return specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}
