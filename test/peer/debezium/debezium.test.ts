import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { debeziumFileOffsets } from '../../../src/offset/debezium/debezium-file-offsets.ts'
import { readJavaMap, writeJavaMap } from '../../../src/offset/debezium/java-map.ts'
import type { StoredOffset } from '../../../src/offset/offset-store.ts'
import { requireDebezium } from '../../server/require.ts'
import { temporaryFolder } from '../../unit/offset/folder.ts'
import { connectEntries, writeConnectEntries, type ConnectEntry } from './debezium.ts'

const withDebezium = await requireDebezium()
withDebezium('an offset file, written by one and read by the other', () => {
  it('Java’s is read here, and has the bytes that are written here', async () => {
    await using folder = await temporaryFolder()
    for (const count of [1, 2, 12, 13, 30]) {
      const file = `${folder.path}/${count}.dat`
      const entries: ConnectEntry[] = Array.from({ length: count }, (_, index) => [`["orders ${index}",{"server":"größe"}]`, index === 1 ? null : `{"lsn":${index}}`])
      await writeConnectEntries(file, entries)
      const bytes = await readFile(file)
      const read = readJavaMap(bytes)
      expect(read.map(([key, value]): ConnectEntry => [Buffer.from(key!).toString(), value === null ? null : Buffer.from(value).toString()]).sort()).toEqual([...entries].sort())
      // in Java's order, which its hashes decide, nothing else differs
      expect(writeJavaMap(read).equals(bytes), `${count} entries`).toBe(true)
    }
  })

  it('ours is read by Java, and other entries survive both', async () => {
    await using folder = await temporaryFolder()
    const file = `${folder.path}/offsets.dat`
    await writeConnectEntries(file, [['["stock",{"server":"store"}]', '{"lsn":1}']])
    const offset: StoredOffset = { engine: 'orders', source: 'postgresql', identity: { slot: 'größe "1"' }, position: { phase: 'stream', lsn: 'FFFFFFFF/FFFFFFF0' } }
    {
      await using store = debeziumFileOffsets(file, { server: 'shop' })
      await store.load('orders')
      await store.save(offset)
    }
    const entries = Object.fromEntries(await connectEntries(file)) as Record<string, string>
    expect(Object.keys(entries).sort()).toEqual(['["orders",{"server":"shop"}]', '["stock",{"server":"store"}]'])
    expect(JSON.parse(entries['["orders",{"server":"shop"}]']!)).toMatchObject({ lsn: -16, lsn_commit: -16 })
    await writeConnectEntries(file, [['["third",{"server":"x"}]', '{"lsn":3}']])
    await using store = debeziumFileOffsets(file, { server: 'shop' })
    expect(await store.load('orders')).toEqual(offset)
  })
})
