import type { HandlingModes } from '../../../event/handling-mode.ts'
import type { WriteValue } from '../../../event/schema.ts'
import { textPlaceholder } from '../../binary-value.ts'
import { constantOf } from './default-expression.ts'
import { MALFORMED, type Fail, type ReadCell, type Shape, type ValueType } from './reader.ts'

const writeEmpty: WriteValue = (writer) => writer.string('')

function readText(): ReadCell {
  return (writer, bytes, start, end) => writer.text(bytes, start, end)
}

/** Text as the server sends it, without a default in the schema: citext, inet, ranges, ltree … */
export function textType(modes: HandlingModes, name?: string): ValueType {
  const shape: Shape = name === undefined ? { type: 'string' } : { type: 'string', name, version: 1 }
  return { shape, reader: readText, zero: writeEmpty, placeholder: textPlaceholder(modes) }
}

/** text, varchar, char(n) (whose padding the server sends). */
export function characterType(modes: HandlingModes): ValueType {
  return { ...textType(modes), default: (expression) => textDefault(expression, '') }
}

export function xmlType(modes: HandlingModes): ValueType {
  return { ...textType(modes, 'io.debezium.data.Xml'), default: (expression) => textDefault(expression, '') }
}

/** json keeps its text, jsonb the server's. */
export function jsonType(modes: HandlingModes): ValueType {
  return {
    ...textType(modes, 'io.debezium.data.Json'),
    reader: () => (writer, bytes, start, end) => writer.json(bytes, start, end),
    default: (expression) => textDefault(expression, '{}'),
  }
}

export function uuidType(modes: HandlingModes): ValueType {
  return {
    ...textType(modes, 'io.debezium.data.Uuid'),
    reader: readUuid,
    default: (expression) => {
      const text = constantOf(expression, '00000000-0000-0000-0000-000000000000')?.trim().toLowerCase()
      return text !== undefined && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text) ? (writer) => writer.string(text) : undefined
    },
  }
}

const UUID_BYTE = new Uint8Array(256)
for (const byte of Buffer.from('0123456789abcdefABCDEF-')) UUID_BYTE[byte] = 1

function readUuid(fail: Fail): ReadCell {
  return (writer, bytes, start, end) => {
    let valid = end - start === 36
    for (let at = start; valid && at < end; at++) valid = UUID_BYTE[bytes[at]!] === 1
    if (valid) writer.plain(bytes, start, end)
    else fail(writer, MALFORMED)
  }
}

function textDefault(expression: string, zero: string): WriteValue | undefined {
  const text = constantOf(expression, zero)
  return text === undefined ? undefined : (writer) => writer.string(text)
}
