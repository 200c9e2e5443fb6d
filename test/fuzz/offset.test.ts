import { expect, test } from 'vitest'
import { isTailraceError } from '../../src/error/tailrace-error.ts'
import { decodeHolder, encodeHolder, type LockHolder } from '../../src/offset/file/lock-holder.ts'
import { decodeOffset, encodeOffset } from '../../src/offset/file/offset-file.ts'
import type { StoredOffset } from '../../src/offset/offset-store.ts'
import { PgPosition } from '../../src/source/postgres/position.ts'
import { campaign, quote, withinLimits, type Random } from './campaign.ts'
import { mutate } from './mutation.ts'

/* What lies in files beside the engine, damaged: the offset is the one that was written or an error, the lock is one or is none. */

const offset: StoredOffset = {
  engine: 'orders', source: 'postgresql', identity: { system: '7318349394477056042', timeline: 1, database: 'shop', slot: 'orders', publication: { name: 'p', oid: 5, members: [[1, 2], [3, 4]] } },
  position: { phase: 'stream', lsn: '16/B374D848', lastCommit: '16/B374D848', transaction: { commitLsn: '16/B374E000', changes: 3, changeLsn: '16/B374D900' } }, partial: 1,
}
const holder: LockHolder = { token: '0123456789abcdef', engine: 'orders', since: '2026-01-01T00:00:00Z', pid: 4711, host: 'a', boot: 'b', namespace: 'pid:[4026531836]', started: '1', witness: { name: '.x.0123456789abcdef.socket', device: '1', inode: '2' } }
const files = [encodeOffset(offset), encodeHolder(holder)] as const
/** Where damage in JSON tells. */
const pieces = ['{', '}', '[', ']', '"', ':', ',', '0', '-1', '1e999', '9007199254740993', 'null', 'true', '"__proto__":', '"checksum":', '"version":2,', '\\u0000', '\uFEFF', '[[[[[[', '{"a":'.repeat(50)].map((text) => Buffer.from(text))

function damaged(file: Buffer, random: Random): Buffer {
  return mutate(file, random, [...files, ...pieces])
}

test('a damaged offset file is an error with a code', { timeout: 600_000 }, async () => {
  await campaign('offset file', 6000, async (random) => {
    const bytes = damaged(files[0], random)
    const result = await withinLimits(bytes, () => outcome(() => decodeOffset(bytes, 'orders', 'f')))
    // the checksum leaves only one text of one offset
    if (bytes.equals(files[0])) expect(result).toEqual(offset)
    else expect(['TR_OFFSET_CORRUPT', 'TR_OFFSET_VERSION', 'TR_OFFSET_FOREIGN'], quote(bytes)).toContain(result)
  })
})

test('a position that passed the checksum and is damaged all the same is an error with a code', { timeout: 600_000 }, async () => {
  const text = Buffer.from(JSON.stringify(offset.position))
  await campaign('position', 20_000, (random) => {
    let json: unknown
    try {
      json = JSON.parse(damaged(text, random).toString())
    } catch {
      return
    }
    if (typeof json !== 'object' || json === null || Array.isArray(json)) return
    const result = outcome(() => PgPosition.fromJSON(json as Parameters<typeof PgPosition.fromJSON>[0]))
    if (typeof result === 'string') expect(result, JSON.stringify(json)).toBe('TR_OFFSET_CORRUPT')
    // what is read is what is written again
    else expect(PgPosition.fromJSON(JSON.parse(JSON.stringify(result)) as Parameters<typeof PgPosition.fromJSON>[0])).toEqual(result)
  })
})

test('a damaged lock file is a holder with all it needs, or none', { timeout: 600_000 }, async () => {
  await campaign('lock file', 6000, async (random) => {
    const bytes = random.chance(2) ? damaged(files[1], random) : withMember(random)
    const read = await withinLimits(bytes, () => decodeHolder(bytes))
    if (read === undefined) return
    // it names files and processes: a pid of 0 or below would be a group
    expect(read.token, quote(bytes)).toMatch(/^[0-9a-f]{16}$/)
    expect(Number.isSafeInteger(read.pid) && read.pid > 0, quote(bytes)).toBe(true)
    expect(read.witness?.name ?? '').not.toContain('/')
  })
})

/** A lock file that is well formed but for one member. */
function withMember(random: Random): Buffer {
  const values = [0, -1, -4711, 1.5, 2 ** 53, '', '4711', null, true, [], {}, '../../x', '0123456789abcdeF', { ...holder.witness, name: '../.0123456789abcdef.socket' }, { ...holder.witness, name: '.x.socket' }, { ...holder.witness, device: 1 }]
  return Buffer.from(JSON.stringify({ ...holder, [random.pick(Object.keys(holder))]: random.pick(values) }))
}

/** The code of the error, or the result. */
function outcome<T>(run: () => T): T | string {
  try {
    return run()
  } catch (error) {
    if (isTailraceError(error) && error.code !== 'TR_ENGINE_INVARIANT') return error.code
    throw error
  }
}
