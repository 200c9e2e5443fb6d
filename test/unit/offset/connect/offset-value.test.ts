import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isTailraceError } from '../../../../src/error/tailrace-error.ts'
import { readFields, writeFields } from '../../../../src/offset/connect/connect-json.ts'
import { decodeKey, encodeKey } from '../../../../src/offset/connect/offset-key.ts'
import { decodeValue, encodeValue } from '../../../../src/offset/connect/offset-value.ts'
import type { StoredOffset } from '../../../../src/offset/offset-store.ts'
import { PgPosition, type AfterChange, type PartOfTransaction } from '../../../../src/source/postgres/position.ts'
import { seedOf } from '../seed.ts'

const NOW = 1_795_207_719_880_519n

/** What Debezium wrote, decoded: the position, or the code of the error. */
function position(value: string): unknown {
  try {
    const offset = decodeValue(Buffer.from(value), { engine: 'lab', place: 'offsets.dat' })
    expect(offset).toMatchObject({ engine: 'lab', source: 'postgresql', identity: {} })
    return offset?.position
  } catch (error) {
    if (isTailraceError(error)) return error.code
    throw error
  }
}

describe('keys', () => {
  test('are the bytes that Debezium looks up', () => {
    expect(encodeKey({ engine: 'engine', server: 'fulfillment' }).toString()).toBe('["engine",{"server":"fulfillment"}]')
    // as Jackson writes them: nothing beyond ASCII is escaped, hexadecimal digits are capitals
    expect(encodeKey({ engine: 'a"\\/\u001f\t', server: 'größe\u2028' }).toString()).toBe('["a\\"\\\\/\\u001F\\t",{"server":"größe\u2028"}]')
  })

  test('are read back; other keys are none of ours', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (engine, server) => {
      expect(decodeKey(encodeKey({ engine, server }))).toEqual({ engine, server })
    }), { seed: seedOf('keys') })
    for (const other of ['', '{}', '["a"]', '["a",null]', '["a",{}]', '["a",{"server":1}]', '[1,{"server":"a"}]', '["a",{"server":"a","database":"b"}]', '["a",{"filename":"x"}]', '["a",{"server":"b"}']) expect(decodeKey(Buffer.from(other))).toBeUndefined()
    expect(decodeKey(Buffer.from([0xff]))).toBeUndefined()
  })
})

describe('what Debezium 3.6.1 wrote', () => {
  const written: Record<string, [value: string, position: unknown]> = {
    'a snapshot under way starts over': [
      '{"last_snapshot_record":false,"lsn":885189920,"txId":6538,"ts_usec":1795209793756978,"snapshot":"INITIAL","snapshot_completed":false}',
      { phase: 'snapshot', lsn: '0/34C2ED20' },
    ],
    'a finished snapshot goes on from where it was taken': [
      '{"last_snapshot_record":true,"lsn":819230376,"txId":6271,"ts_usec":1795209585887289,"snapshot":"INITIAL","snapshot_completed":true}',
      { phase: 'stream', lsn: '0/30D476A8' },
    ],
    'a change behind a commit': [
      '{"lsn_proc":358223976,"messageType":"INSERT","lsn_commit":358223432,"lsn":358223976,"txId":3719,"ts_usec":1795208769704490}',
      { phase: 'stream', lsn: '0/155A0E48', after: { changeLsn: '0/155A1068', kind: 'row' } },
    ],
    'the first change of a transaction stands where the one before ends': [
      '{"lsn_proc":38193184,"messageType":"INSERT","lsn_commit":38193184,"lsn":38193184,"txId":773,"ts_usec":1795207719880519}',
      { phase: 'stream', lsn: '0/246C820', after: { changeLsn: '0/246C820', kind: 'row' } },
    ],
    'a change before the first commit': [
      '{"lsn_proc":885190312,"messageType":"INSERT","lsn":885190312,"txId":6541,"ts_usec":1795209799519299}',
      { phase: 'stream', lsn: '0/0', after: { changeLsn: '0/34C2EEA8', kind: 'row' } },
    ],
    'a message of a transaction': [
      '{"lsn_proc":762069248,"messageType":"MESSAGE","lsn_commit":762069248,"lsn":762069312,"txId":6061,"ts_usec":1795209350194862}',
      { phase: 'stream', lsn: '0/2D6C4100', after: { changeLsn: '0/2D6C4140', kind: 'message' } },
    ],
    'a message outside of transactions': [
      '{"lsn_proc":252995992,"messageType":"MESSAGE","lsn_commit":252995992,"lsn":252995992,"ts_usec":1795208627113504}',
      { phase: 'stream', lsn: '0/F146998' },
    ],
    'the end of a transaction, from a heartbeat': [
      '{"transaction_id":"6088","lsn_proc":766492544,"messageType":"COMMIT","lsn_commit":766492544,"lsn":766492544,"txId":6088,"ts_usec":1795209353809807}',
      { phase: 'stream', lsn: '0/2DAFBF80' },
    ],
    'the beginning of a transaction, from a heartbeat': [
      '{"lsn_proc":766492544,"messageType":"BEGIN","lsn_commit":766492544,"lsn":766492600,"txId":6089}', { phase: 'stream', lsn: '0/2DAFBF80' },
    ],
    'the first table of a TRUNCATE of several': [
      '{"lsn_proc":766492600,"messageType":"TRUNCATE","lsn_commit":766492544,"lsn":766492700,"txId":6089}', { phase: 'stream', lsn: '0/2DAFBF80' },
    ],
    'an LSN beyond a signed long': [
      '{"lsn_proc":-2,"messageType":"DELETE","lsn_commit":-9223372036854775808,"lsn":-2}', { phase: 'stream', lsn: '80000000/0', after: { changeLsn: 'FFFFFFFF/FFFFFFFE', kind: 'row' } },
    ],
    'digits beyond what a double holds': [
      '{"lsn_proc":9007199254740993,"messageType":"COMMIT","lsn_commit":9007199254740993,"lsn":9007199254740993}', { phase: 'stream', lsn: '200000/1' },
    ],
    'version 1.5, before the kind of a message was kept': [
      '{"lsn_proc":24023128,"lsn_commit":24023000,"lsn":24023128,"txId":571,"ts_usec":1559033904863000}', { phase: 'stream', lsn: '0/16E8FD8', after: { changeLsn: '0/16E9058' } },
    ],
    'version 1.5, in doubt whether the change or the end before it is meant': ['{"lsn_proc":24023000,"lsn_commit":24023000,"lsn":24023000}', { phase: 'stream', lsn: '0/16E8FD8' }],
    'version 2, a snapshot under way': ['{"lsn":24023000,"snapshot":true,"last_snapshot_record":false}', { phase: 'snapshot', lsn: '0/16E8FD8' }],
    'version 2, its last record': ['{"lsn":24023000,"snapshot":true,"last_snapshot_record":true}', { phase: 'stream', lsn: '0/16E8FD8' }],
    'an incremental snapshot only Debezium can finish': [
      '{"incremental_snapshot_correlation_id":"i-1","lsn_proc":889588632,"messageType":"INSERT","lsn_commit":889588632,"lsn":889588632,"incremental_snapshot_maximum_key":"ac","incremental_snapshot_collections":"[]"}',
      'TR_OFFSET_UNFINISHED',
    ],
    'a blocking snapshot as well': ['{"lsn":889588632,"snapshot":"BLOCKING","snapshot_completed":false,"last_snapshot_record":false}', 'TR_OFFSET_UNFINISHED'],
    'the offset of a MySQL connector': ['{"ts_sec":1465937,"file":"mysql-bin.000003","pos":154,"row":1,"server_id":223344,"event":2}', 'TR_OFFSET_CORRUPT'],
  }
  for (const [name, [value, expected]] of Object.entries(written)) test(name, () => expect(position(value)).toEqual(expected))

  test('what it cannot have written is an error', () => {
    for (const value of ['', '[]', 'null', '1', '{}', '{"lsn":"1"}', '{"lsn":1.5}', '{"lsn":1e3}', '{"lsn":9223372036854775808}', '{"lsn":-9223372036854775809}', '{"lsn":1,"lsn_proc":true}', '{"lsn":{}}', '{"lsn":[1]}', '{"lsn":1,"messageType":1}', '{"lsn":1,"snapshot":"SOME"}', '{"lsn":1,"tailrace":5}', '{"lsn":1,"tailrace":"{}"}', '{"lsn":1,"tailrace":"{\\"version\\":1}"}']) {
      expect(position(value), value).toBe('TR_OFFSET_CORRUPT')
    }
    expect(position('{"lsn":1,"tailrace":"{\\"version\\":2}"}')).toBe('TR_OFFSET_VERSION')
    expect(decodeValue(null, { engine: 'lab', place: 'offsets.dat' })).toBeUndefined()
  })
})

const lsn = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n })
const part: fc.Arbitrary<PartOfTransaction> = fc.record({ commitLsn: lsn, changes: fc.integer({ min: 1 }), changeLsn: lsn, recordLsn: lsn }, { requiredKeys: ['commitLsn', 'changes', 'changeLsn'] })
const after: fc.Arbitrary<AfterChange> = fc.record({ changeLsn: lsn, kind: fc.constantFrom('row' as const, 'message' as const) }, { requiredKeys: ['changeLsn'] })
const anywhere = fc.oneof(
  fc.tuple(fc.constantFrom('snapshot' as const, 'stream' as const), lsn, fc.option(lsn, { nil: undefined })).map(([phase, at, last]) => new PgPosition(phase, at, undefined, last)),
  fc.tuple(lsn, part, fc.option(lsn, { nil: undefined })).map(([at, inside, last]) => new PgPosition('stream', at, inside, last)),
  fc.tuple(fc.oneof(lsn, fc.constant(0n)), after).map(([at, change]) => new PgPosition('stream', at, undefined, undefined, change)),
)
const stored = fc.record({ at: anywhere, partial: fc.option(fc.nat(), { nil: undefined }), slot: fc.string({ unit: 'grapheme' }) }).map(({ at, partial, slot }): StoredOffset => (
  { engine: 'orders', source: 'postgresql', identity: { system: '7318349394477056042', timeline: 1, slot }, position: JSON.parse(JSON.stringify(at.toJSON())) as StoredOffset['position'], ...(partial === undefined ? {} : { partial }) }
))

describe('our own offsets', () => {
  test('come back as they were, and Debezium’s fields beside them say no later a place', () => {
    fc.assert(fc.property(stored, (offset) => {
      const bytes = encodeValue(offset, NOW)
      expect(decodeValue(bytes, { engine: 'orders', place: 'p' })).toEqual(offset)
      // as Connect keeps it: one object, no value of which has parts
      const { tailrace, ...fields } = JSON.parse(bytes.toString()) as Record<string, unknown>
      expect(Object.values(fields).every((value) => typeof value !== 'object')).toBe(true)
      expect(typeof tailrace).toBe('string')
      // without ours, as when it was copied by hand
      const theirs = decodeValue(Buffer.from(writeFields(Object.fromEntries(Object.entries(readFields(bytes.toString())!).filter(([name]) => name !== 'tailrace')))), { engine: 'orders', place: 'p' })!
      const [given, derived] = [PgPosition.fromJSON(offset.position), PgPosition.fromJSON(theirs.position)]
      expect(derived.phase).toBe(given.phase)
      expect(derived.lsn).toBe(given.lsn)
      expect(derived.after?.changeLsn).toBe(given.after?.kind === 'message' ? undefined : (given.after?.changeLsn ?? given.part?.recordLsn))
    }), { seed: seedOf('values'), numRuns: 500 })
  })

  const offset: StoredOffset = { engine: 'orders', source: 'postgresql', identity: { system: '1' }, position: { phase: 'stream', lsn: '0/16B3748', transaction: { commitLsn: '0/16B3900', changes: 3, changeLsn: '0/16B3800', recordLsn: '0/16B37C0' } } }

  test('read by a person', () => {
    expect(encodeValue(offset, NOW).toString()).toBe(
      '{"lsn":23803840,"lsn_proc":23803840,"lsn_commit":23803720,"messageType":"INSERT","ts_usec":1795207719880519,"tailrace":"{\\"version\\":1,\\"engine\\":\\"orders\\",\\"source\\":\\"postgresql\\",\\"identity\\":{\\"system\\":\\"1\\"},\\"position\\":{\\"phase\\":\\"stream\\",\\"lsn\\":\\"0/16B3748\\",\\"transaction\\":{\\"commitLsn\\":\\"0/16B3900\\",\\"changes\\":3,\\"changeLsn\\":\\"0/16B3800\\",\\"recordLsn\\":\\"0/16B37C0\\"}},\\"checksum\\":\\"sha256:4aacf9f5ff0c3861d189c9afb307bdfb14f1584acbf3a495de159d38b94b154c\\"}"}',
    )
  })

  test('where somebody has changed Debezium’s fields beside them, those count', () => {
    const edited = encodeValue(offset, NOW).toString().replace('"lsn_commit":23803720', '"lsn_commit":23803721')
    expect(decodeValue(Buffer.from(edited), { engine: 'orders', place: 'p' })).toEqual({ engine: 'orders', source: 'postgresql', identity: {}, position: { phase: 'stream', lsn: '0/16B3749', after: { changeLsn: '0/16B37C0', kind: 'row' } } })
    // times and the like decide nothing
    const newer = encodeValue(offset, NOW + 1n)
    expect(decodeValue(newer, { engine: 'orders', place: 'p' })).toEqual(offset)
  })

  test('one changed character of ours is damage', () => {
    const text = encodeValue(offset, NOW).toString()
    const start = text.indexOf('"tailrace":"') + '"tailrace":"'.length
    for (let at = start; at < text.length - 2; at++) {
      const bytes = Buffer.from(text.slice(0, at) + (text[at] === 'x' ? 'y' : 'x') + text.slice(at + 1))
      let code = 'none'
      try {
        decodeValue(bytes, { engine: 'orders', place: 'p' })
      } catch (error) {
        code = isTailraceError(error) ? error.code : String(error)
      }
      expect(code, bytes.toString()).toBe('TR_OFFSET_CORRUPT')
    }
  })

  test('of another engine, or of a source without a form of Debezium’s', () => {
    expect(() => decodeValue(encodeValue(offset, NOW), { engine: 'other', place: 'p' })).toThrow(expect.objectContaining({ code: 'TR_OFFSET_FOREIGN' }))
    const other: StoredOffset = { engine: 'orders', source: 'made-up', identity: {}, position: { at: 5 } }
    expect(JSON.parse(encodeValue(other, NOW).toString())).toEqual({ tailrace: expect.any(String) })
    expect(decodeValue(encodeValue(other, NOW), { engine: 'orders', place: 'p' })).toEqual(other)
    expect(() => decodeValue(Buffer.from('{"lsn":1}'), { engine: 'orders', source: 'made-up', place: 'p' })).toThrow(expect.objectContaining({ code: 'TR_OFFSET_FOREIGN' }))
    expect(() => encodeValue({ ...offset, identity: { big: 'x'.repeat(2 ** 20) } }, NOW)).toThrow(expect.objectContaining({ code: 'TR_OFFSET_WRITE' }))
  })
})
