import { crc32 as reference } from 'node:zlib'
import { expect, it, test } from 'vitest'
import { checksumMatches, crc32, tableCrc32 } from '../../../../../src/source/mysql/binlog/checksum.ts'
import { CAPTURED_SERVERS, readCapture } from './capture.ts'

test.each(CAPTURED_SERVERS)('%s: every event has its checksum, and another one with one bit turned', (server) => {
  for (const [section, bytes] of Object.entries(readCapture(server).sections)) {
    for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at + 9)) {
      const end = at + bytes.readUInt32LE(at + 9)
      expect(checksumMatches(bytes, at, end), `${section} at ${at}`).toBe(true)
      const turned = Buffer.from(bytes.subarray(at, end))
      turned[(at * 7) % turned.length]! ^= 1 << at % 8
      expect(checksumMatches(turned, 0, turned.length), `${section} at ${at}`).toBe(false)
    }
  }
})

it('is the same with the table, which some versions of Node need', () => {
  const bytes = readCapture('mysql-9.7').sections['types']!
  for (let start = 0; start < 40; start++) {
    for (const end of [start, start + 1, start + 3, start + 4, start + 5, start + 64, bytes.length - start]) {
      expect(tableCrc32(bytes, start, end)).toBe(reference(bytes.subarray(start, end)))
      expect(crc32(bytes, start, end)).toBe(reference(bytes.subarray(start, end)))
    }
  }
})

it('is not there in what is too short for it', () => {
  for (let length = 0; length < 23; length++) expect(checksumMatches(Buffer.alloc(length), 0, length)).toBe(false)
})
