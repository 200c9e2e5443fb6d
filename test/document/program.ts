import path from 'node:path'
import ts from 'typescript'
import { ROOT, type Block } from './block.ts'

const PATHS = {
  'tailrace': ['./src/index.ts'],
  'tailrace/postgres': ['./src/source/postgres/index.ts'],
  'tailrace/mysql': ['./src/source/mysql/index.ts'],
  'tailrace/mariadb': ['./src/source/mariadb/index.ts'],
  'tailrace/kafka': ['./src/kafka.ts'],
  'tailrace/kinesis': ['./src/sink/kinesis/index.ts'],
  'tailrace/avro': ['./src/format/avro/index.ts'],
  'tailrace/debezium': ['./src/debezium/index.ts'],
  'tailrace/testing': ['./src/testing/index.ts'],
}

/** What the compiler says of these blocks, as a reader's strict TypeScript would: one line a message, with the page's own place. */
export function compile(blocks: readonly Block[]): string[] {
  const { config } = ts.readConfigFile(path.join(ROOT, 'tsconfig.test.json'), (file) => ts.sys.readFile(file)) as { config: object }
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT)
  const whole = { ...options, paths: PATHS, noUnusedLocals: false, noUnusedParameters: false, noEmit: true }
  // in the project's folder, where pg and Node's types are found
  const files = new Map(blocks.map((block, index) => [path.join(ROOT, `document-${index}.ts`), block]))
  const host = ts.createCompilerHost(whole)
  const disk = { ...host }
  host.readFile = (file) => (files.has(file) ? code(files.get(file)!) : disk.readFile(file))
  host.fileExists = (file) => files.has(file) || disk.fileExists(file)
  host.getSourceFile = (file, ...rest) => (files.has(file) ? ts.createSourceFile(file, code(files.get(file)!), ts.ScriptTarget.Latest) : disk.getSourceFile(file, ...rest))
  const program = ts.createProgram([...files.keys()], whole, host)
  return [...files].flatMap(([file, block]) => {
    const source = program.getSourceFile(file)!
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map((diagnostic) => {
      const line = source.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line - block.surroundings.length
      return `${block.place}, line ${line + 1} of the block: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')}`
    })
  })
}

/** The block with what is around it, as a module. */
export function code(block: Block): string {
  return `${[...block.surroundings, block.text].join('\n')}\nexport {}\n`
}
