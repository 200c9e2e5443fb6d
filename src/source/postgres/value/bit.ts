import { constantOf, readConstant } from './default-expression.ts'
import { MALFORMED, type Fail, type ReadCell, type ValueType } from './reader.ts'
import { Scratch } from '../../../byte/scratch.ts'

const ONE = 0x31
const NONE: Buffer = Buffer.alloc(0)
/** What Debezium gives as the length of a `bit varying` without one. */
const UNLIMITED = 2147483647

/** `bit(n)` and `bit varying(n)`: a boolean for one bit, otherwise bytes. */
export function bitType(typmod: number): ValueType {
  const length = typmod < 0 ? UNLIMITED : typmod
  if (length === 1) return { shape: { type: 'boolean' }, reader: readBit, zero: (writer) => writer.boolean(false), default: (expression) => bitDefault(expression, readBit) }
  return {
    shape: { type: 'bytes', name: 'io.debezium.data.Bits', version: 1, parameters: { length: String(length) } },
    reader: readBits,
    zero: (writer) => writer.bytes(NONE, 0, 0),
    default: (expression) => bitDefault(expression, readBits),
  }
}

function isBits(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((bytes[at]! & 0xfe) !== 0x30) return false
  return true
}

function readBit(fail: Fail): ReadCell {
  return (writer, bytes, start, end) => {
    if (end - start === 1 && isBits(bytes, start, end)) writer.boolean(bytes[start] === ONE)
    else fail(writer, MALFORMED)
  }
}

const packed = new Scratch()

/** The last digit is bit 0 of the first byte; bytes of zeros at the end are left out (java.util.BitSet). */
function readBits(fail: Fail): ReadCell {
  return (writer, bytes, start, end) => {
    if (!isBits(bytes, start, end)) return fail(writer, MALFORMED)
    let first = start
    while (first < end && bytes[first] !== ONE) first++
    const size = (end - first + 7) >> 3
    const bits = packed.take(size)
    bits.fill(0, 0, size)
    for (let at = first; at < end; at++) {
      const place = end - 1 - at
      if (bytes[at] === ONE) bits[place >> 3]! |= 1 << (place & 7)
    }
    writer.bytes(bits, 0, size)
  }
}

/** `'1'::"bit"`, `B'101'`; a call gives zeros. Debezium counts whatever is not a 1 as a 0: `(5)::bit(8)` has no 1. */
function bitDefault(expression: string, reader: (fail: Fail) => ReadCell): ReturnType<typeof readConstant> {
  const text = constantOf(expression, '0')?.trim()
  if (text === undefined) return undefined
  return readConstant(reader === readBits ? text.replace(/[^1]/g, '0') : text, reader)
}
