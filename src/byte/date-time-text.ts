import { ViewCache } from './view-cache.ts'

/** How long `2024-02-29 13:14:15` is. */
export const DATE_TIME_LENGTH = 19

const ZERO = 0x30
const NINE = 0x39
/** The upper halves of four bytes that have to be digits. */
const FOUR_DIGITS = 0xf0f0f0f0 | 0
/** What takes a byte's upper half beyond that of the digits unless it is one of them. */
const BEYOND_NINE = 0x06060606
/** From a blank to the T in its place. */
const BLANK_TO_T = (0x20 ^ 0x54) << 16

const views = new ViewCache()

/**
 * Copies `2024-02-29 13:14:15` from `at` on as `2024-02-29T13:14:15`, word by word, and is false where the text has another shape. Whether it is
 * a day that there is, is for the caller to know. `to` needs {@link DATE_TIME_LENGTH} bytes.
 */
export function copyDateTime(bytes: Buffer, at: number, end: number, to: DataView): boolean {
  if (end - at < DATE_TIME_LENGTH) return false
  const view = views.of(bytes)
  const year = view.getInt32(at, true)
  const month = view.getInt32(at + 4, true)
  const day = view.getInt32(at + 8, true)
  const hour = view.getInt32(at + 12, true)
  // one byte of it for the second time
  const second = view.getInt32(at + 15, true)
  // little-endian: the first byte of the text is the last of the word
  const fits =
    isShape(year, 0, 0x30303030, FOUR_DIGITS) && isShape(month, 0xff0000ff | 0, 0x2d30302d, 0x00f0f000) && isShape(day, 0x00ff0000, 0x30203030, 0xf000f0f0 | 0) &&
    isShape(hour, 0x0000ff00, 0x30303a30, 0xf0f000f0 | 0) && isShape(second, 0x0000ff00, 0x30303a30, 0xf0f000f0 | 0)
  to.setInt32(0, year, true)
  to.setInt32(4, month, true)
  to.setInt32(8, day ^ BLANK_TO_T, true)
  to.setInt32(12, hour, true)
  to.setInt32(15, second, true)
  return fits
}

/** The bytes of `exact` are those of `shape`, and those that `digits` has the upper halves of are digits. */
function isShape(word: number, exact: number, shape: number, digits: number): boolean {
  return (word & (exact | digits)) === shape && ((word + BEYOND_NINE) & digits) === (shape & digits)
}

/** Whether all bytes are digits. */
export function areDigits(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at]! < ZERO || bytes[at]! > NINE) return false
  return true
}
