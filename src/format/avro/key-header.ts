import { byteRun, type ByteRun } from '../../byte/byte-run.ts'
import type { Field } from '../../event/schema.ts'
import type { RowCodec, RowImage } from '../../event/table.ts'
import { columnLayout, schemaClosing, schemaOpening, type JsonLayout } from '../../json/json-layout.ts'
import { JsonWriter } from '../../json/json-writer.ts'
import { keySchema } from '../envelope-schema.ts'
import { RecordBatch } from '../record-batch.ts'

/** A buffer that one long key made larger than this is given up afterwards. */
const KEEP = 64 * 1024

/** Keys as JSON: in headers, where those of a key update name the other event's, and before values in Avro. */
export class KeyHeader {
  private readonly codec: RowCodec
  private readonly layout: JsonLayout
  private readonly closing: ByteRun
  private readonly writer = new JsonWriter()
  private readonly batch = new RecordBatch(512)

  constructor(codec: RowCodec, name: string, fields: readonly Field[], withSchema: boolean) {
    this.codec = codec
    this.layout = columnLayout(`${schemaOpening(keySchema(name, fields), withSchema)}{`, fields, true)
    this.closing = byteRun(`}${schemaClosing(withSchema)}`)
  }

  encode(image: RowImage): Buffer {
    const { writer, batch } = this
    // a writer that needed more room has left its length in it
    batch.clear(KEEP)
    writer.begin(batch)
    writer.use(this.layout)
    this.codec.writeKey(image, writer)
    writer.run(this.closing)
    return writer.take(0)
  }
}
