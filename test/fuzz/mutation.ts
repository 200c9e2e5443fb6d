import type { Random } from './campaign.ts'

const EXTREMES = [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7ffffffe, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff]
/** Bytes that mean something to some grammar here. */
const TELLING = Buffer.from('BCORYIUDTMKNntub\0\x01"\\{}(),[]<>=;:.-+ 09eEtfxTZ\xff', 'latin1')

/** Damages a message: flips, extreme lengths, cuts, insertions, repetitions, pieces of other messages. */
export function mutate(bytes: Buffer, random: Random, others: readonly Buffer[]): Buffer {
  let mutant: Buffer = Buffer.from(bytes)
  for (let times = 1 + random.below(3); times > 0; times--) mutant = mutateOnce(mutant, random, others)
  return mutant
}

function mutateOnce(bytes: Buffer, random: Random, others: readonly Buffer[]): Buffer {
  const at = random.below(bytes.length + 1)
  const to = at + random.below(Math.min(bytes.length - at, 64) + 1)
  switch (random.below(9)) {
    case 0:
      if (at < bytes.length) bytes[at]! ^= 1 << random.below(8)
      return bytes
    case 1:
      if (at < bytes.length) bytes[at] = random.pick([...TELLING])
      return bytes
    case 2:
      if (at + 4 <= bytes.length) bytes.writeUInt32BE(random.pick(EXTREMES), at)
      return bytes
    case 3:
      if (at + 2 <= bytes.length) bytes.writeUInt16BE(random.pick(EXTREMES) & 0xffff, at)
      return bytes
    case 4:
      // one off: the kind of wrong that looks right
      if (at + 4 <= bytes.length) bytes.writeUInt32BE((bytes.readUInt32BE(at) + random.pick([-1, 1, 4, 256])) >>> 0, at)
      return bytes
    case 5:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)])
    case 6:
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)])
    case 7:
      return Buffer.from(bytes.subarray(0, at))
    default: {
      const other = random.pick(others)
      const from = random.below(other.length)
      return Buffer.concat([bytes.subarray(0, at), other.subarray(from, from + random.below(200)), bytes.subarray(to)])
    }
  }
}

/** Cuts bytes anywhere, one-byte pieces included. */
export function randomChunks(bytes: Buffer, random: Random): Buffer[] {
  const most = random.pick([1, 3, 7, 64, 1000, 8192])
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + 1 + random.below(most))
    chunks.push(bytes.subarray(at, end))
    at = end
  }
  return chunks
}

/** A backend message whose length is right, whatever is in it. */
export function reframed(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head[0] = type
  head.writeUInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}
