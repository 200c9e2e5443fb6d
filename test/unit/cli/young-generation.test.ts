import { execFileSync } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { builtFile } from '../../server/command.ts'

const MIB = 1024 * 1024

/** Keeps what is new for a while, as batches that are on their way are; prints the most that the young generation took. */
const LOAD = `
import { getHeapSpaceStatistics } from 'node:v8'
const kept = []
let most = 0
for (let turn = 0; turn < 400; turn++) {
  kept.push(Array.from({ length: 5_000 }, (_, at) => ({ at })))
  if (kept.length > 20) kept.shift()
  most = Math.max(most, getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size)
  await new Promise(setImmediate)
}
process.stdout.write(String(most))
`

function mostOf(first: string): number {
  return Number(execFileSync(process.execPath, ['--input-type=module', '--eval', first + LOAD], { encoding: 'utf8' }))
}

// from Node 24 on V8 has other ways to size it
describe.runIf(Number(process.versions.node.split('.')[0]) < 22)('the young generation of the command', () => {
  it('grows to 4 MiB a half where V8 left alone takes more', () => {
    const module = pathToFileURL(builtFile('cli/young-generation.js'))
    const bound = mostOf(`import { boundYoungGeneration } from ${JSON.stringify(module.href)}\nboundYoungGeneration()\n`)
    expect(bound).toBe(8 * MIB)
    expect(mostOf('')).toBeGreaterThan(8 * MIB)
  })
})
