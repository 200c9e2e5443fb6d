import { TableDraft } from './table-draft.ts'
import { readKeyParts } from './key-part.ts'
import { recorded } from './schema-change.ts'
import type { Statement } from './schema-contract.ts'
import type { Tables } from './tables.ts'
import type { TokenReader } from './token-reader.ts'

/** From INDEX on. A unique one may become the key; the record has no table (as Debezium's), reading it again has the same effect. */
export function createIndex(reader: TokenReader, tables: Tables, unique: boolean): Statement {
  reader.expect('INDEX')
  while (!reader.is('ON')) {
    if (reader.endsMember) throw reader.fail()
    reader.next()
  }
  reader.expect('ON')
  const reference = reader.tableName()
  const parts = readKeyParts(reader)
  const shape = tables.get(reference.database, reference.name)
  if (unique && shape !== undefined && shape.key.length === 0) {
    const draft = TableDraft.of(shape)
    draft.offerUniqueKey(parts)
    if (draft.key.length > 0) tables.put(draft.done(shape.database, shape.name))
  }
  return recorded(reference.database, reader.source)
}

/** Behind DROP INDEX. Which index made the key is not kept; but PRIMARY can only be one. */
export function dropIndex(reader: TokenReader, tables: Tables): Statement {
  reader.accept('IF', 'EXISTS')
  const index = reader.identifier()
  reader.expect('ON')
  const reference = reader.tableName()
  const shape = tables.get(reference.database, reference.name)
  if (index.toUpperCase() === 'PRIMARY' && shape !== undefined) tables.put({ ...shape, key: [] })
  return recorded(reference.database, reader.source)
}
