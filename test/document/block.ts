import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

export const ROOT = path.join(import.meta.dirname, '../..')

/** A fenced block of a page. Directives are HTML comments right before it, which a reader does not see. */
export interface Block {
  /** `README.md:42`, the line of the fence. */
  readonly place: string
  readonly page: string
  readonly language: string
  readonly text: string
  /** `<!-- with: code -->`: what the reader has around the block, one line each. */
  readonly surroundings: readonly string[]
  /** `<!-- runs until: text -->`: a program, and what it prints in the end. */
  readonly until: string | undefined
  /** `<!-- not run: reason -->` */
  readonly notRun: string | undefined
}

/** README.md, CONTRIBUTING.md, CHANGELOG.md and every page in docs/, benchmarks/ and examples/. */
export function pages(): string[] {
  const inside = (folder: string): string[] =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md') && !name.includes('node_modules')).map((name) => path.posix.join(folder, name.split(path.sep).join('/')))
  return [...readdirSync(ROOT).filter((name) => name.endsWith('.md')), ...inside('docs'), ...inside('benchmarks'), ...inside('examples')].sort()
}

export function read(page: string): string {
  return readFileSync(path.join(ROOT, page), 'utf8')
}

/** The fenced blocks of a page that is written in these languages. */
export function blocks(page: string, ...languages: string[]): Block[] {
  const found: Block[] = []
  let directives: string[] = []
  let open: { language: string; line: number; text: string[]; directives: string[] } | undefined
  for (const [index, line] of read(page).split('\n').entries()) {
    if (open !== undefined) {
      if (line === '```') {
        found.push(toBlock(page, open))
        open = undefined
      } else open.text.push(line)
      continue
    }
    const fence = /^```(\w*)/.exec(line)
    const directive = /^<!-- (.*) -->$/.exec(line)
    if (fence !== null) open = { language: fence[1]!, line: index + 1, text: [], directives }
    directives = directive !== null ? [...directives, directive[1]!] : []
  }
  if (open !== undefined) throw new Error(`${page}: the block of line ${open.line} does not end`)
  return found.filter(({ language }) => languages.includes(language))
}

function toBlock(page: string, { language, line, text, directives }: { language: string; line: number; text: string[]; directives: string[] }): Block {
  const named = (name: string): string[] => directives.filter((directive) => directive.startsWith(`${name}: `)).map((directive) => directive.slice(name.length + 2))
  return { place: `${page}:${line}`, page, language, text: `${text.join('\n')}\n`, surroundings: named('with'), until: named('runs until')[0], notRun: named('not run')[0] }
}
