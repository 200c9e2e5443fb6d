import { randomInt } from 'node:crypto'

/** The seed of a property: another one each time, printed, and the given one when a failure is to be seen again. */
export function seedOf(name: string): number {
  const given = process.env.TAILRACE_SEED
  const seed = given === undefined ? randomInt(2 ** 31) : Number(given)
  console.log(`${name}: TAILRACE_SEED=${seed}`)
  return seed
}
