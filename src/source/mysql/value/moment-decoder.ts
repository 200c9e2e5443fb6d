import { ascii } from '../../../byte/slice.ts'
import type { LoggedColumn } from '../binlog/logged-column.ts'
import type { Decoder } from './decode.ts'
import { undecodable } from './decode-error.ts'
import { isoMicros, isoMicrosZulu, isoSeconds, isoSecondsZulu } from './iso-text.ts'
import { found, putClockText, putDateText, putFraction, putIso, putZulu, scanDate, scanDateTime, scanTime } from './moment.ts'
import { unpackDate, unpackDateTime, unpackTime, unpackTimestamp, type Unpack } from './moment-cell.ts'

const MINUS = 0x2d
const text: Buffer = Buffer.alloc(32)

/** `2024-02-29`; zero and impossible dates as they are. */
export const DATE: Decoder = moment((bytes, start, end) => scanDate(bytes, start, end) === end, unpackDate, () => putDateText(text, 0))

/** `2024-02-29T13:14:15.50`, with the digits of the type. */
export const DATETIME: Decoder = moment(scanDateTime, unpackDateTime, (digits) => putIso(text, 0, digits), { 0: isoSeconds, 6: isoMicros })

/** `2024-02-29T13:14:15.50Z`: in UTC, with the digits of the type. */
export const TIMESTAMP: Decoder = moment(scanDateTime, unpackTimestamp, (digits) => putZulu(text, putIso(text, 0, digits)), { 0: isoSecondsZulu, 6: isoMicrosZulu })

/** `-838:59:59.000`, with the digits of the type. */
export const TIME: Decoder = moment(scanTime, unpackTime, (digits) => {
  if (found.negative) text[0] = MINUS
  return putFraction(text, putClockText(text, found.negative ? 1 : 0), digits)
})

/** `scan` and `unpack` read into {@link found}, and `put` writes it with so many digits of a second; `texts` are what does so at once, by digits. */
function moment(scan: (bytes: Buffer, start: number, end: number) => boolean, unpack: (logged: LoggedColumn) => Unpack | undefined, put: (digits: number) => number, texts: Readonly<Record<number, () => string>> = {}): Decoder {
  const textOf = (digits: number): (() => string) => texts[digits] ?? (() => ascii(text, 0, put(digits)))
  return {
    text: ({ length, typeName }) => {
      const make = textOf(length ?? 0)
      return (bytes, start, end) => {
        if (!scan(bytes, start, end)) throw undecodable(typeName)
        return make()
      }
    },
    binlog: ({ length, typeName }, logged) => {
      const read = unpack(logged)
      if (read === undefined) throw undecodable(typeName)
      const make = textOf(length ?? 0)
      return (bytes, start) => {
        read(bytes, start)
        return make()
      }
    },
  }
}
