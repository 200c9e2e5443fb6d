import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { describe, expect, test } from 'vitest'
import { importsOf } from './import.ts'
import { circles, wrongDirections } from './layer.ts'
import { ROOT, sourceTree } from './tree.ts'

const imports = importsOf(sourceTree('src'))

function broken(from: string, line: string): string[] {
  return wrongDirections(importsOf({ [from]: line }))
}

describe('imports point one way', () => {
  test('in every file of src', () => {
    expect(imports.length).toBeGreaterThan(300)
    expect(wrongDirections(imports)).toEqual([])
  })

  const wrong: Record<string, [string, string]> = {
    'the events import anything': ['src/event/table.ts', `import type { Clock } from '../time/clock.ts'`],
    'the events import a module of Node': ['src/event/table.ts', `import { randomUUID } from 'node:crypto'`],
    'a leaf imports an error': ['src/async/abort.ts', `import { TailraceError } from '../error/tailrace-error.ts'`],
    'errors import a contract': ['src/error/code.ts', `import type { Sink } from '../sink/sink.ts'`],
    'a contract imports its implementation': ['src/sink/sink.ts', `export { memorySink } from './memory/memory.ts'`],
    'a sink imports another sink': ['src/sink/kafka/kafka.ts', `import { memorySink } from '../memory/memory.ts'`],
    'a sink imports a format': ['src/sink/kafka/kafka.ts', `import { debeziumJson } from '../../format/json/debezium-json.ts'`],
    'a sink imports a source, for its types only': ['src/sink/kafka/kafka.ts', `import type { PgPosition } from '../../source/postgres/position.ts'`],
    'a sink imports a source when it needs it': ['src/sink/kafka/kafka.ts', `const postgres = () => import('../../source/postgres/index.ts')`],
    'a sink names a source in a type': ['src/sink/kafka/kafka.ts', `type Position = import('../../source/postgres/position.ts').PgPosition`],
    'a source imports the engine': ['src/source/postgres/source.ts', `import { Ledger } from '../../engine/ledger.ts'`],
    'MySQL imports PostgreSQL': ['src/source/mysql/source.ts', `import { formatLsn } from '../postgres/position.ts'`],
    'MySQL imports MariaDB': ['src/source/mysql/source.ts', `import { flavor } from '../mariadb/flavor.ts'`],
    'the engine imports an implementation': ['src/engine/pump.ts', `import { memorySink } from '../sink/memory/memory.ts'`],
    'the engine imports what makes it': ['src/engine/pump.ts', `import { createEngine } from '../create-engine.ts'`],
    'the engine imports the network': ['src/engine/pump.ts', `import { connect } from 'node:net'`],
    'the engine imports real timers': ['src/engine/pump.ts', `import { setTimeout } from 'node:timers/promises'`],
    'what makes an engine imports a source': ['src/create-engine.ts', `import { postgres } from './source/postgres/index.ts'`],
    'the root imports a source': ['src/index.ts', `export { postgres } from './source/postgres/index.ts'`],
    'the root imports the drop-in layer': ['src/index.ts', `export { fromDebezium } from './debezium/index.ts'`],
    'the drop-in layer imports the command': ['src/debezium/plan.ts', `import { help } from '../cli/help.ts'`],
    'test tools import the engine': ['src/testing/index.ts', `import { Engine } from '../engine/engine.ts'`],
    'test tools import a sink that is not for tests': ['src/testing/index.ts', `export { streamSink } from '../sink/stdout/stdout.ts'`],
    'test tools import the test runner': ['src/testing/index.ts', `import { test } from 'vitest'`],
    'anybody imports test tools': ['src/cli/run.ts', `import { faultySink } from '../testing/faulty-sink.ts'`],
    'a new folder that nobody placed': ['src/budget/budget.ts', `import type { Sink } from '../sink/sink.ts'`],
    'pg is imported outside of its source': ['src/engine/engine.ts', `import type pg from 'pg'`],
    'pg is loaded together with the module': ['src/source/postgres/wire/connect.ts', `import pg from 'pg'`],
    'a package that nobody placed': ['src/source/postgres/stream.ts', `import lodash from 'lodash'`],
  }
  for (const [name, [from, line]] of Object.entries(wrong)) {
    test(`not so where ${name}`, () => {
      expect(broken(from, line)).toHaveLength(1)
    })
  }

  test('MariaDB may import MySQL', () => {
    expect(broken('src/source/mariadb/index.ts', `import { MysqlSource } from '../mysql/source.ts'`)).toEqual([])
  })
})

describe('modules never wait for each other in a circle', () => {
  test('in src', () => {
    expect(circles(imports)).toEqual([])
  })

  test('a circle is found, one of types alone is none', () => {
    const circle = (use: string): string[] => circles(importsOf({ 'src/a.ts': `import ${use}{ b } from './b.ts'`, 'src/b.ts': `import { c } from './c.ts'`, 'src/c.ts': `export { a } from './a.ts'` }))
    expect(circle('')).toEqual(['src/a.ts → src/b.ts → src/c.ts → src/a.ts'])
    expect(circle('type ')).toEqual([])
  })
})

describe('packages', () => {
  const manifest = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')) as { dependencies: Record<string, string>; peerDependencies: Record<string, string>; peerDependenciesMeta: Record<string, { optional?: boolean }> }

  test('what src imports is a dependency or an optional peer, and every dependency is imported', () => {
    const used = new Set(imports.map(({ to }) => to).filter((to) => !to.startsWith('src/') && !to.startsWith('node:')))
    expect([...used].filter((name) => builtinModules.includes(name))).toEqual([])
    expect([...used].sort()).toEqual([...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)].sort())
  })

  test('peers are optional', () => {
    for (const name of Object.keys(manifest.peerDependencies)) expect(manifest.peerDependenciesMeta[name]).toEqual({ optional: true })
  })
})
