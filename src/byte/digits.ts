const ZERO = 0x30

/** Writes 0 <= value < 2^53 as decimal digits; returns where they end. */
export function writeNatural(out: Buffer, at: number, value: number): number {
  if (value > 0xffffffff) {
    const high = Math.floor(value / 1e9)
    return writePadded(out, writeNatural(out, at, high), value - high * 1e9, 9)
  }
  let digits = 1
  if (value >= 1e5) digits = value >= 1e8 ? (value >= 1e9 ? 10 : 9) : value >= 1e7 ? 8 : value >= 1e6 ? 7 : 6
  else if (value >= 10) digits = value >= 1e3 ? (value >= 1e4 ? 5 : 4) : value >= 100 ? 3 : 2
  return writePadded(out, at, value, digits)
}

/** Writes exactly `digits` digits of 0 <= value < 2^32. */
export function writePadded(out: Buffer, at: number, value: number, digits: number): number {
  let rest = value >>> 0
  for (let p = at + digits - 1; p >= at; p--) {
    const tenth = (rest / 10) >>> 0
    out[p] = ZERO + rest - tenth * 10
    rest = tenth
  }
  return at + digits
}
