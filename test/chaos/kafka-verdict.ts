import type { LogLine } from './engine-order.ts'
import type { TrueEvent, TrueTransaction } from './truth.ts'

type Line = Extract<LogLine, { e: string }>

export interface TopicVerdict {
  /** What was true, and what a consumer of committed records got. */
  readonly changes: number
  readonly consumed: number
  /** Offsets of the log: records, those of aborted transactions, and a marker for the end of each transaction. */
  readonly offsets: number
  readonly lost: number
  readonly repeated: number
  readonly reordered: number
  readonly phantom: number
  readonly altered: number
  readonly violations: readonly string[]
}

/** A topic of one partition against the truth: every change once, in order, as it was. Uses none of the engine's code. */
export function compareTopic(truth: readonly TrueTransaction[], lines: readonly Line[], offsets: number, wrong: readonly string[]): TopicVerdict {
  const violations = [...wrong]
  const events = truth.flatMap(({ xid, events: list }) => list.map((event) => ({ event, key: `${xid}:${event.ordinal}:${event.part}` })))
  const at = new Map(events.map(({ key }, index) => [key, index]))
  const seen = new Set<number>()
  const count = { repeated: 0, reordered: 0, phantom: 0, altered: 0 }
  const say = (kind: keyof typeof count, { o, t, e }: Line): void => {
    count[kind]++
    if (count[kind] <= 5) violations.push(`${kind}: ${o} of ${t}, ${e}`)
  }
  let last = -1
  for (const line of lines) {
    const index = at.get(keyOf(line))
    if (index === undefined) {
      say('phantom', line)
      continue
    }
    if (seen.has(index)) say('repeated', line)
    else if (index < last) say('reordered', line)
    if (!same(line, events[index]!.event)) say('altered', line)
    seen.add(index)
    last = Math.max(last, index)
  }
  const lost = events.filter((_, index) => !seen.has(index))
  if (lost.length > 0) violations.push(`${lost.length} of ${events.length} lost, the first ${lost[0]!.event.op} of ${lost[0]!.event.table}, ${lost[0]!.key}`)
  return { changes: events.length, consumed: lines.length, offsets, lost: lost.length, ...count, violations }
}

/** pg:<system>:<database>:<commit LSN>:<LSN>:<ordinal>[:<part>] */
function keyOf({ e, x }: Line): string {
  const [, , , , , ordinal, part = '0'] = e.split(':')
  return `${x}:${ordinal}:${part}`
}

function same({ t, o, b, a }: Line, { table, op, before, after }: TrueEvent): boolean {
  return JSON.stringify([t, o, b, a]) === JSON.stringify([table, op, before, after])
}
