import type { HandlingModes } from '../../../event/handling-mode.ts'
import type { WriteValue } from '../../../event/schema.ts'
import { textPlaceholder } from '../../binary-value.ts'
import { TYPE } from '../binlog/column-type.ts'
import { MALFORMED, type ValueType } from './reader.ts'

const V4_BYTES = 4
const V6_BYTES = 16
const WORDS = 8
/** From here on an address may end as an IPv4 one does. */
const V4_WORD = 6
/** Before an IPv4 address in an IPv6 one. */
const MAPPED = 0xffff
const written: Buffer = Buffer.alloc(48)

/** MariaDB's INET4 and INET6: the address as the server prints it. */
export function inetType(version: 4 | 6, modes: HandlingModes): ValueType {
  const zero = version === 4 ? '0.0.0.0' : '::'
  const size = version === 4 ? V4_BYTES : V6_BYTES
  return {
    shape: { type: 'string' },
    text: () => (writer, bytes, start, end) => writer.plain(bytes, start, end),
    binlog: ({ fail }, { type }) => {
      if (type !== TYPE.string) return undefined
      return (writer, bytes, start, end) => {
        if (end - start > size) fail(writer, MALFORMED)
        else writer.plain(written, 0, written.write(inetText(bytes, start, end, version), 'latin1'))
      }
    },
    zero: (writer) => writer.string(zero),
    placeholder: textPlaceholder(modes),
    default: (text): WriteValue => (writer) => writer.string(text),
  }
}

/** The log leaves out zeros at the end. */
export function inetText(bytes: Buffer, start: number, end: number, version: 4 | 6): string {
  const whole = Buffer.alloc(version === 4 ? V4_BYTES : V6_BYTES)
  bytes.copy(whole, 0, start, end)
  return version === 4 ? whole.join('.') : inet6Text(whole)
}

/** The first of the longest runs of zero words is `::`; behind one of six words, or of five and ffff, comes an IPv4 address (Inet6::to_string, plugin/type_inet/sql_type_inet.cc). */
function inet6Text(bytes: Buffer): string {
  const words = Array.from({ length: WORDS }, (_, index) => bytes.readUInt16BE(index * 2))
  const gap = longestGap(words)
  const last = bytes.subarray(V4_WORD * 2).join('.')
  if (gap.start === 0 && gap.length === V4_WORD) return `::${last}`
  if (gap.start === 0 && gap.length === V4_WORD - 1 && words[V4_WORD - 1] === MAPPED) return `::ffff:${last}`
  const hex = (from: number, to: number): string => words.slice(from, to).map((word) => word.toString(16)).join(':')
  return gap.length === 0 ? hex(0, WORDS) : `${hex(0, gap.start)}::${hex(gap.start + gap.length, WORDS)}`
}

function longestGap(words: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 }
  for (let start = 0; start < WORDS; start++) {
    let length = 0
    while (words[start + length] === 0) length++
    if (length > best.length) best = { start, length }
    start += length
  }
  return best
}
