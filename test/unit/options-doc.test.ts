import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const root = path.join(import.meta.dirname, '../..')

test('docs/options.md says what the doc comments of the options say', () => {
  const page = execFileSync(process.execPath, ['scripts/options-doc.mjs', '--print'], { cwd: root, encoding: 'utf8' })
  expect(readFileSync(path.join(root, 'docs/options.md'), 'utf8'), 'run node scripts/options-doc.mjs').toBe(page)
})
