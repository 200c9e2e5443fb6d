/** Uses every entry point; prints what it found as JSON. `load` is how this module system gets a module. */
export function program(load: (name: string) => string): string {
  return `
async function main() {
  const root = ${load('tailrace')}
  const { postgres } = ${load('tailrace/postgres')}
  const { fromDebezium } = ${load('tailrace/debezium')}
  const testing = ${load('tailrace/testing')}
  const manifest = ${load('tailrace/package.json')}
  const failed = []
  for (const check of testing.offsetStoreConformance(() => { const store = testing.memoryOffsets(); return { store: () => store } })) await check.run().catch((error) => failed.push(check.name + ': ' + error.message))
  const sink = testing.memorySink({ accepts: 'events' })
  await sink.write({ events: testing.sampleEvents(2), records: undefined }, new AbortController().signal)
  const engine = root.createEngine({
    name: 'orders', offsets: testing.memoryOffsets(), sink: () => {}, retry: { initialDelayMs: 1, maxStartAttempts: 1 },
    source: postgres({ connection: process.argv[2] ?? 'postgres://127.0.0.1:1/shop', tables: ['public.orders'] }),
  })
  const error = await engine.run().then(() => undefined, (error) => error)
  console.log(JSON.stringify({
    exports: Object.keys(root).length, failed, ids: sink.events.map(({ id }) => id), version: (manifest.default ?? manifest).version, debezium: typeof fromDebezium,
    error: error && { code: error.code, message: error.message, remedy: error.remedy, ours: root.isTailraceError(error) && error instanceof root.TailraceError },
  }))
}
main().catch((error) => { console.error(error); process.exitCode = 1 })
`
}

export interface ProgramResult {
  readonly exports: number
  readonly failed: readonly string[]
  readonly ids: readonly string[]
  readonly version: string
  readonly debezium: string
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string; readonly ours: boolean }
}

/** A whole life: a snapshot, a change, a stop; prints the changes. argv: port, database. */
export const LIFE = `
import { createEngine } from 'tailrace'
import { postgres } from 'tailrace/postgres'
import { memoryOffsets } from 'tailrace/testing'
import pg from 'pg'

const [port, database] = process.argv.slice(2)
const connection = { host: '127.0.0.1', port: Number(port), database, user: 'postgres' }
const seen = []
const offsets = memoryOffsets()
const engine = createEngine({
  name: 'life', offsets, stopAfter: 3,
  source: postgres({ connection: { ...connection, sslmode: 'disable' }, tables: ['public.orders'], slot: { name: 'life' }, publication: { name: 'life' } }),
  sink: (events) => { for (const { op, after } of events) seen.push(op + after.id) },
})
engine.on('state', async ({ state }) => {
  if (state !== 'streaming') return
  const client = new pg.Client(connection)
  await client.connect()
  await client.query('insert into orders values (3)')
  await client.end()
})
await engine.run()
console.log(JSON.stringify({ seen, phase: offsets.current.position.phase }))
`
