import { Scratch } from '../../../byte/scratch.ts'
import { TYPE } from '../binlog/column-type.ts'
import { MALFORMED, type ReadCell, type Stead, type ValueType } from './reader.ts'

const NONE: Buffer = Buffer.alloc(0)

/** BIT(n): a boolean for one bit, otherwise all of its bytes, the lowest first. */
export function bitType(length: number): ValueType {
  const size = (length + 7) >> 3
  if (length === 1) {
    return {
      shape: { type: 'boolean' }, text: readBit, binlog: (stead, { type }) => (type === TYPE.bit ? readBit(stead) : undefined), zero: (writer) => writer.boolean(false),
      default: (text) => {
        const value = bitsOf(text)
        return value === undefined ? undefined : (writer) => writer.boolean(value === 1n)
      },
    }
  }
  return {
    shape: { type: 'bytes', name: 'io.debezium.data.Bits', version: 1, parameters: { length: String(length) } },
    text: (stead) => readBits(stead, size),
    binlog: (stead, { type }) => (type === TYPE.bit ? readBits(stead, size) : undefined),
    zero: (writer) => writer.bytes(NONE, 0, 0),
    default: (text) => {
      const value = bitsOf(text)
      if (value === undefined) return undefined
      const bytes = Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex').reverse()
      return (writer) => writer.bytes(bytes, 0, bytes.length)
    },
  }
}

/** `b'101'` comes as `101`; what is no binary number is a decimal one. */
function bitsOf(text: string): bigint | undefined {
  const trimmed = text.trim()
  if (/^(true|false)$/i.test(trimmed)) return trimmed.toLowerCase() === 'true' ? 1n : 0n
  if (/^[01]+$/.test(trimmed)) return BigInt(`0b${trimmed}`)
  return /^\d+$/.test(trimmed) ? BigInt(trimmed) : undefined
}

function readBit({ fail }: Stead): ReadCell {
  return (writer, bytes, start, end) => {
    if (end - start === 1 && bytes[start]! <= 1) writer.boolean(bytes[start] === 1)
    else fail(writer, MALFORMED)
  }
}

const turned = new Scratch()

/** The server has the highest byte first. */
function readBits({ fail }: Stead, size: number): ReadCell {
  return (writer, bytes, start, end) => {
    if (end - start !== size) return fail(writer, MALFORMED)
    const to = turned.take(size)
    for (let i = 0; i < size; i++) to[i] = bytes[end - 1 - i]!
    writer.bytes(to, 0, size)
  }
}

/** The number that the bits are. */
export function bitsNumber(bytes: Buffer, start: number, end: number): bigint {
  let value = 0n
  for (let at = start; at < end; at++) value = (value << 8n) | BigInt(bytes[at]!)
  return value
}
