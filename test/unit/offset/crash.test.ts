import fc from 'fast-check'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FAILPOINTS } from '../../../src/observe/failpoint.ts'
import { fileOffsets } from '../../../src/offset/file/file-offsets.ts'
import { encodeOffset } from '../../../src/offset/file/offset-file.ts'
import { temporaryFolder } from './folder.ts'
import { numbered, numberOf } from './numbered.ts'
import { compileChild, type CompiledChild } from './offset-process.ts'
import { seedOf } from './seed.ts'

let child: CompiledChild
beforeAll(() => {
  child = compileChild()
})
afterAll(() => child[Symbol.dispose]())

async function load(path: string): Promise<unknown> {
  await using store = fileOffsets(path)
  const number = numberOf(await store.load('orders'))
  // And it can be saved to: what the killed process left is not in the way.
  await store.save(numbered('orders', 1000))
  return number
}

const points = FAILPOINTS.filter((point) => point.startsWith('offset.'))

describe('a process killed while it saves', () => {
  test('there are five points where it can be', () => {
    expect(points).toHaveLength(5)
  })

  for (const [index, point] of points.entries()) {
    const renamed = index >= points.indexOf('offset.renamed')

    test(`at ${point} of the third save leaves the ${renamed ? 'third' : 'second'} offset`, async () => {
      await using folder = await temporaryFolder()
      const path = `${folder.path}/orders.json`
      const process = child.start({ path, engine: 'orders', act: 'save-until-killed', killAt: { point, number: 3 } })
      await process.ended()
      expect(process.signal()).toBe('SIGKILL')
      expect(existsSync(`${path}.tmp`)).toBe(!renamed)
      expect(existsSync(`${path}.lock`)).toBe(true)
      expect(await load(path)).toBe(renamed ? 3 : 2)
    })

    test(`at ${point} of the very first save leaves ${renamed ? 'the first offset' : 'none, and none was promised'}`, async () => {
      await using folder = await temporaryFolder()
      const path = `${folder.path}/orders.json`
      const process = child.start({ path, engine: 'orders', act: 'save-until-killed', killAt: { point, number: 1 } })
      await process.ended()
      expect(process.signal()).toBe('SIGKILL')
      expect(await load(path)).toBe(renamed ? 1 : undefined)
    })
  }

  test('at any moment leaves the last offset that was promised, or the next', async () => {
    await using folder = await temporaryFolder()
    const path = `${folder.path}/orders.json`
    const seed = seedOf('kill moments')
    for (const saves of fc.sample(fc.integer({ min: 1, max: 60 }), { seed, numRuns: 12 })) {
      const process = child.start({ path, engine: 'orders', act: 'save-until-killed' })
      let promised = 0
      const kills: Promise<void>[] = []
      for (let line = await process.line(); line !== undefined; line = await process.line()) {
        expect(line.code).toBeUndefined()
        promised = line.saved ?? promised
        if (promised === saves) kills.push(process.kill())
      }
      expect(kills.length).toBeGreaterThan(0)
      await Promise.all(kills)
      const found = (await load(path)) as number
      expect([promised, promised + 1]).toContain(found)
    }
  })
})

test('whatever of a file a power failure has left, it is refused or whole', async () => {
  await using folder = await temporaryFolder()
  const path = `${folder.path}/orders.json`
  const bytes = encodeOffset(numbered('orders', 7))
  for (let length = 0; length <= bytes.length; length++) {
    await writeFile(path, bytes.subarray(0, length))
    await using store = fileOffsets(path)
    if (length === bytes.length) expect(numberOf(await store.load('orders'))).toBe(7)
    else await expect(store.load('orders')).rejects.toMatchObject({ code: 'TR_OFFSET_CORRUPT', kind: 'fatal', where: { file: path } })
  }
})
