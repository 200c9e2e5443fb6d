import { FAILPOINTS, HISTORY_FAILPOINTS, MYSQL_FAILPOINTS } from '../../../src/observe/failpoint.ts'
import { Deck, type Random } from '../random.ts'
import type { KillPoint } from './order.ts'

/** How one process ends. `from`: the clock of a random kill starts when the process does, or when its engine says that state. */
export type Kill =
  | { readonly kind: 'point'; readonly point: KillPoint; readonly nth: number }
  | { readonly kind: 'time'; readonly from: 'start' | 'snapshot' | 'streaming'; readonly ms: number }
  /** The server is killed and started again, then the engine is killed. */
  | { readonly kind: 'server'; readonly ms: number }
  /** Its connections are cut, `bytes` further on, then it is killed. */
  | { readonly kind: 'cut'; readonly bytes: number; readonly ms: number }

/** Kills of one engine: first of its snapshot, then of its stream. */
export interface EpochPlan {
  readonly snapshot: readonly Kill[]
  readonly stream: readonly Kill[]
}

/** What only PostgreSQL's source comes to. */
const NOT_HERE: readonly KillPoint[] = ['source.slot-created', 'source.snapshot-imported', 'source.relation-resolved', 'source.status-before', 'source.status-after']
const SNAPSHOT_POINTS: readonly KillPoint[] = ['source.connected', 'source.snapshot-locked', 'source.snapshot-exported', 'source.snapshot-row-chunk', 'source.snapshot-table-read', 'source.snapshot-read', 'history.written', 'history.synced', 'ledger.save-after']
const STREAM_POINTS: readonly KillPoint[] = [...[...FAILPOINTS, ...MYSQL_FAILPOINTS, ...HISTORY_FAILPOINTS].filter((point) => !point.startsWith('source.snapshot-') && !NOT_HERE.includes(point)), 'chaos.event', 'chaos.save']

/** A kill comes at the latest at this visit; points that are not named here are visited often. */
const MOST_VISITS: Readonly<Partial<Record<KillPoint, number>>> = {
  'source.connected': 1, 'source.snapshot-locked': 1, 'source.snapshot-exported': 1, 'source.snapshot-row-chunk': 5, 'source.snapshot-table-read': 6, 'source.snapshot-read': 1, 'source.stream-started': 1,
  'source.schema-stored': 3, 'history.written': 3, 'history.synced': 3, 'engine.reconnect': 1, 'engine.draining': 1, 'chaos.event': 400,
}
const FREQUENT = 30
const KILLS_AN_EPOCH = 20

export function planKills(kills: number, random: Random): EpochPlan[] {
  const decks = { snapshot: new Deck(SNAPSHOT_POINTS, random), stream: new Deck(STREAM_POINTS, random) }
  const epochs = Math.max(1, Math.round(kills / KILLS_AN_EPOCH))
  return Array.from({ length: epochs }, (_, epoch) => {
    const size = Math.floor(((epoch + 1) * kills) / epochs) - Math.floor((epoch * kills) / epochs)
    const snapshots = Math.round(size * 0.2)
    const server = random.between(1, Math.max(1, size - snapshots - 1))
    return {
      snapshot: Array.from({ length: snapshots }, () => kill(decks.snapshot, 'snapshot', random)),
      // the first comes once it streams: points of the pump and the ledger lie on the snapshot's way too, which would never end
      stream: Array.from({ length: size - snapshots }, (_unused, at): Kill => {
        if (at === 0) return { kind: 'time', from: 'streaming', ms: random.between(0, 400) }
        return at === server ? { kind: 'server', ms: random.between(0, 1500) } : kill(decks.stream, 'streaming', random)
      }),
    }
  })
}

function kill(deck: Deck<KillPoint>, state: 'snapshot' | 'streaming', random: Random): Kill {
  const choice = random.next()
  if (choice < 0.2) {
    const from = random.pick(['start', state] as const)
    return { kind: 'time', from, ms: random.between(0, from === 'start' ? 900 : state === 'snapshot' ? 120 : 600) }
  }
  if (choice < 0.3 && state === 'streaming') return { kind: 'cut', bytes: random.between(0, 20_000), ms: random.between(0, 500) }
  const point = deck.deal()
  return { kind: 'point', point, nth: random.between(1, MOST_VISITS[point] ?? FREQUENT) }
}

/** How a kill is counted. */
export function labelOf(kill: Kill): string {
  return kill.kind === 'point' ? kill.point : kill.kind === 'time' ? `random after ${kill.from}` : kill.kind === 'cut' ? 'connections cut' : 'server killed'
}
