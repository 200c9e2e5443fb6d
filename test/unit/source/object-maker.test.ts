import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createObjectMaker, loopObjectMaker, type Cells, type Property } from '../../../src/source/object-maker.ts'
import { seedOf } from '../offset/seed.ts'

const MAKERS = { compiled: createObjectMaker, 'in a loop': loopObjectMaker }
const bytes = Buffer.from('abcdefgh')
const text = (cell: Buffer, start: number, end: number): string => cell.toString('latin1', start, end)
/** Cells one byte long, but for those that are missing. */
const cells = (starts: number[]): Cells => ({ starts: Int32Array.from(starts), ends: Int32Array.from(starts, (start) => start + 1), missing: (start) => `missing ${start}` })
const properties = (names: string[]): Property[] => names.map((name, cell) => ({ name, cell, decode: text }))

describe.each(Object.entries(MAKERS))('objects of rows, %s', (_, create) => {
  it('have the values of the cells in the order of the properties', () => {
    const make = create([{ name: 'second', cell: 1, decode: text }, { name: 'first', cell: 0, decode: text }], cells([3, 5]))
    expect(Object.entries(make(bytes))).toEqual([['second', 'f'], ['first', 'd']])
  })

  it('follow the cells from row to row', () => {
    const located = cells([0])
    const make = create(properties(['a']), located)
    expect(make(bytes)).toEqual({ a: 'a' })
    located.starts[0] = 6
    located.ends[0] = 8
    expect(make(bytes)).toEqual({ a: 'gh' })
    located.starts[0] = -2
    expect(make(bytes)).toEqual({ a: 'missing -2' })
  })

  it('may have a property called __proto__', () => {
    const object = create(properties(['__proto__', 'b']), cells([0, 1]))(bytes)
    expect(Object.entries(object)).toEqual([['__proto__', 'a'], ['b', 'b']])
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype)
  })

  it('may have any other name, and none of them is code', () => {
    const names = ['"', "'", '\\', '`${process.exit(1)}`', '"]: 0 }), process.exit(1), ({ "', '\u2028', '\n', '', '0', 'constructor', '\ud800', 'é', '//']
    expect(Object.keys(create(properties(names), cells(names.map(() => 0)))(bytes)).sort()).toEqual([...names].sort())
    fc.assert(fc.property(fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 12 }), { maxLength: 8 }), (any) => {
      expect(create(properties(any), cells(any.map(() => 2)))(bytes)).toEqual(Object.fromEntries(any.map((name) => [name, 'c'])))
    }), { seed: seedOf('object-maker'), numRuns: 300 })
  })

  it('may have as many properties as a table has columns', () => {
    const names = Array.from({ length: 4096 }, (__, index) => `column ${index}`)
    const object = create(properties(names), cells(names.map((__, index) => index % 8)))(bytes)
    expect(Object.keys(object)).toEqual(names)
    expect(object['column 4095']).toBe('h')
  })
})

it('where Node may not make code from text the objects are the same', () => {
  const module = new URL('../../../src/source/object-maker.ts', import.meta.url)
  const script = `
    const { createObjectMaker } = await import(${JSON.stringify(module.href)})
    const make = createObjectMaker([{ name: 'a', cell: 0, decode: (bytes, start, end) => bytes.toString('latin1', start, end) }, { name: 'b', cell: 1, decode: () => 'never' }],
      { starts: Int32Array.of(1, -1), ends: Int32Array.of(3, 0), missing: (start) => start })
    console.log(JSON.stringify(make(Buffer.from('xyz'))))
    try { new Function('1') } catch (error) { console.log(error.name) }`
  const hooks = fileURLToPath(new URL('../../../scripts/typescript-hooks.mjs', import.meta.url))
  const { stdout, stderr } = spawnSync(process.execPath, ['--disallow-code-generation-from-strings', '--import', `data:text/javascript,import{register}from'node:module';register(${JSON.stringify(`file://${hooks}`)})`, '--input-type=module', '--eval', script], { encoding: 'utf8' })
  expect(`${stdout}${stderr}`).toBe('{"a":"yz","b":-1}\nEvalError\n')
})

it('where it may, they are object literals, and not a template that is copied', () => {
  expect(createObjectMaker(properties(['a', 'b']), cells([0, 1])).toString()).toContain('"a": starts[0] < 0 ?')
})
