// @ts-check
// A MySQL or MariaDB of our own for the examples: the server that the tests have, from Debian's packages (fetched once by the machine's
// apt, installed nowhere), with a data folder of its own and a free port of 127.0.0.1. Nothing is left of it afterwards.
// With MYSQL_URL=mysql://root:…@host:port, yours: `binlog_format = ROW`, and a user who may do everything.
import { cp, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import ts from 'typescript'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/**
 * @param {'mysql' | 'mariadb'} kind
 * @returns {Promise<import('./server.mjs').Server>} `url`: of the server, without a database.
 */
export async function startMysqlServer(kind) {
  const folder = await mkdtemp(path.join(tmpdir(), 'tailrace-example-'))
  const abandon = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', abandon)
  const given = process.env['MYSQL_URL']
  const server = given ? undefined : await startOwn(kind)
  return {
    url: given ? given.replace(/\/$/, '') : server.url(),
    folder,
    async stop() {
      await server?.[Symbol.asyncDispose]()
      process.off('exit', abandon)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** @param {'mysql' | 'mariadb'} kind */
async function startOwn(kind) {
  const compiled = await compileServers()
  const { startMysql } = await import(pathToFileURL(path.join(compiled, 'mysql.js')).href)
  const { startMariadb } = await import(pathToFileURL(path.join(compiled, 'mariadb.js')).href)
  return kind === 'mysql' ? await startMysql() : await startMariadb({ version: '11.8' })
}

/** The tests' own code, as JavaScript: Node 20 reads no TypeScript. */
async function compileServers() {
  const from = path.join(ROOT, 'test/server')
  const into = path.join(ROOT, '.tmp', 'example-server')
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, rewriteRelativeImportExtensions: true }
  await mkdir(into, { recursive: true })
  for (const file of await readdir(from)) {
    const to = path.join(into, file.replace(/ts$/, 'js'))
    // another example may be reading it
    const made = `${to}.${process.pid}`
    if (file.endsWith('.mjs')) await cp(path.join(from, file), made)
    else if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue
    else await writeFile(made, ts.transpileModule(await readFile(path.join(from, file), 'utf8'), { compilerOptions }).outputText)
    await rename(made, to)
  }
  return into
}
