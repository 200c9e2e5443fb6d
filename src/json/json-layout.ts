import type { Field, Schema } from '../event/schema.ts'
import { EMPTY_RUN, byteRun, type ByteRun } from '../byte/byte-run.ts'
import { renderJson } from './render-json.ts'
import { writeSchema } from './schema-json.ts'
import { zeroValue } from '../format/zero-value.ts'

/** The prepared bytes around the columns of one struct. */
export interface JsonLayout {
  /** What `use` writes at once: everything before the first column that is not part of its run. */
  readonly lead: ByteRun
  /** By column: what comes before its value, `,"name":`. */
  readonly runs: readonly ByteRun[]
  /** By column: what stands for a missing value: `null`, or the default the converter puts in its place. */
  readonly nulls: readonly ByteRun[]
}

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
export function missingValue(schema: Schema, replaceNull: boolean): ByteRun {
  if (schema.default !== undefined && (replaceNull || !schema.optional)) return byteRun(renderJson(schema.default))
  return byteRun(renderJson(schema.optional ? (writer) => writer.null() : zeroValue(schema)))
}

/** A struct of columns that begins after `lead`, which is written together with the first column's name. */
export function columnLayout(lead: string, fields: readonly Field[], replaceNull: boolean): JsonLayout {
  return {
    lead: fields.length === 0 ? byteRun(lead) : EMPTY_RUN,
    runs: fields.map(({ name }, index) => byteRun(`${index === 0 ? lead : ','}${jsonText(name)}:`)),
    nulls: fields.map(({ schema }) => missingValue(schema, replaceNull)),
  }
}
