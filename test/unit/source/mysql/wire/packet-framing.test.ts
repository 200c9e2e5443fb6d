import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { PacketFraming, toPackets } from '../../../../../src/source/mysql/wire/packet-framing.ts'
import { campaign } from '../../../../fuzz/campaign.ts'

const captured = JSON.parse(readFileSync(new URL('captured.json', import.meta.url), 'utf8')) as { result: string; dump: string }
const STREAMS = { result: Buffer.from(captured.result, 'base64'), dump: Buffer.from(captured.dump, 'base64') }
const MAX = 64 * 1024 * 1024
const FULL = 0xffffff

test('a real result and a real dump are cut into the same packets wherever the chunks end', () => {
  for (const stream of Object.values(STREAMS)) {
    const whole = payloadsOf([stream])
    expect(whole.length).toBeGreaterThan(8)
    expect(whole.reduce((sum, { length }) => sum + length + 4, 0)).toBe(stream.length)
    for (let split = 1; split < stream.length; split++) {
      expect(inHex(payloadsOf([stream.subarray(0, split), stream.subarray(split)])), `split at ${split}`).toBe(inHex(whole))
    }
    expect(inHex(payloadsOf([...stream].map((byte) => Buffer.from([byte]))))).toBe(inHex(whole))
  }
})

test('a packet inside one chunk is handed on where it lies, and only one that straddles is copied', () => {
  const { result } = STREAMS
  const seen: Buffer[] = []
  const framing = new PacketFraming((bytes) => seen.push(bytes) > 0, MAX)
  framing.commandSent(1)
  framing.push(result)
  expect(seen.every((bytes) => bytes === result)).toBe(true)
})

test('a payload of 16 MiB and more comes back as one, whatever its length and wherever the chunks end', async () => {
  const noise = Buffer.allocUnsafeSlow(2 * FULL + 10)
  for (let at = 0; at < noise.length; at++) noise[at] = (at * 2654435761) >>> 13
  for (const length of [0, 1, FULL - 1, FULL, FULL + 1, 2 * FULL - 1, 2 * FULL, 2 * FULL + 5]) {
    const payload = noise.subarray(0, length)
    const stream = Buffer.concat([toPackets(payload), Buffer.from([1, 0, 0, (Math.floor(length / FULL) + 1) & 0xff, 7])])
    await campaign(`a payload of ${length} bytes`, 2, (random) => {
      const chunks: Buffer[] = []
      for (let at = 0; at < stream.length; ) {
        const end = at + 1 + random.below(random.below(2) === 0 ? 65_536 : 5_000_000)
        chunks.push(stream.subarray(at, end))
        at = end
      }
      const [first, second, ...others] = payloadsOf(chunks, 0)
      expect(first!.equals(payload)).toBe(true)
      expect(second).toEqual(Buffer.from([7]))
      expect(others).toEqual([])
    })
    // the seams themselves
    const seams = [3, 4, 5, FULL + 3, FULL + 4, FULL + 5, FULL + 7, FULL + 8, FULL + 9].filter((seam) => seam < stream.length)
    for (const seam of seams) expect(payloadsOf([stream.subarray(0, seam), stream.subarray(seam)], 0)[0]!.equals(payload), `seam ${seam} of ${length}`).toBe(true)
  }
})

test('it holds the rest back when it is told to, also behind a packet that straddles, and goes on from there', () => {
  for (const chunks of [[STREAMS.dump], [...STREAMS.dump].map((byte) => Buffer.from([byte]))]) {
    const whole = payloadsOf([STREAMS.dump])
    const taken: Buffer[] = []
    const framing = new PacketFraming((bytes, start, end) => {
      taken.push(bytes.subarray(start, end))
      return false
    }, MAX)
    framing.commandSent(1)
    for (const chunk of chunks) framing.push(chunk)
    expect(taken.length).toBe(1)
    expect(framing.held).toBe(true)
    expect(framing.buffered).toBe(STREAMS.dump.length - whole[0]!.length - 4)
    for (let count = 2; count <= whole.length; count++) {
      framing.release()
      expect(taken.length).toBe(count)
    }
    framing.release()
    expect(taken).toEqual(whole)
    expect(framing.held).toBe(false)
    expect(framing.buffered).toBe(0)
  }
})

test('a packet above the limit is refused by its header, before its bytes are there', () => {
  for (const chunk of [Buffer.from([0, 0, 1, 1]), Buffer.concat([Buffer.from([1, 1, 0, 1]), Buffer.alloc(257)])]) {
    const framing = new PacketFraming(() => true, 256)
    framing.commandSent(1)
    expect(() => framing.push(chunk)).toThrow(expect.objectContaining({ code: 'TR_MYSQL_EVENT_TOO_LARGE' }))
  }
  const framing = new PacketFraming(() => true, FULL + 100)
  framing.push(Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 0]), Buffer.alloc(FULL)]))
  expect(() => framing.push(Buffer.from([101, 0, 0, 1]))).toThrow(expect.objectContaining({ code: 'TR_MYSQL_EVENT_TOO_LARGE', where: { length: FULL + 101, limit: FULL + 100 } }))
})

test('a packet that is numbered otherwise than it should be is an error, but for the last words of a server', () => {
  const framing = (): PacketFraming => {
    const made = new PacketFraming(() => true, MAX)
    made.commandSent(1)
    made.push(Buffer.from([1, 0, 0, 1, 0]))
    return made
  }
  expect(() => framing().push(Buffer.from([1, 0, 0, 3, 0]))).toThrow(expect.objectContaining({ code: 'TR_MYSQL_PROTOCOL', where: { expected: 2, sequence: 3, length: 1 } }))
  expect(() => framing().push(Buffer.from([1, 0, 0, 0, 0]))).toThrow(expect.objectContaining({ code: 'TR_MYSQL_PROTOCOL' }))
  const joined = framing()
  joined.push(Buffer.from([1, 0, 0]))
  joined.push(Buffer.from([3]))
  expect(() => joined.push(Buffer.from([0]))).toThrow(expect.objectContaining({ code: 'TR_MYSQL_PROTOCOL' }))
  framing().push(Buffer.from([3, 0, 0, 0, 0xff, 0x1d, 0x04]))
  // they wrap
  const long = framing()
  for (let sequence = 2; sequence < 600; sequence++) long.push(Buffer.from([1, 0, 0, sequence & 0xff, 0]))
})

function payloadsOf(chunks: readonly Buffer[], sent = 1): Buffer[] {
  const payloads: Buffer[] = []
  const framing = new PacketFraming((bytes, start, end) => payloads.push(bytes.subarray(start, end)) > 0, MAX)
  framing.commandSent(sent)
  for (const chunk of chunks) framing.push(chunk)
  return payloads
}

function inHex(payloads: readonly Buffer[]): string {
  return payloads.map((payload) => payload.toString('hex')).join(' ')
}
