import { readFile, stat, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { isTailraceError } from '../../../../src/error/tailrace-error.ts'
import { debeziumFileOffsets, type DebeziumFileOptions } from '../../../../src/offset/debezium/debezium-file-offsets.ts'
import { readJavaMap, writeJavaMap } from '../../../../src/offset/debezium/java-map.ts'
import { fileOffsets } from '../../../../src/offset/file/file-offsets.ts'
import type { OffsetStore, StoredOffset } from '../../../../src/offset/offset-store.ts'
import { temporaryFolder } from '../folder.ts'

const offset: StoredOffset = { engine: 'orders', source: 'postgresql', identity: { system: '1', slot: 'orders' }, position: { phase: 'stream', lsn: '0/16B3748', lastCommit: '0/16B3748' } }
const KEY = '["orders",{"server":"shop"}]'
const DEBEZIUM = '{"lsn_proc":23803840,"messageType":"INSERT","lsn_commit":23803720,"lsn":23803840,"txId":773,"ts_usec":1795207719880519}'
const TAKEN_OVER = { engine: 'orders', source: 'postgresql', identity: {}, position: { phase: 'stream', lsn: '0/16B3748', after: { changeLsn: '0/16B37C0', kind: 'row' } } }

function file(entries: Readonly<Record<string, string | null>>): Buffer {
  return writeJavaMap(Object.entries(entries).map(([key, value]) => [Buffer.from(key), value === null ? null : Buffer.from(value)]))
}

async function entriesOf(path: string): Promise<Record<string, string | null>> {
  return Object.fromEntries(readJavaMap(await readFile(path)).map(([key, value]) => [Buffer.from(key!).toString(), value === null ? null : Buffer.from(value).toString()]))
}

/** What a store of that file loads: the offset, or the code of the error. */
async function loaded(path: string, options: Partial<DebeziumFileOptions> = {}, engine = 'orders'): Promise<unknown> {
  await using store: OffsetStore = debeziumFileOffsets(path, { server: 'shop', ...options })
  return await store.load(engine).catch((error: unknown) => (isTailraceError(error) ? error.code : error))
}

async function withFile(content: Buffer | string, run: (path: string) => Promise<void>): Promise<void> {
  await using folder = await temporaryFolder()
  const path = `${folder.path}/offsets.dat`
  await writeFile(path, content, { mode: 0o600 })
  await run(path)
}

describe('Debezium’s offset file', () => {
  test('that Debezium wrote is gone on from', () => withFile(file({ [KEY]: DEBEZIUM }), async (path) => {
    expect(await loaded(path)).toEqual(TAKEN_OVER)
  }))

  test('has what Debezium needs after a save, and what we need', async () => {
    await using folder = await temporaryFolder()
    const path = `${folder.path}/offsets.dat`
    await using store = debeziumFileOffsets(path, { server: 'shop' })
    expect(await store.load('orders')).toBeUndefined()
    await store.save(offset)
    const written = await entriesOf(path)
    expect(Object.keys(written)).toEqual([KEY])
    expect(JSON.parse(written[KEY]!)).toEqual({ lsn: 23803720, lsn_commit: 23803720, ts_usec: expect.any(Number), tailrace: expect.any(String) })
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    await store[Symbol.asyncDispose]()
    expect(await loaded(path)).toEqual(offset)
  })

  test('keeps the offsets of others', () => {
    const others = { '["stock",{"server":"store"}]': DEBEZIUM, 'not a key of Debezium’s': 'whatever', '["gone",{"server":"elsewhere"}]': null }
    return withFile(file({ ...others, [KEY]: DEBEZIUM }), async (path) => {
      await using store = debeziumFileOffsets(path, { server: 'shop' })
      await store.load('orders')
      await store.save(offset)
      await store.save({ ...offset, position: { ...offset.position, lsn: '0/16B3750' } })
      const written = await entriesOf(path)
      expect(written).toEqual({ ...others, [KEY]: expect.stringContaining('"lsn":23803728') })
    })
  })

  test('has no offset where Debezium has reset it, or where it is all others’', async () => {
    await withFile(file({ [KEY]: null }), async (path) => expect(await loaded(path)).toBeUndefined())
    await withFile(file({ '["stock",{"server":"store"}]': DEBEZIUM }), async (path) => expect(await loaded(path)).toBeUndefined())
  })

  test('of an engine that was renamed, or whose topic.prefix was changed, is refused: it would begin anew', () => withFile(file({ [KEY]: DEBEZIUM }), async (path) => {
    expect(await loaded(path, {}, 'orders2')).toBe('TR_OFFSET_FOREIGN')
    expect(await loaded(path, { server: 'shop2' })).toBe('TR_OFFSET_FOREIGN')
    expect(await entriesOf(path)).toEqual({ [KEY]: DEBEZIUM })
  }))

  test('of Debezium Server is under the name of its sink', () => withFile(file({ '["kafka",{"server":"shop"}]': DEBEZIUM }), async (path) => {
    expect(await loaded(path, { name: 'kafka' })).toEqual(TAKEN_OVER)
  }))

  test('that is empty, cut or something else is an error, and stays as it is', async () => {
    const whole = file({ [KEY]: DEBEZIUM })
    for (const content of [Buffer.alloc(0), whole.subarray(0, -1), whole.subarray(0, 30), Buffer.from('PK\u0003\u0004'), Buffer.from('{'), file({ [KEY]: '{"lsn":' })]) {
      await withFile(content, async (path) => {
        expect(await loaded(path)).toBe('TR_OFFSET_CORRUPT')
        expect(await readFile(path)).toEqual(content)
      })
    }
  })

  test('in which only Debezium can go on is refused', () => withFile(file({ [KEY]: '{"lsn":1,"incremental_snapshot_collections":"[]"}' }), async (path) => {
    expect(await loaded(path)).toBe('TR_OFFSET_UNFINISHED')
  }))

  test('takes the place of a file of our own form', async () => {
    await using folder = await temporaryFolder()
    const path = `${folder.path}/orders.offset.json`
    {
      await using old = fileOffsets(path)
      await old.load('orders')
      await old.save(offset)
    }
    await using store = debeziumFileOffsets(path, { server: 'shop' })
    expect(await store.load('orders')).toEqual(offset)
    await store.save({ ...offset, partial: 1 })
    await store[Symbol.asyncDispose]()
    expect(Object.keys(await entriesOf(path))).toEqual([KEY])
    expect(await loaded(path)).toEqual({ ...offset, partial: 1 })
    // whose engine is another stays refused
    await withFile(await readFile(path), async (copy) => expect(await loaded(copy, {}, 'other')).toBe('TR_OFFSET_FOREIGN'))
  })

  test('is locked while an engine uses it, by either form of store', () => withFile(file({ [KEY]: DEBEZIUM }), async (path) => {
    await using store = debeziumFileOffsets(path, { server: 'shop' })
    await store.load('orders')
    expect(await loaded(path)).toBe('TR_OFFSET_LOCKED')
    await using other = fileOffsets(path)
    await expect(other.load('orders')).rejects.toMatchObject({ code: 'TR_OFFSET_LOCKED' })
  }))
})
