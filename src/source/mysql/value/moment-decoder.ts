import { ascii } from '../../../byte/slice.ts'
import type { LoggedColumn } from '../binlog/logged-column.ts'
import type { Decoder } from './decode.ts'
import { undecodable } from './decode-error.ts'
import { found, putClockText, putDateText, putFraction, putIso, putZulu, scanDate, scanDateTime, scanTime } from './moment.ts'
import { unpackDate, unpackDateTime, unpackTime, unpackTimestamp, type Unpack } from './moment-cell.ts'

const MINUS = 0x2d
const text: Buffer = Buffer.alloc(32)

/** `2024-02-29`; zero and impossible dates as they are. */
export const DATE: Decoder = moment((bytes, start, end) => scanDate(bytes, start, end) === end, unpackDate, () => putDateText(text, 0))

/** `2024-02-29T13:14:15.50`, with the digits of the type. */
export const DATETIME: Decoder = moment(scanDateTime, unpackDateTime, (digits) => putIso(text, 0, digits))

/** `2024-02-29T13:14:15.50Z`: in UTC, with the digits of the type. */
export const TIMESTAMP: Decoder = moment(scanDateTime, unpackTimestamp, (digits) => putZulu(text, putIso(text, 0, digits)))

/** `-838:59:59.000`, with the digits of the type. */
export const TIME: Decoder = moment(scanTime, unpackTime, (digits) => {
  if (found.negative) text[0] = MINUS
  return putFraction(text, putClockText(text, found.negative ? 1 : 0), digits)
})

function moment(scan: (bytes: Buffer, start: number, end: number) => boolean, unpack: (logged: LoggedColumn) => Unpack | undefined, put: (digits: number) => number): Decoder {
  return {
    text: ({ length, typeName }) => (bytes, start, end) => {
      if (!scan(bytes, start, end)) throw undecodable(typeName)
      return ascii(text, 0, put(length ?? 0))
    },
    binlog: ({ length, typeName }, logged) => {
      const read = unpack(logged)
      if (read === undefined) throw undecodable(typeName)
      return (bytes, start) => {
        read(bytes, start)
        return ascii(text, 0, put(length ?? 0))
      }
    },
  }
}
