import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createEngine, memoryOffsets } from '../../src/index.ts'
import { postgres } from '../../src/source/postgres/index.ts'
import { blocks, pages, ROOT, type Block } from '../document/block.ts'
import { code } from '../document/program.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'

/** What the documents take for granted: a database `app` with a few tables in it. */
const SHOP = `
  create table public.orders (id int primary key, status text not null, total numeric(10,2) not null, note text);
  create table public.lines (order_id int, product text);
  insert into public.orders values (1, 'placed', 12.50), (2, 'paid', 3);`

const PROGRAMS = pages().flatMap((page) => blocks(page, 'ts', 'js')).filter(({ until }) => until !== undefined)
// docs/mysql.md has a test of its own
const WITH_SQL = pages().filter((page) => page !== 'docs/mysql.md' && blocks(page, 'sql').length > 0)

const withPostgres = await requirePostgres(17)
withPostgres('what the documents say runs', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ major: 17 })
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  it.each(PROGRAMS)('$place: the program', { timeout: 30_000 }, async (block) => {
    await prepare(server)
    expect(await run(block, `postgres://postgres@127.0.0.1:${server.port}/app`, () => server.query("insert into orders values (3, 'placed', 7)", 'app'))).toContain(block.until)
  })

  it.each(WITH_SQL)('%s: the SQL, one block after the other', { timeout: 30_000 }, async (page) => {
    await prepare(server)
    for (const { place, text, notRun } of blocks(page, 'sql')) {
      if (notRun === undefined) await server.script('app', text).catch((error: unknown) => expect.fail(`${place}: ${String(error)}`))
    }
  })

  it('the role and the publication of README.md are all that an engine needs', async () => {
    await prepare(server)
    for (const { text } of blocks('README.md', 'sql')) await server.script('app', text)
    const engine = createEngine({
      name: 'orders', source: postgres({ connection: `postgres://cdc:change%20me@127.0.0.1:${server.port}/app`, tables: ['public.orders'] }), offsets: memoryOffsets(), sink: () => {}, stopAfter: 2,
    })
    expect(await engine.preflight()).toEqual([])
    await engine.run()
    expect(engine.stats().delivered).toBe(2)
  })
})

/** A fresh database `app`, and none of the roles and slots that a page makes. */
async function prepare(server: PostgresServer): Promise<void> {
  await server.dropSlots('app')
  await server.dropDatabase('app')
  await server.createDatabase('app')
  await server.script('app', SHOP)
  await server.query('drop role if exists cdc')
}

/** Runs the block as a program of its own in an empty folder, until it has printed what it is to print; then ends it. */
async function run(block: Block, url: string, whileStreaming: () => Promise<unknown>): Promise<string> {
  if (!existsSync(path.join(ROOT, 'dist/index.js'))) throw new Error('dist/ is not there: npm run build')
  // inside the project: its own name and pg resolve there
  mkdirSync(path.join(ROOT, '.tmp'), { recursive: true })
  const folder = mkdtempSync(path.join(ROOT, '.tmp/document-'))
  try {
    const { outputText } = ts.transpileModule(code(block), { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } })
    writeFileSync(path.join(folder, 'program.mjs'), outputText)
    const child = spawn(process.execPath, ['program.mjs'], { cwd: folder, env: { ...process.env, DATABASE_URL: url, TARGET_URL: url }, stdio: ['ignore', 'pipe', 'pipe'] })
    const ended = once(child, 'close')
    let output = ''
    let changed = false
    const heard = (chunk: Buffer): void => {
      output += chunk.toString()
      // it has read the snapshot: now something changes
      if (!changed) void whileStreaming().catch(() => {})
      changed = true
      if (output.includes(block.until!)) child.kill('SIGKILL')
    }
    child.stdout.on('data', heard)
    child.stderr.on('data', heard)
    const late = setTimeout(() => child.kill('SIGKILL'), 60_000)
    await ended
    clearTimeout(late)
    return output
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
