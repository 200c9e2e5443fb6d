import type { Random } from '../../fuzz/campaign.ts'

const LETTERS = ['a', 'Z', '0', ' ', '"', '\\', '/', '\n', '\t', '\u0001', '\u001f', '\u007f', 'é', '€', '😀', '\u2028', ':', ',', '{', ']']
const double = new DataView(new ArrayBuffer(8))

/** A document's text: small values, values at the limits of their kinds, random doubles. */
export function anyDocument(random: Random): string {
  return anyValue(random, 4)
}

export function anyValue(random: Random, depth: number): string {
  const kind = random.below(depth > 0 ? 10 : 6)
  if (kind < 2) return anyNumber(random)
  if (kind < 4) return JSON.stringify(anyString(random))
  if (kind < 6) return random.pick(['null', 'true', 'false', '[]', '{}', '""'])
  const count = random.below(random.chance(20) ? 100 : 6)
  if (kind < 8) return `[${Array.from({ length: count }, () => anyValue(random, depth - 1)).join(',')}]`
  const members = new Map(Array.from({ length: count }, () => [anyString(random), anyValue(random, depth - 1)]))
  return `{${[...members].map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`
}

export function anyString(random: Random): string {
  const length = random.chance(200) ? random.below(40_000) : random.below(12)
  return Array.from({ length }, () => random.pick(LETTERS)).join('')
}

function anyNumber(random: Random): string {
  switch (random.below(5)) {
    case 0:
      return String(random.below(200) - 100)
    case 1: {
      const limit = 2n ** BigInt(random.pick([15, 16, 31, 32, 53, 63]))
      const value = limit + BigInt(random.below(3) - 1)
      return String(random.chance(2) && value <= 2n ** 63n ? -value : value)
    }
    case 2:
      return String((random.below(2_000_000) - 1_000_000) / random.pick([10, 100, 1000, 1e5, 1e6, 1e7]))
    case 3:
      return `${random.below(2) === 0 ? '-' : ''}${random.below(100_000_000)}.${random.below(100_000_000)}e${random.below(40) - 24}`
    default:
      double.setUint32(0, random.below(2 ** 32))
      double.setUint32(4, random.below(2 ** 32))
      return Number.isFinite(double.getFloat64(0)) ? String(double.getFloat64(0)) : '0'
  }
}
