import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { helpText } from '../../../src/cli/help.ts'
import { expectGenerated } from '../document.ts'

test('docs/command.md shows the help of every command', () => {
  const pages = [undefined, 'tail', 'check', 'run', 'offsets'] as const
  expectGenerated('command.md', 'help', pages.map((page) => `\`\`\`\n${helpText(page)}\`\`\`\n`).join('\n'))
})

test('every option of the command line is in the help', () => {
  const source = readFileSync(path.join(import.meta.dirname, '../../../src/cli/command-line.ts'), 'utf8')
  const options = [...source.matchAll(/'?([a-z-]+)'?: \{ type: '(?:string|boolean)'/g)].map(([, name]) => name!).filter((name) => name !== 'help')
  expect(options).toEqual(expect.arrayContaining(['lenient', 'set', 'stop-after', 'stop-when-idle', 'status', 'table', 'from-now']))
  const text = [undefined, 'tail', 'check', 'run', 'offsets'].map((page) => helpText(page as undefined)).join('')
  for (const option of options) expect(text).toContain(`--${option}`)
})
