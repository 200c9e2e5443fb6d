import type { Field, Schema } from '../event/schema.ts'
import type { JsonWriter } from './json-writer.ts'

/**
 * Writes a schema as Kafka's JsonConverter prints it (`asJsonSchema`): `type`, what it consists of, `optional`, `name`, `version`,
 * `doc`, `parameters`, `default`, and for a struct's member `field` at the end.
 */
export function writeSchema(writer: JsonWriter, schema: Schema, field?: string): void {
  writer.beginStruct()
  writer.member('type')
  writer.string(schema.type)
  writeContent(writer, schema)
  writer.member('optional')
  writer.boolean(schema.optional)
  if (schema.name !== undefined) writeText(writer, 'name', schema.name)
  if (schema.version !== undefined) {
    writer.member('version')
    writer.integer(schema.version)
  }
  if (schema.doc !== undefined) writeText(writer, 'doc', schema.doc)
  if (schema.parameters !== undefined) {
    writer.member('parameters')
    writer.beginStruct()
    for (const [name, value] of Object.entries(schema.parameters)) writeText(writer, name, value)
    writer.endStruct()
  }
  if (schema.default !== undefined) {
    writer.member('default')
    schema.default(writer)
  }
  if (field !== undefined) writeText(writer, 'field', field)
  writer.endStruct()
}

function writeContent(writer: JsonWriter, schema: Schema): void {
  if (schema.items !== undefined) writeNested(writer, 'items', schema.items)
  if (schema.keys !== undefined) writeNested(writer, 'keys', schema.keys)
  if (schema.values !== undefined) writeNested(writer, 'values', schema.values)
  if (schema.fields !== undefined) writeFields(writer, schema.fields)
}

function writeFields(writer: JsonWriter, fields: readonly Field[]): void {
  writer.member('fields')
  writer.beginArray()
  for (const { name, schema } of fields) {
    writer.element()
    writeSchema(writer, schema, name)
  }
  writer.endArray()
}

function writeNested(writer: JsonWriter, name: string, schema: Schema): void {
  writer.member(name)
  writeSchema(writer, schema)
}

function writeText(writer: JsonWriter, name: string, value: string): void {
  writer.member(name)
  writer.string(value)
}
