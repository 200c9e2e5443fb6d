import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { read } from '../../../document/block.ts'

test('docs/postgresql.md lists every code that preflight can find, and no other', () => {
  const source = readFileSync(path.join(import.meta.dirname, '../../../../src/source/postgres/preflight.ts'), 'utf8')
  const found = new Set([...source.matchAll(/findings(?:\.\w+|\[\w+\])\('(TR_\w+)'/g)].map(([, code]) => code))
  const section = read('docs/postgresql.md').split('## Preflight findings')[1]!
  const listed = new Set([...section.matchAll(/^\| `(TR_\w+)`/gm)].map(([, code]) => code))
  expect(found.size).toBeGreaterThan(8)
  expect([...listed].sort()).toEqual([...found].sort())
})
