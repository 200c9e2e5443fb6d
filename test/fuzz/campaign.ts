import { randomInt } from 'node:crypto'
import { countAllocations } from './allocation.ts'

/** CPU time that one input of at most 64 kB may take, whatever is in it. */
const MOST_CPU_MS = 50
/** Beyond what the framing joins: bytes of buffers for each byte of input, and on top of that. */
const BYTES_EACH = 8
const BYTES_MORE = 65_536

const given = process.env['FUZZ_SEED']
/** Another one each time; FUZZ_SEED repeats a run. */
export const seed = given === undefined ? randomInt(2 ** 31) : Number(given)
/** FUZZ_RUNS is how many times the default effort; 1 is some 25 seconds for all targets together. */
const effort = Number(process.env['FUZZ_RUNS'] ?? 1)

/** Uniform numbers that a seed determines (mulberry32, by Tommy Ettinger, public domain). */
export class Random {
  #state: number

  constructor(state: number) {
    this.#state = state >>> 0
  }

  /** In [0, bound). */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * bound)
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!
  }

  chance(oneIn: number): boolean {
    return this.below(oneIn) === 0
  }
}

/** Runs a target so many times (times FUZZ_RUNS), each with random numbers of its own; what fails says how to see it again. */
export async function campaign(target: string, runs: number, run: (random: Random, index: number) => Promise<void> | void): Promise<void> {
  const count = Math.ceil(runs * effort)
  const hash = [...target].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), 0)
  console.log(`${target}: FUZZ_SEED=${seed}, ${count} runs`)
  for (let index = 0; index < count; index++) {
    try {
      await run(new Random(seed + hash + index * 7919), index)
    } catch (error) {
      throw new Error(`${target} fails in run ${index}; again with FUZZ_SEED=${seed}`, { cause: error })
    }
  }
}

/**
 * The rules for every input: done in time, and no more memory than the input is worth. That what it ends with is a valid
 * decode or an error of ours is `run`'s to see. `times`: how often it goes through the input.
 */
export async function withinLimits<T>(input: readonly Buffer[] | Buffer, run: () => Promise<T> | T, times = 1): Promise<T> {
  const length = Buffer.isBuffer(input) ? input.length : input.reduce((sum, chunk) => sum + chunk.length, 0)
  const joined = length + 16
  for (let attempt = 1; ; attempt++) {
    const before = process.cpuUsage()
    const { result, bytes } = await countAllocations(run)
    const { user, system } = process.cpuUsage(before)
    const most = (length * BYTES_EACH + BYTES_MORE + joined) * times
    if (bytes > most) throw new Error(`${bytes} bytes of buffers for an input of ${length}: ${quote(input)}`)
    if ((user + system) / 1000 <= MOST_CPU_MS * times) return result
    // the garbage collector may have had its hour, but not three times in a row
    if (attempt === 3) throw new Error(`${(user + system) / 1000} ms for an input of ${length} bytes: ${quote(input)}`)
  }
}

/** An input to paste into a test. */
export function quote(input: readonly Buffer[] | Buffer): string {
  const bytes = Buffer.isBuffer(input) ? input : Buffer.concat(input)
  return bytes.toString('base64').slice(0, 4000)
}
