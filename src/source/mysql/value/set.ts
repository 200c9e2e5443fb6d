import { Scratch } from '../../../byte/scratch.ts'
import type { HandlingModes } from '../../../event/handling-mode.ts'
import { textPlaceholder } from '../../binary-value.ts'
import { TYPE } from '../binlog/column-type.ts'
import { unescaped } from './default-value.ts'
import { labelBytes, labelShape } from './enum.ts'
import { MALFORMED, type ValueType } from './reader.ts'

const COMMA = 0x2c
const list = new Scratch()

/** SET: the labels it has, with commas between. */
export function setType(labels: readonly string[], charset: string | undefined, modes: HandlingModes): ValueType {
  return {
    shape: labelShape('EnumSet', labels),
    text: () => (writer, bytes, start, end) => writer.text(bytes, start, end),
    binlog: ({ fail }, logged) => {
      if (logged.type !== TYPE.set) return undefined
      const known = labelBytes(logged, labels, charset)
      const room = known.reduce((sum, label) => sum + label.length + 1, 0)
      return (writer, bytes, start, end) => {
        const to = list.take(room)
        const length = putLabels(bytes, start, end, known, to)
        if (length < 0) fail(writer, MALFORMED)
        else writer.text(to, 0, length)
      }
    },
    zero: (writer) => writer.string(''),
    placeholder: textPlaceholder(modes),
    default: (text) => {
      const value = unescaped(text)
      return (writer) => writer.string(value)
    },
  }
}

/** A bit for each label, the first label's is the lowest of the first byte; -1 where a bit is of none. */
function putLabels(bytes: Buffer, start: number, end: number, labels: readonly Buffer[], to: Buffer): number {
  let length = 0
  for (let at = start; at < end; at++) {
    for (let byte = bytes[at]!, bit = (at - start) * 8; byte !== 0; byte >>= 1, bit++) {
      if ((byte & 1) === 0) continue
      const label = labels[bit]
      if (label === undefined) return -1
      if (length > 0) to[length++] = COMMA
      length += label.copy(to, length)
    }
  }
  return length
}

/** The numbers of the labels a cell has, from 0. */
export function setBits(bytes: Buffer, start: number, end: number): number[] {
  const bits: number[] = []
  for (let at = start; at < end; at++) for (let bit = 0; bit < 8; bit++) if ((bytes[at]! & (1 << bit)) !== 0) bits.push((at - start) * 8 + bit)
  return bits
}
