import { byteRun, EMPTY_RUN, type ByteRun } from '../../byte/byte-run.ts'
import type { Schema } from '../../event/schema.ts'
import { jsonText, schemaClosing, schemaOpening } from '../../json/json-layout.ts'
import { avroSchema } from './avro-schema.ts'
import type { AvroSettings } from './avro-settings.ts'
import type { AvroWriter } from './avro-writer.ts'
import { wireHeader, type NamedSchema } from './registration.ts'
import { subjectName } from './subject-name.ts'

/** Key of a record that is of no row: a struct of one text, in Avro or, where keys are JSON, in that. */
export class DetailKey {
  /** Undefined where keys are JSON. */
  readonly schema: NamedSchema | undefined
  private readonly json: { readonly opening: string; readonly closing: string } | undefined
  private readonly branch: readonly number[]
  private opening: ByteRun = EMPTY_RUN

  /** The schema's only field is text. */
  constructor(schema: Schema, destination: string, { keys, schemas, subjects, metaData }: AvroSettings) {
    const [field] = schema.fields!
    const name = schema.name!
    this.branch = field!.schema.optional ? [PRESENT] : []
    if (keys === 'json') this.json = { opening: `${schemaOpening(schema, schemas.key)}{${jsonText(field!.name)}:`, closing: `}${schemaClosing(schemas.key)}` }
    else this.schema = { name, subject: subjectName(subjects.key, destination, 'key', name), text: avroSchema(schema, metaData) }
  }

  register(id: number | undefined): void {
    if (id !== undefined) this.opening = wireHeader(id, ...this.branch)
  }

  write(text: string, writer: AvroWriter): void {
    if (this.json !== undefined) writer.run(byteRun(`${this.json.opening}${jsonText(text)}${this.json.closing}`))
    else {
      writer.run(this.opening)
      writer.string(text)
    }
  }
}

/** The branch of an optional text that is there. */
const PRESENT = 2
