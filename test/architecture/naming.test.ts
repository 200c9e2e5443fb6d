import { describe, expect, test } from 'vitest'
import { sourceTree, trackedNames, type Tree } from './tree.ts'

const BANNED = /^(utils?|commons?|helpers?|types?|managers?|misc)$/
/** Beginnings and ends of names that say as little: `string-utils.ts`. */
const BANNED_PART = /(^|[-.])(utils?|common|helpers?|managers?)([-.]|$)/
const MAX_LINES = 350

/** Golden scenarios are called after what they show. */
function ours(names: readonly string[]): string[] {
  return names.filter((name) => !/^test\/golden\/(postgresql|mysql|mariadb)\//.test(name))
}

function badNames(names: readonly string[]): string[] {
  return names.filter((name) => name.split('/').some((part) => {
    const stem = part.replace(/(\.(test|d))?\.[^.]+$/, '')
    return BANNED.test(stem) || BANNED_PART.test(stem)
  }))
}

function badSpellings(names: readonly string[]): string[] {
  return names.filter((name) => /^(src|test|scripts|examples|benchmarks)\/.*\.(ts|mjs)$/.test(name) && !/^[a-z0-9./-]+$/.test(name))
}

function tooLong(tree: Tree): string[] {
  return Object.entries(tree)
    .map(([name, text]) => [name, text.split('\n').length - (text.endsWith('\n') ? 1 : 0)] as const)
    .filter(([, lines]) => lines > MAX_LINES)
    .map(([name, lines]) => `${name}: ${lines} lines`)
}

/** A source is read by whoever knows another one: the same names in each. `flavor.ts` marks one that re-uses another's. */
function missingFiles(names: readonly string[]): string[] {
  const sources = new Set(names.map((name) => /^src\/source\/([^/]+)\//.exec(name)?.[1]).filter((source) => source !== undefined))
  return [...sources].flatMap((source) => {
    const folder = `src/source/${source}`
    const flavour = names.includes(`${folder}/flavor.ts`)
    const files = (flavour ? ['index', 'options'] : ['index', 'options', 'source', 'preflight', 'catalog', 'position', 'snapshot', 'stream']).map((name) => `${folder}/${name}.ts`)
    const folders = flavour ? [] : ['value', 'wire'].filter((name) => !names.some((file) => file.startsWith(`${folder}/${name}/`)))
    return [...files.filter((file) => !names.includes(file)), ...folders.map((name) => `${folder}/${name}/`)]
  })
}

describe('names say what a thing is', () => {
  test('no file or folder is called utils, common, helpers, types or manager', () => {
    expect(badNames(ours(trackedNames()))).toEqual([])
  })

  test('such a name is found', () => {
    const bad = ['src/utils/array.ts', 'src/engine/types.ts', 'src/helper.ts', 'src/common.mjs', 'src/engine/state-manager.ts', 'test/unit/string-utils.test.ts', 'src/types/index.d.ts', 'src/managers/a.ts']
    expect(badNames([...bad, 'src/source/postgres/type-catalog.ts', 'src/source/postgres/value/value-type.ts', 'docs/common-table-expression.md'.replace('common', 'recursive')])).toEqual(bad)
  })

  test('names are of small letters, with hyphens', () => {
    expect(badSpellings(trackedNames())).toEqual([])
    expect(badSpellings(['src/sinkConformance.ts', 'src/Sink.ts', 'test/unit/a_b.test.ts', 'src/sink.ts'])).toHaveLength(3)
  })
})

describe('files stay short enough to be read', () => {
  test(`at most ${MAX_LINES} lines`, () => {
    const tree = sourceTree('src', 'test', 'scripts', 'examples', 'benchmarks')
    expect(Object.keys(tree).length).toBeGreaterThan(250)
    expect(tooLong(tree)).toEqual([])
  })

  test('a longer one is found, and one of exactly so many lines is none', () => {
    expect(tooLong({ 'src/a.ts': 'x\n'.repeat(MAX_LINES), 'src/b.ts': `${'x\n'.repeat(MAX_LINES)}x` })).toEqual(['src/b.ts: 351 lines'])
  })
})

describe('sources look alike', () => {
  test('each has the same file names', () => {
    const names = Object.keys(sourceTree('src'))
    expect(names).toContain('src/source/postgres/index.ts')
    expect(missingFiles(names)).toEqual([])
  })

  test('one that lacks a file is found', () => {
    const whole = Object.keys(sourceTree('src')).filter((name) => name.startsWith('src/source/postgres/'))
    const mysql = whole.map((name) => name.replace('postgres', 'mysql'))
    expect(missingFiles([...whole, ...mysql])).toEqual([])
    expect(missingFiles([...whole, ...mysql.filter((name) => !name.endsWith('/position.ts') && !name.includes('/wire/'))])).toEqual(['src/source/mysql/position.ts', 'src/source/mysql/wire/'])
    expect(missingFiles([...whole, 'src/source/mariadb/flavor.ts', 'src/source/mariadb/index.ts', 'src/source/mariadb/options.ts'])).toEqual([])
  })
})
