/** A double's shortest text, the sign of zero kept. */
export function doubleText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

/** Six digits survive the way through a float32 and back (FLT_DIG), so fewer need not be tried. Below the normal range they do not. */
const ALWAYS_KEPT = 6
const LEAST_NORMAL = 1.1754943508222875e-38

/** The shortest text that reads back as the same float32. */
export function floatText(value: number): string {
  const float = Math.fround(value)
  if (Number.isInteger(float) && Math.abs(float) < 1e6) return doubleText(float)
  for (let digits = Math.abs(float) < LEAST_NORMAL ? 1 : ALWAYS_KEPT; digits <= 9; digits++) {
    const decimal = Number(float.toPrecision(digits))
    if (Math.fround(decimal) === float) return doubleText(decimal)
  }
  return doubleText(float)
}
