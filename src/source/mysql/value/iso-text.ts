import { ONES, TENS } from '../../../byte/digits.ts'
import { found } from './moment.ts'

/*
  What was read last as ISO 8601. These are the precisions that nearly all columns have, made without a call out of JavaScript, which costs half as much
  as the rest of such a cell; putIso and putZulu write the same of any precision.
*/

const HYPHEN = 0x2d
const DOT = 0x2e
const COLON = 0x3a
const T = 0x54
const Z = 0x5a

/** `2024-02-29T13:14:15Z` */
export function isoSecondsZulu(): string {
  const { year, month, day, hours, minutes, seconds } = found
  const century = ((year / 100) | 0) % 100
  const rest = year % 100
  return String.fromCharCode(
    TENS[century]!, ONES[century]!, TENS[rest]!, ONES[rest]!, HYPHEN, TENS[month]!, ONES[month]!, HYPHEN, TENS[day]!, ONES[day]!, T,
    TENS[hours]!, ONES[hours]!, COLON, TENS[minutes]!, ONES[minutes]!, COLON, TENS[seconds]!, ONES[seconds]!, Z,
  )
}

/** `2024-02-29T13:14:15.123456Z` */
export function isoMicrosZulu(): string {
  const { year, month, day, hours, minutes, seconds, micros } = found
  const century = ((year / 100) | 0) % 100
  const rest = year % 100
  const first = ((micros / 10_000) | 0) % 100
  const second = ((micros / 100) | 0) % 100
  const third = micros % 100
  return String.fromCharCode(
    TENS[century]!, ONES[century]!, TENS[rest]!, ONES[rest]!, HYPHEN, TENS[month]!, ONES[month]!, HYPHEN, TENS[day]!, ONES[day]!, T,
    TENS[hours]!, ONES[hours]!, COLON, TENS[minutes]!, ONES[minutes]!, COLON, TENS[seconds]!, ONES[seconds]!,
    DOT, TENS[first]!, ONES[first]!, TENS[second]!, ONES[second]!, TENS[third]!, ONES[third]!, Z,
  )
}

/** `2024-02-29T13:14:15` */
export function isoSeconds(): string {
  return isoSecondsZulu().slice(0, -1)
}

/** `2024-02-29T13:14:15.123456` */
export function isoMicros(): string {
  return isoMicrosZulu().slice(0, -1)
}
