import type { WriteValue } from '../../../event/schema.ts'
import { element, ESCAPED, NESTED, NULL, scanArray, scanElement, skipBounds, unescapeElement } from './array-text.ts'
import { isInteger } from './number.ts'
import { MALFORMED, type ReadCell, type ValueType } from './reader.ts'
import { Scratch } from '../../../byte/scratch.ts'

const TWO_DIMENSIONS = 'arrays of two or more dimensions have no schema; code gets them as nested arrays'
const SPACE = 0x20

const writeEmpty: WriteValue = (writer) => {
  writer.beginArray()
  writer.endArray()
}

const unescaped = new Scratch()

/**
 * An array of one dimension; lower bounds other than 1 are lost. Elements may be NULL even where the schema, like Debezium's,
 * says otherwise (enums, tsvector, unknown types). It shows no defaults.
 */
export function arrayType(item: ValueType, optionalItems: boolean, delimiter: string, placeholder: WriteValue | undefined): ValueType {
  const separator = delimiter.charCodeAt(0)
  return {
    shape: { type: 'array', items: { ...item.shape, optional: optionalItems } },
    zero: writeEmpty,
    ...(placeholder === undefined ? {} : { placeholder }),
    reader: (fail, failInside) => {
      const read = item.reader(failInside, failInside)
      return (writer, bytes, start, end) => {
        const count = scanArray(bytes, start, end, separator)
        if (count < 0) return fail(writer, count === NESTED ? TWO_DIMENSIONS : MALFORMED)
        writer.beginArray()
        let at = skipBounds(bytes, start, end) + 1
        for (let i = 0; i < count; i++) {
          at = scanElement(bytes, at, end, separator) + 1
          writer.element()
          if (element.form === NULL) writer.null()
          else if (element.form === ESCAPED) {
            const text = unescaped.take(element.end - element.start)
            read(writer, text, 0, unescapeElement(bytes, element.start, element.end, text))
          } else read(writer, bytes, element.start, element.end)
        }
        writer.endArray()
      }
    },
  }
}

/** int2vector and oidvector: numbers with spaces between them. */
export function vectorType(type: 'int16' | 'int64'): ValueType {
  return { shape: { type: 'array', items: { type, optional: false } }, zero: writeEmpty, reader: (fail) => readVector((writer) => fail(writer, MALFORMED)) }
}

function readVector(fail: WriteValue): ReadCell {
  return (writer, bytes, start, end) => {
    for (let at = start; at < end; ) {
      const close = endOfNumber(bytes, at, end)
      if (!isInteger(bytes, at, close)) return fail(writer)
      at = close + 1
    }
    writer.beginArray()
    for (let at = start; at < end; ) {
      const close = endOfNumber(bytes, at, end)
      writer.element()
      writer.digits(bytes, at, close)
      at = close + 1
    }
    writer.endArray()
  }
}

function endOfNumber(bytes: Buffer, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] !== SPACE) at++
  return at
}
