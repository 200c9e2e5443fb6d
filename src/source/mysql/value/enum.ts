import type { HandlingModes } from '../../../event/handling-mode.ts'
import { textPlaceholder } from '../../binary-value.ts'
import { TYPE } from '../binlog/column-type.ts'
import type { LoggedColumn } from '../binlog/logged-column.ts'
import { unescaped } from './default-value.ts'
import { MALFORMED, type Shape, type ValueType } from './reader.ts'
import { loggedDecoding } from './text-cell.ts'

const NONE: Buffer = Buffer.alloc(0)

/** `parameters.allowed`: commas and backslashes inside a label are escaped. */
export function labelShape(name: 'Enum' | 'EnumSet', labels: readonly string[]): Shape {
  const allowed = labels.map((label) => label.replaceAll(/[\\,]/g, '\\$&')).join(',')
  return { type: 'string', name: `io.debezium.data.${name}`, version: 1, parameters: { allowed } }
}

/** The labels as UTF-8: with `binlog_row_metadata=FULL` those of the log, which are the true ones (the server's own definitions have `?` for what utf8mb3 lacks). */
export function labelBytes(logged: LoggedColumn, labels: readonly string[], charset: string | undefined): readonly Buffer[] {
  const decoding = loggedDecoding(logged, charset)
  if (logged.labels === undefined || decoding === undefined) return labels.map((label) => Buffer.from(label))
  if (decoding === 'as-is') return logged.labels
  return logged.labels.map((label) => {
    const to = Buffer.alloc(label.length * 3)
    return to.subarray(0, decoding(label, 0, label.length, to))
  })
}

/** ENUM: its label; the empty text where a value was none (number 0). */
export function enumType(labels: readonly string[], charset: string | undefined, modes: HandlingModes): ValueType {
  return {
    shape: labelShape('Enum', labels),
    text: () => (writer, bytes, start, end) => writer.text(bytes, start, end),
    binlog: ({ fail }, logged) => {
      if (logged.type !== TYPE.enum) return undefined
      const known = [NONE, ...labelBytes(logged, labels, charset)]
      return (writer, bytes, start, end) => {
        const label = known[enumNumber(bytes, start, end)]
        if (label === undefined) fail(writer, MALFORMED)
        else writer.text(label, 0, label.length)
      }
    },
    zero: (writer) => writer.string(''),
    placeholder: textPlaceholder(modes),
    default: (text) => {
      const label = unescaped(text)
      return (writer) => writer.string(label)
    },
  }
}

/** 1 is the first label. */
export function enumNumber(bytes: Buffer, start: number, end: number): number {
  return end - start === 2 ? bytes[start]! | (bytes[start + 1]! << 8) : bytes[start]!
}
