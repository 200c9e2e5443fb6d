import type { StoredOffset } from '../../../src/offset/offset-store.ts'

/** Offsets that can be told apart. */
export function numbered(engine: string, number: number): StoredOffset {
  return { engine, source: 'postgresql', identity: { system: '7318349394477056042', slot: 'orders' }, position: { number } }
}

export function numberOf(offset: StoredOffset | undefined): unknown {
  return offset?.position.number
}
