// @ts-check
// The hook: an engine in the cache's own process. The cache lives and dies with it, and so does the position: each start follows
// the log from where it is then, before the first row is read.
import { createEngine, memoryOffsets } from 'tailrace'
import { postgres } from 'tailrace/postgres'

/**
 * @param {string} connection
 * @param {{ put(id: number, order: Record<string, unknown> | undefined): void }} cache
 */
export function hook(connection, cache) {
  return createEngine({
    name: 'cache',
    source: postgres({ connection, tables: ['public.orders'], snapshot: { mode: 'no_data' }, slot: { name: 'cache', dropOnStop: true }, publication: { name: 'cache' } }),
    offsets: memoryOffsets(),
    sink: (events) => {
      for (const { key, after } of events) if (key !== null) cache.put(Number(key['id']), after ?? undefined)
    },
  })
}
