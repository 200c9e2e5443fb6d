import type { Import } from './import.ts'

/** Folders with a contract, directly in them, and one folder an implementation. */
const SEAMS = new Set(['source', 'sink', 'offset', 'schema-history', 'format', 'transform'])
const LEAVES = ['src/async', 'src/time', 'src/byte', 'src/version.ts']
const GROUND = ['src/event', ...LEAVES, 'src/error', 'src/observe']

/**
 * What each part may import beside itself: `event` ← leaves, `error`, `observe` ← contracts ← implementations, `engine` ←
 * `debezium` ← `cli`, `index`. `contract` stands for every contract, `implementation` for every implementation.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'src/event': [],
  'src/async': ['src/event', ...LEAVES],
  'src/time': ['src/event', ...LEAVES],
  'src/byte': ['src/event', ...LEAVES],
  'src/version.ts': [],
  'src/error': ['src/event', ...LEAVES],
  'src/observe': ['src/event', ...LEAVES, 'src/error'],
  contract: [...GROUND, 'contract'],
  implementation: [...GROUND, 'contract'],
  // what Kafka's sink and offset store have in common
  'src/kafka': [...GROUND, 'contract'],
  // JSON as Kafka's converter writes it: records of the JSON format, headers of every format
  'src/json': [...GROUND, 'contract'],
  'src/engine': [...GROUND, 'contract'],
  // what a caller gets without choosing: Debezium's JSON, and the two ways a function takes batches
  'src/create-engine.ts': [...GROUND, 'contract', 'src/engine', 'src/format/json', 'src/sink/callback'],
  'src/debezium': [...GROUND, 'contract', 'implementation', 'src/kafka', 'src/engine', 'src/create-engine.ts'],
  'src/testing': [...GROUND, 'contract', 'src/sink/memory', 'src/offset/memory', 'src/schema-history/memory'],
  'src/cli': [...GROUND, 'contract', 'implementation', 'src/kafka', 'src/engine', 'src/create-engine.ts', 'src/debezium', 'src/index.ts'],
  // the subpath tailrace/kafka
  'src/kafka.ts': ['src/kafka', 'src/sink/kafka', 'src/offset/kafka', 'src/schema-history/kafka'],
  // sources are subpaths of the package, so that the root needs no database's driver
  'src/index.ts': [...GROUND, 'contract', 'src/engine', 'src/create-engine.ts', 'src/format/json', 'src/sink/callback', 'src/sink/stdout', 'src/offset/file', 'src/offset/memory', 'src/schema-history/file', 'src/schema-history/memory'],
}

/** MariaDB is MySQL but for its differences. */
const EXCEPTIONS: readonly (readonly [string, string])[] = [
  ['src/source/mariadb', 'src/source/mysql'],
  ['src/sink/kafka', 'src/kafka'],
  ['src/offset/kafka', 'src/kafka'],
  // Connect's form of an offset, which Debezium's file and the offsets topic share, is made of the sources' positions
  ['src/offset/connect', 'src/source/postgres'],
  ['src/offset/connect', 'src/source/mysql'],
  ['src/offset/kafka', 'src/offset/connect'],
  ['src/offset/debezium', 'src/offset/connect'],
  // the same care for the file, other bytes in it
  ['src/offset/debezium', 'src/offset/file'],
  ['src/schema-history/file', 'src/offset/file'],
  ['src/schema-history/kafka', 'src/kafka'],
  ['src/format/json', 'src/json'],
  ['src/format/avro', 'src/json'],
]

/** Packages, and the only part that may import each. */
const PACKAGES: Readonly<Record<string, { readonly part: string; readonly use?: readonly Import['use'][] }>> = {
  // an optional peer is loaded when it is first needed, never when the module is
  pg: { part: 'src/source/postgres', use: ['type', 'dynamic'] },
  mysql2: { part: 'src/source/mysql', use: ['type', 'dynamic'] },
  kafkajs: { part: 'src/kafka', use: ['type', 'dynamic'] },
  '@platformatic/kafka': { part: 'src/kafka', use: ['type', 'dynamic'] },
  '@confluentinc/kafka-javascript': { part: 'src/kafka', use: ['type', 'dynamic'] },
  '@aws-sdk/client-kinesis': { part: 'src/sink/kinesis', use: ['type', 'dynamic'] },
  avsc: { part: 'src/format/avro', use: ['type', 'dynamic'] },
  eventemitter3: { part: 'src/engine' },
  'dot-properties': { part: 'src/debezium' },
  fzstd: { part: 'src/source/mysql' },
  leven: { part: 'src/debezium' },
  'cli-progress': { part: 'src/cli' },
}

/** `node:` modules are for parts that touch the outside; these touch it in no way that a simulation would have to own. */
const PURE_NODE = new Set(['node:buffer', 'node:diagnostics_channel', 'node:assert/strict', 'node:util', 'node:crypto'])

/** `src/sink/memory` for an implementation, `contract` for a contract's file, otherwise the folder or file below src. */
export function partOf(file: string): string {
  const [, folder, ...rest] = file.split('/')
  if (folder === undefined || !SEAMS.has(folder)) return `src/${folder ?? ''}`
  return rest.length > 1 ? `src/${folder}/${rest[0]!}` : 'contract'
}

function kindOf(part: string): string {
  return SEAMS.has(part.split('/')[1] ?? '') ? 'implementation' : part
}

/** What breaks the direction of imports. */
export function wrongDirections(imports: readonly Import[]): string[] {
  return imports.filter((one) => !allowed(one)).map(({ from, to, use }) => `${from} imports ${to} (${use})`)
}

function allowed({ from, to, use }: Import): boolean {
  const own = partOf(from)
  if (to.startsWith('node:')) return own !== 'src/event' && (kindOf(own) !== 'src/engine' || PURE_NODE.has(to))
  if (!to.startsWith('src/')) {
    const rule = PACKAGES[to]
    return rule !== undefined && rule.part === own && (rule.use === undefined || rule.use.includes(use))
  }
  const other = partOf(to)
  if (own === other) return true
  if (EXCEPTIONS.some(([importer, imported]) => importer === own && imported === other)) return true
  const list = ALLOWED[kindOf(own)]
  return list !== undefined && (list.includes(other) || list.includes(kindOf(other)))
}

/** Circles among the imports that exist at run time: one line each, as the way round. */
export function circles(imports: readonly Import[]): string[] {
  const graph = new Map<string, string[]>()
  for (const { from, to, use } of imports) if (use === 'value' && to.startsWith('src/')) graph.set(from, [...(graph.get(from) ?? []), to])
  const done = new Set<string>()
  const found: string[] = []
  const walk = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) return void found.push([...way.slice(way.indexOf(file)), file].join(' → '))
    if (done.has(file)) return
    for (const next of graph.get(file) ?? []) walk(next, [...way, file])
    done.add(file)
  }
  for (const file of graph.keys()) walk(file, [])
  return found
}
