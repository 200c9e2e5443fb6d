import { isTailraceError, TailraceError } from '../../error/tailrace-error.ts'
import type { StoredOffset } from '../offset-store.ts'
import { readFields, writeFields, type ConnectFields } from './connect-json.ts'
import { UnreadableFields, type SourceFields } from './fields-contract.ts'
import { OWN_FIELD, readOwnField, writeOwnField } from './own-field.ts'
import { fieldsOf } from './source-fields.ts'

/** An offset is some hundred bytes; a snapshot's position with many tables some ten thousand. Nothing larger is written or read. */
export const MAX_VALUE_BYTES: number = 1024 * 1024

/** How a value is to be read. */
export interface DecodeValueOptions {
  /** The engine's name. */
  readonly engine: string
  /** Take an offset of ours of any name, for this engine. Default false. */
  readonly anyName?: boolean
  /** The kind of source, for values that Debezium wrote. Default `postgresql`. */
  readonly source?: string
  /** Where the value is from, for messages: a file, a topic. */
  readonly place: string
}

/**
 * An offset as Debezium keeps it: the fields that its connector goes on from, and the offset itself as one string in the field
 * `tailrace`. `timestampMicros` becomes Debezium's time of the last event. Errors: TR_OFFSET_WRITE for what JSON cannot hold or what
 * is too large.
 */
export function encodeValue(offset: StoredOffset, timestampMicros: bigint): Buffer {
  let bytes: Buffer
  try {
    const own = writeOwnField(offset)
    const fields = debeziumFields(offset)
    const time = Object.keys(fields).length === 0 ? {} : fieldsOf(offset.source)!.time(timestampMicros)
    bytes = Buffer.from(writeFields({ ...fields, ...Object.fromEntries(Object.entries(time).filter(([name]) => fields[name] === undefined)), [OWN_FIELD]: own }))
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new TailraceError('TR_OFFSET_WRITE', { message: `The offset cannot be written as JSON: ${problem}`, remedy: 'Report this: a source made a position that cannot be stored' })
  }
  if (bytes.length <= MAX_VALUE_BYTES) return bytes
  throw new TailraceError('TR_OFFSET_WRITE', {
    message: `The offset has ${bytes.length} bytes; ${MAX_VALUE_BYTES} are possible`, where: { bytes: bytes.length }, remedy: 'Report this: a source made a position that cannot be stored',
  })
}

/**
 * The offset of a value. Where Debezium has written it, or its fields say something else than ours, the position is what its fields
 * say, and the identity is empty: the source binds it when it first goes on from it. Undefined for a tombstone. Errors:
 * TR_OFFSET_CORRUPT, TR_OFFSET_VERSION, TR_OFFSET_FOREIGN, TR_OFFSET_UNFINISHED.
 */
export function decodeValue(bytes: Uint8Array | null, options: DecodeValueOptions): StoredOffset | undefined {
  if (bytes === null) return undefined
  const { engine, place, source = 'postgresql', anyName = false } = options
  const fields = bytes.length > MAX_VALUE_BYTES ? undefined : readFields(textOf(bytes) ?? '')
  if (fields === undefined) throw new TailraceError('TR_OFFSET_CORRUPT', { message: `The offset of ${place} is damaged: it is not an object of JSON with simple fields`, where: { place } })
  const own = fields[OWN_FIELD] === undefined ? undefined : readOwnField(fields[OWN_FIELD], place)
  if (own !== undefined && own.engine !== engine && !anyName) {
    throw new TailraceError('TR_OFFSET_FOREIGN', { message: `The offset of ${place} belongs to the engine ${JSON.stringify(own.engine)}, not to ${JSON.stringify(engine)}`, where: { place, engine, found: own.engine } })
  }
  const form = fieldsOf(own?.source ?? source)
  if (own !== undefined && agrees(form, fields, own)) return { ...own, engine }
  if (form === undefined) throw new TailraceError('TR_OFFSET_FOREIGN', { message: `The offset of ${place} is Debezium’s, whose form for ${source} sources is not known`, where: { place, source } })
  return { engine, source: own?.source ?? source, identity: {}, position: positionOf(form, fields, place) }
}

/** What Debezium goes on from, for an offset of ours; nothing where it has no form for it. */
export function debeziumFields(offset: StoredOffset): ConnectFields {
  return theirFields(fieldsOf(offset.source), offset)
}

/** Debezium's fields for an offset of ours; none for a source, or a position, that it has no form for. */
function theirFields(form: SourceFields | undefined, offset: StoredOffset): ConnectFields {
  try {
    return form?.write(offset.position) ?? {}
  } catch (error) {
    if (isTailraceError(error)) return {}
    throw error
  }
}

function agrees(form: SourceFields | undefined, fields: ConnectFields, own: StoredOffset): boolean {
  const expected = theirFields(form, own)
  return form === undefined || form.decisive.every((name) => (fields[name] ?? null) === (expected[name] ?? null))
}

function positionOf(form: SourceFields, fields: ConnectFields, place: string): StoredOffset['position'] {
  try {
    return form.read(fields)
  } catch (error) {
    if (!(error instanceof UnreadableFields)) throw error
    if (error.problem === 'unfinished') throw new TailraceError('TR_OFFSET_UNFINISHED', { message: `The offset of ${place} cannot be taken over: ${error.message}`, where: { place } })
    throw new TailraceError('TR_OFFSET_CORRUPT', { message: `The offset of ${place} is damaged: ${error.message}`, where: { place } })
  }
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
