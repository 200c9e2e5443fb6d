import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'

const DOCS = path.join(import.meta.dirname, '../../docs')

/**
 * Holds a generated part of a page in docs/ to what the code says. The part stands between `<!-- name -->` and
 * `<!-- /name -->`. With UPDATE_DOCS=1 it is written instead.
 */
export function expectGenerated(page: string, name: string, text: string): void {
  const file = path.join(DOCS, page)
  const whole = readFileSync(file, 'utf8')
  const start = whole.indexOf(`<!-- ${name} -->\n`)
  const end = whole.indexOf(`<!-- /${name} -->`)
  if (start === -1 || end < start) throw new Error(`${page} has no part named ${name}`)
  const from = start + `<!-- ${name} -->\n`.length
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(file, whole.slice(0, from) + text + whole.slice(end))
  else expect(whole.slice(from, end), `docs/${page} differs from the code: run the test with UPDATE_DOCS=1`).toBe(text)
}

/** A Markdown table. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
  return line(columns) + line(columns.map(() => '---')) + rows.map(line).join('')
}
