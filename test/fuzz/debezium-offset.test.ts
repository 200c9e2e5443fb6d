import { expect, test } from 'vitest'
import { isTailraceError } from '../../src/error/tailrace-error.ts'
import { decodeValue, encodeValue } from '../../src/offset/connect/offset-value.ts'
import { findEntry, readConnectFile } from '../../src/offset/debezium/debezium-file-offsets.ts'
import { writeJavaMap } from '../../src/offset/debezium/java-map.ts'
import type { StoredOffset } from '../../src/offset/offset-store.ts'
import { PgPosition } from '../../src/source/postgres/position.ts'
import { campaign, quote, withinLimits } from './campaign.ts'
import { mutate } from './mutation.ts'

/* Debezium's offset file, damaged: what is read is a position, or an error with a code; nothing hangs and nothing takes memory that the bytes do not. */

const offset: StoredOffset = {
  engine: 'orders', source: 'postgresql', identity: { system: '7318349394477056042', timeline: 1, database: 'shop', slot: 'orders' },
  position: { phase: 'stream', lsn: '16/B374D848', transaction: { commitLsn: '16/B374E000', changes: 3, changeLsn: '16/B374D900', recordLsn: '16/B374D8F0' } },
}
const key = { engine: 'orders', server: 'shop' }
const KEY = Buffer.from('["orders",{"server":"shop"}]')
const THEIRS = Buffer.from('{"lsn_proc":24023128,"messageType":"INSERT","lsn_commit":24023000,"lsn":24023128,"txId":571,"ts_usec":1559033904863000}')
const SNAPSHOT = Buffer.from('{"last_snapshot_record":false,"lsn":885189920,"txId":6538,"ts_usec":1795209793756978,"snapshot":"INITIAL","snapshot_completed":false}')
const OURS = encodeValue(offset, 1n)
const files = [[[KEY, THEIRS]], [[KEY, OURS], [Buffer.from('other'), null]], [[null, SNAPSHOT], [KEY, SNAPSHOT]]].map((entries) => writeJavaMap(entries as never))
/** Where damage tells: tags, handles, lengths, words of Debezium's. */
const pieces = [
  '70', '71007e0003', '7571007e0002', '78', '7708', '7fffffff', 'ffffffff', '00000000', 'aced0005', '737200', '00000010ffffffff',
].map((hex) => Buffer.from(hex, 'hex')).concat(['"lsn":', '-1', '9223372036854775807', '1e400', 'null', 'true', '"INSERT"', '"MESSAGE"', '"snapshot":', '"tailrace":', '"{}"', '{"a":'.repeat(40), '\\u0000', '"__proto__":1,'].map((text) => Buffer.from(text)))

function read(bytes: Buffer): StoredOffset | string | undefined {
  try {
    const own = findEntry(readConnectFile(bytes, 'f'), key)
    const loaded = own === undefined ? undefined : decodeValue(own[1], { engine: 'orders', place: 'f' })
    // what is read can be opened and stored again
    if (loaded !== undefined) encodeValue({ ...loaded, position: PgPosition.fromJSON(loaded.position).toJSON() }, 1n)
    return loaded
  } catch (error) {
    if (isTailraceError(error)) return error.code
    throw error
  }
}

test('a damaged offset file of Debezium’s is a position or an error with a code', { timeout: 600_000 }, async () => {
  await campaign('Debezium’s offset file', 12_000, async (random) => {
    const whole = random.pick(files)
    const bytes = mutate(whole, random, [...files, ...pieces])
    const result = await withinLimits(bytes, () => read(bytes))
    if (typeof result === 'string') expect(['TR_OFFSET_CORRUPT', 'TR_OFFSET_VERSION', 'TR_OFFSET_FOREIGN', 'TR_OFFSET_UNFINISHED'], quote(bytes)).toContain(result)
  })
})

test('every bit flipped, and every length', () => {
  for (const whole of files) {
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const bytes = Buffer.from(whole)
      bytes[bit >> 3]! ^= 1 << (bit & 7)
      const result = read(bytes)
      if (typeof result === 'string') expect(result).toMatch(/^TR_OFFSET_/)
    }
    for (let length = 0; length < whole.length; length++) expect(read(whole.subarray(0, length)), `cut at ${length}`).toBe('TR_OFFSET_CORRUPT')
  }
})

test('our own part cannot be changed unseen', () => {
  const whole = files[1]!
  const start = whole.indexOf('"tailrace"')
  for (let at = start; at < whole.lastIndexOf('}'); at++) {
    for (let bit = 0; bit < 8; bit++) {
      const bytes = Buffer.from(whole)
      bytes[at]! ^= 1 << bit
      const result = read(bytes)
      // with another name of the field it is Debezium's fields that count, which say the same place
      if (typeof result === 'object') expect(result.identity, quote(bytes)).toEqual({})
    }
  }
})
