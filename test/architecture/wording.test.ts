import { execFileSync } from 'node:child_process'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROOT, trackedText, type Tree } from './tree.ts'

/** Folders that any machine has, which a text may well speak of. */
const EVERYWHERE = new Set(['/', '/usr', '/opt', '/var', '/tmp', '/srv', '/mnt', '/etc', '/home', '/Users', '/app', tmpdir()])

/** What would tell of the machine that something was made on: its folders, and where its packages come from. */
function machineWords(): string[] {
  const folders = [ROOT, path.dirname(ROOT), homedir()].filter((folder) => !EVERYWHERE.has(folder)).map((folder) => `${folder}/`)
  const registry = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8', cwd: ROOT }).trim()
  // written in parts, for this file is looked at as well
  const hosts = [['registry', 'npmjs', 'org'].join('.'), ...(URL.canParse(registry) ? [new URL(registry).host] : [])]
  return [...folders, ...new Set(hosts)]
}

/** Someone's home, on any machine. */
const HOME = /(?:\/home\/|\/Users\/|[A-Z]:\\+Users\\+)[a-z][\w.-]*[/\\]/

function machineTraces(tree: Tree, words: readonly string[]): string[] {
  return Object.entries(tree).flatMap(([name, text]) =>
    text.split('\n').flatMap((line, index) => (words.some((word) => line.includes(word)) || HOME.test(line) ? [`${name}:${index + 1}`] : [])),
  )
}

function resolvedPackages(lock: string): string[] {
  const { packages } = JSON.parse(lock) as { packages: Record<string, { resolved?: string; link?: boolean; version?: string; integrity?: string }> }
  return Object.entries(packages).filter(([name, entry]) => name !== '' && (entry.resolved !== undefined || entry.integrity === undefined)).map(([name]) => name)
}

describe('the project speaks of itself alone', () => {
  test('no text names a folder of this machine or where its packages came from', () => {
    const tree = trackedText()
    expect(Object.keys(tree).length).toBeGreaterThan(400)
    expect(machineTraces(tree, machineWords())).toEqual([])
  })

  test('such a word is found', () => {
    const words = machineWords()
    expect(words.length).toBeGreaterThan(0)
    const tree = { 'docs/a.md': ['fine: /var/lib/postgresql, /home', ...words.map((word) => `see ${word}x`), ['', 'home', 'jo', 'x'].join('/'), ['C:', 'Users', 'jo', 'x'].join('\\')].join('\n') }
    expect(machineTraces(tree, words)).toEqual(Array.from({ length: words.length + 2 }, (_, index) => `docs/a.md:${index + 2}`))
  })
})

describe('the lock file', () => {
  test('pins contents, not addresses', () => {
    const lock = trackedText()['package-lock.json']!
    expect(resolvedPackages(lock)).toEqual([])
  })

  test('an address, or a package without a hash, is found', () => {
    const lock = { packages: { '': { version: '1.0.0' }, 'node_modules/a': { version: '1.0.0', resolved: 'https://packages.example/a.tgz', integrity: 'sha512-x' }, 'node_modules/b': { version: '1.0.0' }, 'node_modules/c': { version: '1.0.0', integrity: 'sha512-x' } } }
    expect(resolvedPackages(JSON.stringify(lock))).toEqual(['node_modules/a', 'node_modules/b'])
  })
})
