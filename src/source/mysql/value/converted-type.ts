import { doubleText, floatText } from '../../../byte/float-text.ts'
import type { CellWriter } from '../../../event/cell-writer.ts'
import type { WriteValue } from '../../../event/schema.ts'
import { Captured } from './captured.ts'
import type { Fail, ReadCell, Shape, Stead, ValueType } from './reader.ts'

const NO_NUMBER = 'it is no number'
const ZERO: Buffer = Buffer.from('0')
const written: Buffer = Buffer.alloc(32)

/** Writes what was captured, never null, in another form. */
type WriteCaptured = (writer: CellWriter, captured: Captured, fail: Fail) => void

/** Whether a number is above 0. */
export function asBoolean(type: ValueType): ValueType {
  return converted(type, { type: 'boolean' }, (writer, { content }) => writer.boolean(Number(content) > 0), (writer) => writer.boolean(false))
}

/** 1 or 0: whether a number is above 0, or a text says so. */
export function asInt16(type: ValueType): ValueType {
  return converted(type, { type: 'int16' }, (writer, { content }) => writer.integer(isTrue(content) ? 1 : 0), (writer) => writer.integer(0))
}

/** Java's Integer.parseInt, and where that is none, Boolean.parseBoolean. */
function isTrue(content: string): boolean {
  return content.toLowerCase() === 'true' || Number(content) > 0
}

export function asReal(type: ValueType, to: 'double' | 'float'): ValueType {
  const print = to === 'double' ? doubleText : floatText
  const write: WriteCaptured = (writer, { content }, fail) => {
    const value = content.trim() === '' ? NaN : Number(content)
    if (Number.isNaN(value)) fail(writer, NO_NUMBER)
    else writer[to](written, 0, written.write(print(value), 'latin1'))
  }
  return converted(type, { type: to }, write, (writer) => writer[to](ZERO, 0, 1))
}

/** A text, with its character set in the schema. Of an ENUM always the label: Debezium has its number where the value comes from the log. */
export function asString(type: ValueType, charset: string | undefined): ValueType {
  const shape: Shape = charset === undefined ? { type: 'string' } : { type: 'string', parameters: { '__debezium.source.column.character_set': charset } }
  const { placeholder } = type
  return { ...converted(type, shape, (writer, { content }) => writer.string(content), (writer) => writer.string('')), ...(placeholder === undefined ? {} : { placeholder }) }
}

function converted(type: ValueType, shape: Shape, write: WriteCaptured, zero: WriteValue): ValueType {
  const captured = new Captured()
  const pass = (writer: CellWriter, fail: Fail): void => {
    if (captured.kind === 'null') writer.null()
    else if (captured.kind === 'number' || captured.kind === 'text') write(writer, captured, fail)
    else fail(writer, NO_NUMBER)
  }
  const through = (read: ReadCell, { fail }: Stead): ReadCell => (writer, bytes, start, end) => {
    read(captured, bytes, start, end)
    pass(writer, fail)
  }
  return {
    shape, zero,
    text: (stead) => through(type.text(stead), stead),
    binlog: (stead, logged) => {
      const read = type.binlog(stead, logged)
      return read === undefined ? undefined : through(read, stead)
    },
    default: (text, optional) => {
      const value = type.default?.(text, optional)
      if (value === undefined) return undefined
      return (writer) => {
        value(captured)
        pass(writer, (to) => to.null())
      }
    },
  }
}
