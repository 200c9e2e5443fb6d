import type { Schema, SchemaType } from '../../event/schema.ts'
import { NO_UNION } from './avro-node.ts'

const FIXED: Readonly<Partial<Record<SchemaType, number>>> = { boolean: 1, float: 4, double: 8 }

/** Whether {@link valueEnd} knows the type. */
export function isSimple({ type }: Schema): boolean {
  return type !== 'array' && type !== 'map' && type !== 'struct'
}

/** Where the encoded value of a simple type ends that begins at `at`. `branch`: the byte before a value that is not null. */
export function valueEnd(bytes: Buffer, at: number, { type }: Schema, branch: number): number {
  if (branch !== NO_UNION) {
    if (bytes[at] !== branch) return at + 1
    at++
  }
  const size = FIXED[type]
  if (size !== undefined) return at + size
  return longEnd(bytes, at) + (type === 'string' || type === 'bytes' ? length(bytes, at) : 0)
}

function longEnd(bytes: Buffer, at: number): number {
  let end = at
  while (bytes[end]! > 0x7f) end++
  return end + 1
}

function length(bytes: Buffer, at: number): number {
  let value = 0
  let factor = 1
  for (let p = at; ; p++) {
    value += (bytes[p]! & 0x7f) * factor
    if (bytes[p]! <= 0x7f) return value / 2
    factor *= 128
  }
}
