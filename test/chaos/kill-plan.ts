import { FAILPOINTS } from '../../src/observe/failpoint.ts'
import type { KillPoint } from './engine-order.ts'
import type { KillAt } from './engine-process.ts'
import { Deck, type Random } from './random.ts'

/** How one process ends. `from`: the clock of a random kill starts when the process does, or when its engine says that state. */
export type Kill =
  | { readonly kind: 'point'; readonly at: KillAt }
  | { readonly kind: 'time'; readonly from: 'start' | 'snapshot' | 'streaming'; readonly ms: number }

/** Kills of one engine: first of its snapshot, then of its stream. */
export interface EpochPlan {
  readonly snapshot: readonly Kill[]
  readonly stream: readonly Kill[]
}

/** Reached only on the way to a snapshot’s end. */
const SNAPSHOT_POINTS: readonly KillPoint[] = FAILPOINTS.filter((point) => point.startsWith('source.slot-') || point.startsWith('source.snapshot-'))
const STREAM_POINTS: readonly KillPoint[] = [...FAILPOINTS.filter((point) => !SNAPSHOT_POINTS.includes(point)), 'chaos.event', 'chaos.save']

/** A kill comes at the latest at this visit; points that are not named here are visited often. */
const MOST_VISITS: Readonly<Partial<Record<KillPoint, number>>> = {
  'source.connected': 1, 'source.slot-created': 1, 'source.snapshot-exported': 1, 'source.snapshot-imported': 1, 'source.snapshot-row-chunk': 20, 'source.snapshot-table-read': 6,
  'source.snapshot-read': 1, 'source.stream-started': 1, 'source.relation-resolved': 4, 'source.status-before': 12, 'source.status-after': 12, 'engine.reconnect': 1, 'engine.draining': 1,
  'chaos.event': 400,
}
const FREQUENT = 30
const KILLS_AN_EPOCH = 20
const RANDOM_SHARE = 0.25

export function planKills(kills: number, random: Random): EpochPlan[] {
  const decks = { snapshot: new Deck(SNAPSHOT_POINTS, random), stream: new Deck(STREAM_POINTS, random) }
  const epochs = Math.max(1, Math.min(kills, Math.max(2, Math.round(kills / KILLS_AN_EPOCH))))
  return Array.from({ length: epochs }, (_, epoch) => {
    const size = Math.floor(((epoch + 1) * kills) / epochs) - Math.floor((epoch * kills) / epochs)
    const snapshots = Math.round(size * 0.25)
    return {
      snapshot: Array.from({ length: snapshots }, () => kill(decks.snapshot, 'snapshot', random)),
      // the first comes once it streams: points of the pump and the ledger lie on the snapshot's way too, which would never end
      stream: Array.from({ length: size - snapshots }, (_, index) => (index === 0 ? { kind: 'time', from: 'streaming', ms: random.between(0, 400) } : kill(decks.stream, 'streaming', random))),
    }
  })
}

function kill(deck: Deck<KillPoint>, state: 'snapshot' | 'streaming', random: Random): Kill {
  if (random.chance(RANDOM_SHARE)) {
    const from = random.pick(['start', state] as const)
    return { kind: 'time', from, ms: random.between(0, from === 'start' ? 900 : state === 'snapshot' ? 120 : 600) }
  }
  const point = deck.deal()
  return { kind: 'point', at: { point, nth: random.between(1, MOST_VISITS[point] ?? FREQUENT) } }
}

/** How a kill is counted. */
export function labelOf(kill: Kill): string {
  return kill.kind === 'point' ? kill.at.point : `random after ${kill.from}`
}
