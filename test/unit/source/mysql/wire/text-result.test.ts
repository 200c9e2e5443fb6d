import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { PacketFraming } from '../../../../../src/source/mysql/wire/packet-framing.ts'
import { readLength, TextResult } from '../../../../../src/source/mysql/wire/text-result.ts'

const captured = JSON.parse(readFileSync(new URL('captured.json', import.meta.url), 'utf8')) as { result: string }
const PACKETS = packetsOf(Buffer.from(captured.result, 'base64'))
const [HEAD, FIRST, SECOND, THIRD, EOF, ...REST] = PACKETS as [Buffer, Buffer, Buffer, Buffer, Buffer, ...Buffer[]]
const ROWS = REST.slice(0, -1)
/** 0xfe, no rows, no id, status autocommit, no warnings: the end of rows with CLIENT_DEPRECATE_EOF. */
const OK_END = Buffer.from([0xfe, 0, 0, 2, 0, 0, 0])
const OK = Buffer.from([0, 0, 0, 2, 0, 0, 0])

test('a real result: its columns, its rows, its end', () => {
  const { result, rows } = take(PACKETS)
  expect(result.columns).toEqual([{ name: 'id', binary: false }, { name: 'word', binary: false }, { name: 'bytes', binary: true }])
  expect(rows).toEqual(ROWS)
  expect(rows.length).toBe(3)
  expect(result.done).toBe(true)
  expect(result.error).toBeUndefined()
})

test('the same result as a server without EOF packets sends it', () => {
  const { result, rows } = take([HEAD, FIRST, SECOND, THIRD, ...ROWS, OK_END])
  expect(rows).toEqual(ROWS)
  expect(result.done).toBe(true)
  expect(take([HEAD, FIRST, SECOND, THIRD, OK_END])).toMatchObject({ rows: [], result: { done: true } })
  expect(take([HEAD, FIRST, SECOND, THIRD, EOF, EOF])).toMatchObject({ rows: [], result: { done: true } })
})

test('warnings are counted in both forms of the end', () => {
  expect(take([...PACKETS.slice(0, -1), Buffer.from([0xfe, 3, 0, 2, 0])]).result.warnings).toBe(3)
  expect(take([...PACKETS.slice(0, -1), Buffer.from([0xfe, 0, 0, 2, 0, 4, 0])]).result.warnings).toBe(4)
})

test('a row whose first text is longer than 16 MiB begins as an end does, and is none', () => {
  const long = Buffer.alloc(0x1000000 + 9)
  long[0] = 0xfe
  long.writeBigUInt64LE(BigInt(0x1000000), 1)
  for (const behind of [[EOF], []]) {
    const { result, rows } = take([HEAD, FIRST, SECOND, THIRD, ...behind, long])
    expect(rows.length).toBe(1)
    expect(result.done).toBe(false)
  }
})

test('an error in the place of the result, and one in the midst of the rows', () => {
  const error = Buffer.concat([Buffer.from([0xff, 0x84, 0x05, 0x23]), Buffer.from('HY000Table definition has changed')])
  expect(take([error]).result.error).toEqual({ errno: 1412, sqlState: 'HY000', message: 'Table definition has changed' })
  for (const before of [[HEAD], [HEAD, FIRST, SECOND, THIRD], [HEAD, FIRST, SECOND, THIRD, EOF], [HEAD, FIRST, SECOND, THIRD, EOF, ROWS[0]!]]) {
    const { result } = take([...before, error])
    expect(result.done).toBe(true)
    expect(result.error?.errno).toBe(1412)
  }
})

test('several results are one after the other, the last one without the mark that more follow', () => {
  const more = Buffer.from([0, 0, 0, 0x0a, 0, 0, 0])
  const { result, rows } = take([more, ...PACKETS.slice(0, -1), Buffer.from([0xfe, 0, 0, 0x0a, 0]), OK])
  expect(result.done).toBe(true)
  expect(rows).toEqual(ROWS)
})

test('whatever else a server may send is an error and never a row', () => {
  const wrong: Buffer[][] = [
    [Buffer.alloc(0)],
    [Buffer.from([0xfb, 0x2f, 0x65, 0x74, 0x63])],
    [Buffer.from([0, 0, 0])],
    [Buffer.from([3, 3])],
    [Buffer.from([0xfc, 1])],
    [OK, OK],
    [HEAD, Buffer.from([3])],
    [HEAD, FIRST.subarray(0, -1)],
    [HEAD, FIRST, SECOND, THIRD, EOF, Buffer.from([0xfe, 0])],
    [HEAD, FIRST, SECOND, THIRD, EOF, Buffer.from([0xfe, 0, 0, 0, 0, 0])],
    [...PACKETS, ROWS[0]!],
  ]
  for (const packets of wrong) expect(() => take(packets), JSON.stringify(packets.map((one) => one.toString('hex')))).toThrow(expect.objectContaining({ code: 'TR_MYSQL_PROTOCOL' }))
})

test('lengths of every size', () => {
  expect(readLength(Buffer.from([0xfa]), 0, 1)).toEqual([250, 1])
  expect(readLength(Buffer.from([0xfb]), 0, 1)).toEqual([-1, 1])
  expect(readLength(Buffer.from([0xfc, 1, 2]), 0, 3)).toEqual([513, 3])
  expect(readLength(Buffer.from([0xfd, 1, 2, 3]), 0, 4)).toEqual([197121, 4])
  expect(readLength(Buffer.from([0xfe, 1, 0, 0, 0, 1, 0, 0, 0]), 0, 9)).toEqual([2 ** 32 + 1, 9])
})

function take(packets: readonly Buffer[]): { result: TextResult; rows: Buffer[] } {
  const rows: Buffer[] = []
  const result = new TextResult((bytes, start, end) => rows.push(bytes.subarray(start, end)) > 0)
  for (const packet of packets) result.take(packet, 0, packet.length)
  return { result, rows }
}

function packetsOf(stream: Buffer): Buffer[] {
  const packets: Buffer[] = []
  const framing = new PacketFraming((bytes, start, end) => packets.push(bytes.subarray(start, end)) > 0, 1_000_000)
  framing.commandSent(1)
  framing.push(stream)
  return packets
}
