import type { CellWriter } from '../../../event/cell-writer.ts'
import type { HandlingModes } from '../../../event/handling-mode.ts'
import type { WriteValue } from '../../../event/schema.ts'
import { javaMapOrder, parseHstore } from './hstore-text.ts'
import { MALFORMED, type ReadCell, type Shape, type ValueType } from './reader.ts'

type Entries = readonly (readonly [string, string | null])[]

const MAP: Shape = { type: 'map', keys: { type: 'string', optional: false }, values: { type: 'string', optional: true } }
const JSON_TEXT: Shape = { type: 'string', name: 'io.debezium.data.Json', version: 1 }

/** `hstore`: a map, or the JSON text of an object with text and null values. It shows no defaults. */
export function hstoreType(modes: HandlingModes): ValueType {
  const write = modes.hstore === 'map' ? writeMap : writeJson
  const placeholder = new TextDecoder('utf-8', { ignoreBOM: true }).decode(modes.unavailablePlaceholder)
  const constant = (entries: Entries): WriteValue => (writer) => write(writer, entries)
  return {
    shape: modes.hstore === 'map' ? MAP : JSON_TEXT,
    zero: constant([]),
    placeholder: constant([[placeholder, placeholder]]),
    reader: (fail): ReadCell => (writer, bytes, start, end) => {
      const entries = parseHstore(bytes, start, end)
      if (entries === undefined) fail(writer, MALFORMED)
      else write(writer, javaMapOrder(entries))
    },
  }
}

function writeMap(writer: CellWriter, entries: Entries): void {
  writer.beginStruct()
  for (const [key, value] of entries) {
    writer.member(key)
    if (value === null) writer.null()
    else writer.string(value)
  }
  writer.endStruct()
}

function writeJson(writer: CellWriter, entries: Entries): void {
  const text = Buffer.from(`{${entries.map(([key, value]) => `${jacksonString(key)}:${value === null ? 'null' : jacksonString(value)}`).join(',')}}`)
  writer.json(text, 0, text.length)
}

/** JSON.stringify spells control characters in lower-case hex, Jackson in upper case. */
function jacksonString(text: string): string {
  return JSON.stringify(text).replace(/\\(?:u[0-9a-f]{4}|.)/g, (escape) => (escape.length > 2 ? `\\u${escape.slice(2).toUpperCase()}` : escape))
}
