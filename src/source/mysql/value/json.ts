import type { HandlingModes } from '../../../event/handling-mode.ts'
import { textPlaceholder } from '../../binary-value.ts'
import { TYPE } from '../binlog/column-type.ts'
import { compactJson } from '../json/compact-json.ts'
import { JsonText } from '../json/json-text.ts'
import { writeJson } from '../json/write-json.ts'
import { readCompressed } from './compressed.ts'
import type { ReadCell, ValueType } from './reader.ts'
import { isCompressed, isString } from './text-cell.ts'

const text = new JsonText()
const writeAsIs: ReadCell = (writer, bytes, start, end) => writer.json(bytes, start, end)

/** JSON, compact. Of MariaDB, whose JSON is text, as it was written. */
export function jsonType(modes: HandlingModes): ValueType {
  return {
    shape: { type: 'string', name: 'io.debezium.data.Json', version: 1 },
    text: () => compacted(compactJson),
    binlog: (stead, logged) => {
      if (logged.type === TYPE.json) return compacted(writeJson)
      if (!isString(logged)) return undefined
      return isCompressed(logged) ? readCompressed(stead, writeAsIs) : writeAsIs
    },
    // Debezium's fallback of a JSON column
    zero: (writer) => writer.string('{}'),
    placeholder: textPlaceholder(modes),
  }
}

function compacted(write: typeof writeJson): ReadCell {
  return (writer, bytes, start, end) => {
    text.clear()
    write(bytes, start, end, text)
    writer.json(text.bytes, 0, text.length)
  }
}
