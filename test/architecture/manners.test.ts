import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { parse } from './import.ts'
import { sourceTree, type Tree } from './tree.ts'

/** What only an application may do with its process. */
const OF_PROCESS = new Set([
  'exit', 'abort', 'kill', 'reallyExit', 'exitCode', 'on', 'once', 'addListener', 'prependListener', 'prependOnceListener', 'removeAllListeners', 'stdout', 'stderr', 'stdin', 'chdir', 'umask', 'emitWarning', 'setUncaughtExceptionCaptureCallback',
])

/** Calls that only a test's owner of time may make: everything that waits uses the injected clock. */
const OF_TIME = new Set(['setTimeout', 'setInterval', 'setImmediate'])

function misbehaviour(tree: Tree): string[] {
  return Object.entries(tree).flatMap(([name, text]) => {
    const found: string[] = []
    const visit = (node: ts.Node): void => {
      const said = wordOf(node)
      if (said !== undefined) found.push(`${name}: ${said}`)
      ts.forEachChild(node, visit)
    }
    visit(parse(name, text))
    return found
  })
}

function wordOf(node: ts.Node): string | undefined {
  if (ts.isIdentifier(node) && node.text === 'console' && !ts.isPropertyAccessExpression(node.parent)) return 'console'
  if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
    const { text } = node.expression
    if (text === 'console' || (text === 'process' && OF_PROCESS.has(node.name.text) && !asksWhetherAlive(node))) return `${text}.${node.name.text}`
  }
  if (ts.isElementAccessExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'process' && ts.isStringLiteral(node.argumentExpression) && OF_PROCESS.has(node.argumentExpression.text)) return `process.${node.argumentExpression.text}`
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier) && /^(node:)?(process|console)$/.test(node.moduleSpecifier.text)) return `import ${node.moduleSpecifier.text}`
  return undefined
}

/** Signal 0 reaches nobody: it asks whether a process exists. */
function asksWhetherAlive(node: ts.PropertyAccessExpression): boolean {
  return node.name.text === 'kill' && ts.isCallExpression(node.parent) && node.parent.arguments[1]?.getText() === '0'
}

function ownTime(tree: Tree): string[] {
  return Object.entries(tree).flatMap(([name, text]) => {
    const found: string[] = []
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && OF_TIME.has(node.expression.text)) found.push(`${name}: ${node.expression.text}`)
      if (ts.isPropertyAccessExpression(node) && /^(Date\.now|Math\.random|performance\.now)$/.test(node.getText()) && !isDefault(node)) found.push(`${name}: ${node.getText()}`)
      if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && node.arguments?.length === 0) found.push(`${name}: new Date()`)
      ts.forEachChild(node, visit)
    }
    visit(parse(name, text))
    return found
  })
}

/** `options.random ?? Math.random` hands the choice to the caller. */
function isDefault(node: ts.Node): boolean {
  return ts.isBinaryExpression(node.parent) && node.parent.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken
}

describe('a library has manners', () => {
  test('outside of the command nothing prints, exits, or listens to the process', () => {
    const tree = sourceTree('src')
    expect(misbehaviour(Object.fromEntries(Object.entries(tree).filter(([name]) => !name.startsWith('src/cli/'))))).toEqual([])
  })

  test('the command does, so the rule sees it', () => {
    const tree = sourceTree('src')
    expect(misbehaviour(Object.fromEntries(Object.entries(tree).filter(([name]) => name.startsWith('src/cli/'))))).not.toEqual([])
  })

  test.each([
    [`console.log('delivered')`, 'console.log'],
    [`const { log } = console`, 'console'],
    [`process.exit(1)`, 'process.exit'],
    [`process.kill(pid, 'SIGTERM')`, 'process.kill'],
    [`process.exitCode = 1`, 'process.exitCode'],
    [`process['exit'](1)`, 'process.exit'],
    [`process.on('SIGTERM', () => {})`, 'process.on'],
    [`process.once('uncaughtException', () => {})`, 'process.once'],
    [`process.stdout.write('x')`, 'process.stdout'],
    [`import { exit } from 'node:process'`, 'import node:process'],
  ])('%s is found', (line, said) => {
    expect(misbehaviour({ 'src/engine/a.ts': line })).toEqual([`src/engine/a.ts: ${said}`])
  })

  test('what is only spoken of is no offence', () => {
    expect(misbehaviour({ 'src/engine/a.ts': `// console.log, process.exit\nconst text = 'process.exit(1)'\nconst id = process.pid + process.env.X\nprocess.kill(pid, 0)\nlogger.console(1)` })).toEqual([])
  })
})

describe('time and chance are injected', () => {
  test('the engine has neither of its own', () => {
    expect(ownTime(sourceTree('src/engine'))).toEqual([])
  })

  test.each(['setTimeout(() => {}, 5)', 'const now = Date.now()', 'const now = new Date()', 'const jitter = Math.random()', 'const start = performance.now()'])('%s is found', (line) => {
    expect(ownTime({ 'src/engine/a.ts': line })).toHaveLength(1)
  })
})
