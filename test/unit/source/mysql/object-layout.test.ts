import { describe, expect, it } from 'vitest'
import { Container, JSONB } from '../../../../src/source/mysql/json/binary-json.ts'
import { JsonText } from '../../../../src/source/mysql/json/json-text.ts'
import { ObjectLayouts, type ObjectLayout } from '../../../../src/source/mysql/json/object-layout.ts'
import { readJson } from '../../../../src/source/mysql/json/read-json.ts'
import { writeJson } from '../../../../src/source/mysql/json/write-json.ts'

/** A small object as the server writes it, every value a number of 16 bits; `gap` bytes before the keys. */
function objectOf(members: Readonly<Record<string, number>>, gap = 0): Buffer {
  const keys = Object.keys(members).map((key) => Buffer.from(key)).sort((one, other) => one.length - other.length || one.compare(other))
  const data = 4 + 7 * keys.length
  const bytes = Buffer.alloc(data + gap + keys.reduce((sum, key) => sum + key.length, 0))
  bytes.writeUInt16LE(keys.length, 0)
  bytes.writeUInt16LE(bytes.length, 2)
  let at = data + gap
  keys.forEach((key, index) => {
    bytes.writeUInt16LE(at, 4 + 4 * index)
    bytes.writeUInt16LE(key.length, 6 + 4 * index)
    const entry = 4 + 4 * keys.length + 3 * index
    bytes[entry] = JSONB.int16
    bytes.writeInt16LE(members[key.toString()]!, entry + 1)
    at += key.copy(bytes, at)
  })
  return bytes
}

const document = (members: Readonly<Record<string, number>>, gap?: number): Buffer => Buffer.concat([Buffer.from([JSONB.smallObject]), objectOf(members, gap)])
const find = (layouts: ObjectLayouts, members: Readonly<Record<string, number>>, gap?: number): ObjectLayout | undefined => {
  const bytes = objectOf(members, gap)
  return layouts.of(new Container().read(bytes, JSONB.smallObject, 0, bytes.length), bytes)
}

function textOf(bytes: Buffer): string {
  const text = new JsonText()
  writeJson(bytes, 0, bytes.length, text)
  return text.bytes.toString('utf8', 0, text.length)
}

describe('the layout of a document’s objects', () => {
  it('is found again by the same keys, whatever the values', () => {
    const layouts = new ObjectLayouts()
    const first = find(layouts, { a: 1, name: 2 })
    expect(first?.names).toEqual(['a', 'name'])
    expect(first?.openings.map(String)).toEqual(['{"a":', ',"name":'])
    expect(find(layouts, { a: -5, name: 300 })).toBe(first)
  })

  it('is another for other keys, also where their bytes are the same ones divided otherwise', () => {
    const layouts = new ObjectLayouts()
    const first = find(layouts, { a: 1, bc: 2, def: 3 })
    expect(find(layouts, { a: 4, bc: 5, def: 6 })).toBe(first)
    expect(find(layouts, { a: 1, bc: 2, deg: 3 })?.names).toEqual(['a', 'bc', 'deg'])
    expect(find(layouts, { ab: 1, cdef: 2 })?.names).toEqual(['ab', 'cdef'])
    expect(find(layouts, { a: 1, bcdef: 2 })?.names).toEqual(['a', 'bcdef'])
    expect(find(layouts, { a: 9, bc: 9, def: 9 })?.names).toEqual(first?.names)
  })

  it('is not made where keys do not follow each other, nor of __proto__, nor of an empty key alone', () => {
    expect(find(new ObjectLayouts(), { a: 1 }, 3)).toBeUndefined()
    expect(find(new ObjectLayouts(), { a: 1, ['__proto__']: 2 })).toBeUndefined()
    expect(find(new ObjectLayouts(), { '': 1 })).toBeUndefined()
  })

  it('is no longer made where keys are never the same, but what is known stays so, and is worth new ones', () => {
    const layouts = new ObjectLayouts()
    const made = Array.from({ length: 1000 }, (_, index) => find(layouts, { [`key${index}`]: 1 })).filter((layout) => layout !== undefined)
    expect(made.length).toBe(256)
    const last = made.at(-1)!
    for (let times = 0; times < 8; times++) expect(find(layouts, { [last.names[0]!]: times })).toBe(last)
    expect(find(layouts, { new: 1 })?.names).toEqual(['new'])
    expect(find(layouts, { newer: 1 })).toBeUndefined()
  })

  it('or none makes no difference to what is read and written', () => {
    for (const members of [{ a: 1, name: 2 }, { a: -1, name: 7 }, { 2: 1, 10: 2, b: 3 }, { 'é"\n': 5 }, { constructor: 1 }, Object.fromEntries([['__proto__', 4], ['x', 1]]), Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`k${index}`, index]))]) {
      for (const gap of [0, 2]) {
        const bytes = document(members, gap)
        expect(readJson(bytes, 0, bytes.length)).toStrictEqual(members)
        // those that come so often are made by code of their own
        for (let times = 0; times < 1200; times++) readJson(bytes, 0, bytes.length)
        const often = readJson(bytes, 0, bytes.length) as object
        expect(often).toStrictEqual(members)
        expect(Object.keys(often)).toEqual(Object.keys(JSON.parse(textOf(bytes)) as object))
        expect(JSON.parse(textOf(bytes))).toStrictEqual(members)
      }
    }
  })
})
