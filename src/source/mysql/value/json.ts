import type { EmbedJson } from '../../../event/cell-writer.ts'
import type { HandlingModes } from '../../../event/handling-mode.ts'
import { textPlaceholder } from '../../binary-value.ts'
import { TYPE } from '../binlog/column-type.ts'
import { compactJson } from '../json/compact-json.ts'
import { embedJson } from '../json/embed-json.ts'
import { embedText } from '../json/embed-text.ts'
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
    text: () => written(embedText, compactJson),
    binlog: (stead, logged) => {
      if (logged.type === TYPE.json) return written(embedJson, writeJson)
      if (!isString(logged)) return undefined
      return isCompressed(logged) ? readCompressed(stead, writeAsIs) : writeAsIs
    },
    // Debezium's fallback of a JSON column
    zero: (writer) => writer.string('{}'),
    placeholder: textPlaceholder(modes),
  }
}

/** At once where it is to stand, or first by itself. */
function written(embed: EmbedJson, write: typeof writeJson): ReadCell {
  return (writer, bytes, start, end) => {
    if (writer.embed?.(embed, bytes, start, end) === true) return
    text.clear()
    write(bytes, start, end, text)
    writer.json(text.bytes, 0, text.length)
  }
}
