import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { readCommandLine } from '../../src/cli/command-line.ts'
import { blocks, pages, read, ROOT } from '../document/block.ts'
import { compile } from '../document/program.ts'

describe('the documents', () => {
  test('hold TypeScript that compiles as it is written', { timeout: 60_000 }, () => {
    const found = pages().flatMap((page) => blocks(page, 'ts', 'js')).filter(({ text }) => /\b(import|const|await)\b/.test(text))
    expect(found.length).toBeGreaterThan(5)
    expect(compile(found)).toEqual([])
  })

  test('a block that does not compile is noticed', { timeout: 60_000 }, () => {
    const wrong = "import { createEngine } from 'tailrace'\ncreateEngine({ nmae: 'x' })\n"
    expect(compile([{ place: 'x.md:1', page: 'x.md', language: 'ts', text: wrong, surroundings: ['const before = 1'], until: undefined, notRun: undefined }])).toEqual([expect.stringContaining('x.md:1, line 2 of the block')])
  })

  test.each(pages())('links of %s lead somewhere', (page) => {
    const broken = links(page).filter((link) => !leads(page, link))
    expect(broken).toEqual([])
  })

  test('commands that they name are there', () => {
    const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
    const lines = pages().flatMap((page) => blocks(page, 'sh').flatMap(({ place, text }) => text.split('\n').map((line) => ({ place, line: line.replace(/\s+#.*$/, '') }))))
    const unknown = lines.filter(({ line }) => {
      const script = /\bnpm (?:run )?(\S+)/.exec(line)?.[1]
      return script !== undefined && !['ci', 'install'].includes(script) && scripts[script] === undefined
    })
    expect(unknown).toEqual([])
    const commands = lines.flatMap(({ place, line }) => {
      const words = /(?:^|npx |-p pg )tailrace (.*)$/.exec(line)?.[1]
      return words === undefined ? [] : [{ place, words: words.split(/[|>]/)[0]!.trim().split(/\s+/) }]
    })
    expect(commands.length).toBeGreaterThan(5)
    for (const { place, words } of commands) expect(() => readCommandLine(words), `${place}: tailrace ${words.join(' ')}`).not.toThrow()
  })
})

/** Targets of `[text](target)` outside of code, web addresses left out. */
function links(page: string): string[] {
  const text = read(page).replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll(/`[^`\n]*`/g, '')
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!).filter((target) => !/^[a-z]+:/.test(target))
}

function leads(page: string, link: string): boolean {
  const [file = '', anchor] = link.split('#')
  const target = file === '' ? page : path.posix.join(path.posix.dirname(page), file)
  if (!existsSync(path.join(ROOT, target))) return false
  return anchor === undefined || headings(target).includes(anchor)
}

/** As GitHub makes anchors of headings. */
function headings(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, title]) => title!.toLowerCase().replaceAll(/[^\p{L}\p{N}_\- ]/gu, '').replaceAll(' ', '-'))
}

test('CONTRIBUTING.md names only variables that the tests read', () => {
  const named = [...read('CONTRIBUTING.md').matchAll(/^\| (`[A-Z][A-Z_]+[`=].*?) \|/gm)].flatMap(([, cell]) => [...cell!.matchAll(/`([A-Z_]+)/g)].map(([, name]) => name!))
  expect(named.length).toBeGreaterThan(8)
  const code = ['test', 'scripts'].flatMap((folder) => readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' }).filter((name) => /\.(ts|mjs)$/.test(name)).map((name) => readFileSync(path.join(ROOT, folder, name), 'utf8'))).join('')
  expect(named.filter((name) => !new RegExp(`env(\\['|\\.)${name}\\b`).test(code))).toEqual([])
})
