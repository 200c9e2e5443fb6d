import { describe, expect, test } from 'vitest'
import { CAPTURED_MAJORS, readCapture, splitMessages } from './capture.ts'
import { campaign, quote, withinLimits } from './campaign.ts'
import { decodeCapture, decodeResult, MAX_MESSAGE_BYTES, type Decoded } from './decoding.ts'
import { mutate, randomChunks, reframed } from './mutation.ts'
import { streamCases, TAG_AT } from './stream-case.ts'

/*
  Bytes between the server and us, damaged in every way: what comes out is what the bytes say or an error with a code, in
  time, without asking for memory that the bytes are not worth, and however the network cut them. The inputs are what real
  servers sent (capture/). decodeCapture throws whatever is not an error of ours, and TR_ENGINE_INVARIANT too.
*/

describe.each(CAPTURED_MAJORS)('the stream of PostgreSQL %i', (major) => {
  const capture = readCapture(major)
  const messages = splitMessages(capture.stream)
  const cases = streamCases(capture)
  const survives = async (bytes: Buffer, chunks: readonly Buffer[] = [bytes]): Promise<Decoded> => {
    try {
      return await withinLimits(chunks, () => decodeCapture(capture, chunks))
    } catch (error) {
      throw new Error(`input ${quote(bytes)}`, { cause: error })
    }
  }

  test('random chunking gives exactly the events and the position of one chunk', { timeout: 600_000 }, async () => {
    const whole = await decodeCapture(capture)
    expect(whole.error).toBeUndefined()
    expect(whole.events.length).toBeGreaterThan(400)
    expect(await decodeCapture(capture, randomOnes(capture.stream))).toEqual(whole)
    await campaign(`chunks ${major}`, 12, async (random) => {
      expect(await decodeCapture(capture, randomChunks(capture.stream, random))).toEqual(whole)
    })
  })

  test('a message cut short at every length, its own length put right, is an error and never a change', { timeout: 600_000 }, async () => {
    for (const { name, before, message } of cases) {
      const complete = await decodeCapture(capture, [...before, message])
      expect(complete.error, name).toBeUndefined()
      const base = (await decodeCapture(capture, before)).events
      // long values take long and prove nothing more: their middle is left out
      for (let length = 0; length < message.length - 5; length = length === 300 && message.length > 700 ? message.length - 300 : length + 1) {
        const cut = reframed(message[0]!, message.subarray(5, 5 + length))
        const { error, events } = await survives(Buffer.concat([...before, cut]))
        expect(events, `${name} cut to ${length}`).toEqual(base)
        // what is not read (a relation's own name in Type and Origin, notices) may be short
        if (message[0] === 0x64 && !'YO'.includes(String.fromCharCode(message[TAG_AT] ?? 0))) expect(error?.code, `${name} cut to ${length}`).toBe('TR_PG_PROTOCOL')
      }
    }
  })

  test('damaged messages end in a decode or an error', { timeout: 600_000 }, async () => {
    const codes = new Map<string, number>()
    await campaign(`messages ${major}`, 6000, async (random) => {
      const { before, message } = random.pick(cases)
      const body = mutate(message.subarray(5), random, messages)
      const mutant = random.chance(4) ? mutate(message, random, messages) : reframed(message[0]!, body)
      const bytes = Buffer.concat([...before, mutant, ...(random.chance(2) ? [random.pick(messages)] : [])])
      const { error } = await survives(bytes, random.chance(3) ? randomChunks(bytes, random) : [bytes])
      const code = error?.code ?? 'decoded'
      codes.set(code, (codes.get(code) ?? 0) + 1)
    })
    // a fuzzer that only ever hits the first check proves nothing
    expect(codes.get('decoded')).toBeGreaterThan(100)
    expect(codes.get('TR_PG_PROTOCOL')).toBeGreaterThan(100)
  })

  test('messages left out, repeated and in another order end in a decode or an error', { timeout: 600_000 }, async () => {
    await campaign(`order ${major}`, 1500, async (random) => {
      const from = random.below(messages.length)
      const part = [messages[0]!, ...messages.slice(from, from + 40)]
      for (let times = 1 + random.below(3); times > 0; times--) {
        const at = 1 + random.below(part.length - 1)
        const moved = random.pick(messages)
        if (random.chance(3)) part.splice(at, 1)
        else if (random.chance(2)) part.splice(at, 0, part[at] ?? moved)
        else part.splice(at, 0, moved)
        if (part.length < 2) part.push(moved)
      }
      await survives(Buffer.concat(part), part)
    })
  })

  test('every length a framing header can claim is refused or waited for', async () => {
    for (const length of [0, 1, 2, 3, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, MAX_MESSAGE_BYTES + 1]) {
      const header = Buffer.alloc(5)
      header[0] = 0x64
      header.writeUInt32BE(length, 1)
      const bytes = Buffer.concat([messages[0]!, header])
      for (const chunks of [[bytes], [...bytes].map((byte) => Buffer.from([byte]))]) {
        const { error } = await survives(bytes, chunks)
        expect(error?.code, `length ${length}`).toBe(length > MAX_MESSAGE_BYTES && length <= 0x7fffffff ? 'TR_PG_MESSAGE_TOO_LARGE' : 'TR_PG_PROTOCOL')
      }
    }
    // the largest that is allowed: waited for, and nothing is set aside for it
    const header = Buffer.from([0x64, 0, 0, 0, 0])
    header.writeUInt32BE(MAX_MESSAGE_BYTES, 1)
    expect(await survives(Buffer.concat([messages[0]!, header]))).toMatchObject({ error: undefined, events: [] })
  })

  test('results of the snapshot, damaged, end in rows or an error', { timeout: 600_000 }, async () => {
    const results = capture.results.filter(({ bytes }) => bytes.length < 20_000)
    for (const result of results) {
      const whole = await decodeResult(capture, result)
      expect(whole.error).toBeUndefined()
      expect(await decodeResult(capture, result, randomOnes(result.bytes))).toEqual(whole)
    }
    await campaign(`rows ${major}`, 1500, async (random) => {
      const result = random.pick(results)
      const parts = splitMessages(result.bytes)
      const at = random.below(parts.length)
      const body = mutate(parts[at]!.subarray(5), random, messages)
      parts[at] = random.chance(4) ? mutate(parts[at]!, random, messages) : reframed(parts[at]![0]!, body)
      const bytes = Buffer.concat(parts)
      const chunks = random.chance(2) ? [bytes] : randomChunks(bytes, random)
      await withinLimits(chunks, () => decodeResult(capture, result, chunks)).catch((cause: unknown) => {
        throw new Error(`table ${result.oid}, input ${quote(bytes)}`, { cause })
      })
    })
  })
})

function randomOnes(bytes: Buffer): Buffer[] {
  return Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))
}
