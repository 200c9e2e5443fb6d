import { createHash } from 'node:crypto'
import { debeziumJson, type EngineOptions } from '../../src/index.ts'
import type { ColumnOptions } from '../../src/source/column-options.ts'
import { memorySink, type MemorySink } from '../../src/testing/index.ts'

/** What becomes of the columns of a table `<schema>.t`. */
export function rulesOf(schema: string): ColumnOptions {
  const columns = (...names: string[]): string[] => names.map((name) => `${schema}.t.${name}`)
  return {
    truncate: [{ columns: columns('code', 'note', 'doc', 'raw'), chars: 5 }],
    mask: [{ columns: columns('secret', 'mood'), chars: 4 }],
    hash: [{ columns: columns('name'), algorithm: 'SHA-256', salt: 'pepper' }],
    sourceType: columns('id'),
  }
}

/** SHA-256 of the salt and a text, as long as the column `name`. */
export function hashOf(text: string): string {
  return createHash('sha256').update(`pepper${text}`).digest('hex').slice(0, 30)
}

/** Records as Debezium's JSON without schemas, kept in memory. */
export function recordsInto(): { readonly sink: MemorySink; readonly engine: Pick<EngineOptions, 'sink' | 'format'> } {
  const sink = memorySink()
  return { sink, engine: { sink, format: debeziumJson({ logicalName: 'x', runId: 'r', schemasEnable: { key: false, value: false, header: false } }) } }
}

/** Key, before and after of each record that is no tombstone. */
export function told({ records }: MemorySink): { readonly key: unknown; readonly before: unknown; readonly after: unknown }[] {
  return records.flatMap(({ key, value }) => {
    if (value === null) return []
    const { before, after } = JSON.parse(String(value)) as { before: unknown; after: unknown }
    return [{ key: JSON.parse(String(key)) as unknown, before, after }]
  })
}
