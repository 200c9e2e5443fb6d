import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { readProperties } from '../../../src/debezium/properties-file.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'tailrace-properties-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

describe('properties', () => {
  test('in the format of java.util.Properties', () => {
    const text = '\uFEFF# comment\n! comment\na=1\n b : two words \nc\\ d=x\\\n   y\ne.f=\\u00e9\\t\\\\.\na=2\ng\n'
    expect([...readProperties(text)]).toEqual([['a', '2'], ['b', 'two words '], ['c d', 'xy'], ['e.f', 'é\t\\.'], ['g', '']])
  })

  test('from a path, a URL, or an object', () => {
    const file = path.join(folder, 'app.properties')
    writeFileSync(file, 'name=x\n')
    for (const input of [file, pathToFileURL(file), { name: 'x' }]) expect([...readProperties(input)]).toEqual([['name', 'x']])
  })

  test('a name like one of Object’s own is only a name', () => {
    expect(readProperties('__proto__=1\nconstructor=2').get('__proto__')).toBe('1')
  })

  test.each([
    ['missing.properties', 'ENOENT'],
    ['.', 'EISDIR'],
  ])('%s that cannot be read is a coded error', (name, reason) => {
    expect(() => readProperties(path.join(folder, name))).toThrow(expect.objectContaining({ code: 'TR_CONFIG_FILE', where: { path: path.join(folder, name), reason } }))
  })
})
