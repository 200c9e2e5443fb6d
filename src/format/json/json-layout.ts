import type { Field, Schema } from '../../event/schema.ts'
import type { SourceLayout, SourceNames } from '../../event/table.ts'
import type { JsonLayout } from './json-writer.ts'
import { renderJson } from './render-json.ts'
import { writeSchema } from './schema-json.ts'
import { zeroValue } from './zero-value.ts'

const EMPTY: Buffer = Buffer.alloc(0)

/** The opening of a converted value: with its schema, or nothing. */
export function schemaOpening(schema: Schema, enabled: boolean): string {
  if (!enabled) return ''
  return `{"schema":${renderJson((writer) => writeSchema(writer, schema)).toString()},"payload":`
}

/** What closes {@link schemaOpening}. */
export function schemaClosing(enabled: boolean): string {
  return enabled ? '}' : ''
}

/** JSON of a text constant, escaped as the writer does. */
export function jsonText(value: string): string {
  return renderJson((writer) => writer.string(value)).toString()
}

/**
 * What a column without a value is written as. Kafka's JsonConverter puts a default in the place of a null, even of an optional field
 * (`replace.null.with.default`); in a required field Debezium itself puts the default or the type's zero.
 */
function missingValue(schema: Schema, replaceNull: boolean): Buffer {
  if (schema.default !== undefined && (replaceNull || !schema.optional)) return renderJson(schema.default)
  return renderJson(schema.optional ? (writer) => writer.null() : zeroValue(schema))
}

/** A struct of columns that begins after `lead`, which is written together with the first column's name. */
export function columnLayout(lead: string, fields: readonly Field[], replaceNull: boolean): JsonLayout {
  return {
    lead: fields.length === 0 ? Buffer.from(lead) : EMPTY,
    runs: fields.map(({ name }, index) => Buffer.from(`${index === 0 ? lead : ','}${jsonText(name)}:`)),
    nulls: fields.map(({ schema }) => missingValue(schema, replaceNull)),
  }
}

/** The `source` block: constants are part of the names around them; `trail` are those after the last column that is written. */
export interface SourceJson {
  readonly layout: JsonLayout
  readonly trail: string
}

/** A `source` struct that begins after `lead`. Runs are found by the field's index among all, constant or not. */
export function sourceJson(lead: string, source: SourceLayout, names: SourceNames, replaceNull: boolean): SourceJson {
  let pending = lead
  let written = false
  const runs = source.fields.map(({ field, constant }, index) => {
    pending += `${index === 0 ? '' : ','}${jsonText(field.name)}:`
    if (constant !== undefined) {
      pending += renderJson((writer) => constant(writer, names)).toString()
      return EMPTY
    }
    const run = Buffer.from(pending)
    pending = ''
    written = true
    return run
  })
  const nulls = source.fields.map(({ field }) => missingValue(field.schema, replaceNull))
  return { layout: { lead: written ? EMPTY : Buffer.from(pending), runs, nulls }, trail: written ? pending : '' }
}
