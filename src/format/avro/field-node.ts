import { byteRun, EMPTY_RUN, type ByteRun } from '../../byte/byte-run.ts'
import type { Schema, WriteValue } from '../../event/schema.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import { zeroValue } from '../zero-value.ts'
import { defaultOf } from './avro-default.ts'
import { AvroNode, NO_UNION } from './avro-node.ts'
import { renderAvro } from './render-avro.ts'

/** A union's first and second branch, as they are written. */
const FIRST = 0
const SECOND = 2

/**
 * A field of a row, key or source. A missing value is written as its default, as Connect's Struct.get has it, unless `replaceNull` is off
 * and it may be null; a required one without a default as the type's zero.
 */
export function fieldNode(schema: Schema, replaceNull: boolean, place: string): AvroNode {
  const preset = defaultOf(schema)
  const inner = compile(schema, place)
  let missing: ByteRun
  if (preset !== undefined && (replaceNull || !schema.optional)) missing = rendered(inner, preset)
  else missing = inner.missing ?? rendered(inner, zeroValue(schema))
  return new AvroNode({ ...inner, missing })
}

function rendered(node: AvroNode, write: WriteValue): ByteRun {
  return byteRun(renderAvro([node], (writer) => {
    writer.column(0)
    write(writer)
  }))
}

/**
 * True where the union of an optional type begins with the type, not with null: Avro takes a field's default from the first branch.
 * Structs always come behind null.
 */
export function typeComesFirst(schema: Schema): boolean {
  return schema.type !== 'struct' && defaultOf(schema) !== undefined
}

function compile(schema: Schema, place: string): AvroNode {
  const nullBranch = typeComesFirst(schema) ? SECOND : FIRST
  const inside = schema.items ?? schema.values
  return new AvroNode({
    lead: EMPTY_RUN,
    branch: schema.optional ? SECOND - nullBranch : NO_UNION,
    keyBranch: keyBranch(schema.keys, place),
    missing: schema.optional ? byteRun(Buffer.of(nullBranch)) : undefined,
    items: inside === undefined ? undefined : compile(inside, place),
    members: schema.fields?.map((field) => compile(field.schema, place)),
    names: schema.fields?.map(({ name }) => name) ?? [],
    place,
  })
}

/** Keys that may be null make a map an array of entries, which is written like a map but for this byte. */
function keyBranch(keys: Schema | undefined, place: string): number {
  if (keys === undefined || (keys.type === 'string' && !keys.optional)) return NO_UNION
  if (keys.type !== 'string') throw new TailraceError('TR_CONFIG_UNSUPPORTED', { message: `${place} is a map whose keys are not text`, where: { column: place } })
  return typeComesFirst(keys) ? FIRST : SECOND
}
