import type { Field, Schema } from '../event/schema.ts'
import type { SourceLayout } from '../event/table.ts'

const TEXT: Schema = { type: 'string', optional: false }
const OPTIONAL_TEXT: Schema = { type: 'string', optional: true }
const LONG: Schema = { type: 'int64', optional: false }
const OPTIONAL_LONG: Schema = { type: 'int64', optional: true }

/** The schema of a header's text value. */
export const TEXT_SCHEMA: Schema = TEXT

const TRANSACTION: Field = {
  name: 'transaction',
  schema: {
    type: 'struct',
    optional: true,
    name: 'event.block',
    version: 1,
    fields: [
      { name: 'id', schema: TEXT },
      { name: 'total_order', schema: LONG },
      { name: 'data_collection_order', schema: LONG },
    ],
  },
}

function sourceField(source: SourceLayout): Field {
  const fields = source.fields.map(({ field }) => field)
  return { name: 'source', schema: { type: 'struct', optional: false, name: source.name, version: 1, fields } }
}

/** The package of a connector's schemas: io.debezium.connector.mysql.Source gives `io.debezium.connector.mysql.`. */
export function connectorPackage({ name }: SourceLayout): string {
  return name.slice(0, name.lastIndexOf('.') + 1)
}

/** A key's schema has no version (Debezium's TableSchemaBuilder). */
export function keySchema(name: string, fields: readonly Field[]): Schema {
  return { type: 'struct', optional: false, name, fields }
}

/** Debezium's SchemaFactory.datatypeEnvelopeSchema. */
export function envelopeSchema(envelopeName: string, valueName: string, fields: readonly Field[], source: SourceLayout): Schema {
  const row: Schema = { type: 'struct', optional: true, name: valueName, fields }
  return {
    type: 'struct',
    optional: false,
    name: envelopeName,
    version: 2,
    fields: [
      { name: 'before', schema: row },
      { name: 'after', schema: row },
      sourceField(source),
      TRANSACTION,
      { name: 'op', schema: TEXT },
      { name: 'ts_ms', schema: OPTIONAL_LONG },
      { name: 'ts_us', schema: OPTIONAL_LONG },
      { name: 'ts_ns', schema: OPTIONAL_LONG },
    ],
  }
}

/** The key of a logical message's event (PostgresSchemaFactory). */
export function messageKeySchema(name: string): Schema {
  return { type: 'struct', optional: false, name, version: 1, fields: [{ name: 'prefix', schema: OPTIONAL_TEXT }] }
}

/** The value of a logical message's event: other fields in another order than a row's. */
export function messageValueSchema(name: string, messageName: string, contentType: 'bytes' | 'string', source: SourceLayout): Schema {
  const message: Schema = {
    type: 'struct',
    optional: false,
    name: messageName,
    version: 1,
    fields: [
      { name: 'prefix', schema: OPTIONAL_TEXT },
      { name: 'content', schema: { type: contentType, optional: true } },
    ],
  }
  return {
    type: 'struct',
    optional: false,
    name,
    version: 1,
    fields: [{ name: 'op', schema: TEXT }, { name: 'ts_ms', schema: OPTIONAL_LONG }, sourceField(source), TRANSACTION, { name: 'message', schema: message }],
  }
}
