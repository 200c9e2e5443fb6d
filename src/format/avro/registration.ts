import { byteRun, type ByteRun } from '../../byte/byte-run.ts'
import type { ChangeEvent } from '../../event/change-event.ts'

/** A schema and where it belongs. */
export interface NamedSchema {
  readonly subject: string
  /** Full name of the record. */
  readonly name: string
  readonly text: string
}

/** Ids of a key's and a value's schema; a table without a key has none. */
export interface SchemaIds {
  readonly key: number | undefined
  readonly value: number
}

/** What has to be registered before its events can be written. */
export interface Registrable {
  /** For messages: the table. */
  readonly label: string
  readonly keySchema: NamedSchema | undefined
  readonly valueSchema: NamedSchema
  readonly registered: boolean
  register(ids: SchemaIds): void
}

/** The event that a schema was first needed for. */
export type FirstEvent = Pick<ChangeEvent, 'id'>

/** Confluent's wire format: a zero byte, the schema's id as a big-endian int32, then the data, of which `more` is the beginning. */
export function wireHeader(id: number, ...more: readonly number[]): ByteRun {
  const header = Buffer.alloc(5)
  header.writeInt32BE(id, 1)
  return byteRun(Buffer.concat([header, Buffer.from(more)]))
}
