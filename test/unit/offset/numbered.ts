import { fileOffsets } from '../../../src/offset/file/file-offsets.ts'
import type { StoredOffset } from '../../../src/offset/offset-store.ts'

/** Offsets that can be told apart. */
export function numbered(engine: string, number: number): StoredOffset {
  return { engine, source: 'postgresql', identity: { system: '7318349394477056042', slot: 'orders' }, position: { number } }
}

export function numberOf(offset: StoredOffset | undefined): unknown {
  return offset?.position.number
}

/** The number of the offset in a file that nobody holds. */
export async function storedNumber(path: string): Promise<unknown> {
  await using store = fileOffsets(path)
  return numberOf(await store.load('orders'))
}
