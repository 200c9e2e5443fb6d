import type { Row } from './row.ts'

/** A change, or another record that there has to be, and what it must say. */
export interface TrueChange {
  /** No other one has it. */
  readonly key: string
  readonly table: string
  readonly op: string
  readonly before: Row | null
  readonly after: Row | null
}

/** A record of the topic. */
export interface TopicLine {
  /** Of the change that it is of. */
  readonly key: string
  /** For people. */
  readonly id: string
  readonly table: string
  readonly op: string
  readonly before: Row | null
  readonly after: Row | null
}

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
export function compareTopic(truth: readonly TrueChange[], lines: readonly TopicLine[], offsets: number, wrong: readonly string[], same: (line: TopicLine, change: TrueChange) => boolean = sameText): TopicVerdict {
  const violations = [...wrong]
  const at = new Map(truth.map(({ key }, index) => [key, index]))
  const seen = new Set<number>()
  const count = { repeated: 0, reordered: 0, phantom: 0, altered: 0 }
  const say = (kind: keyof typeof count, { op, table, id }: TopicLine, more = ''): void => {
    count[kind]++
    if (count[kind] <= 5) violations.push(`${kind}: ${op} of ${table}, ${id}${more}`)
  }
  let last = -1
  for (const line of lines) {
    const index = at.get(line.key)
    if (index === undefined) {
      say('phantom', line)
      continue
    }
    if (seen.has(index)) say('repeated', line)
    else if (index < last) say('reordered', line)
    if (!same(line, truth[index]!)) say('altered', line, `: ${text(line)} instead of ${text(truth[index]!)}`)
    seen.add(index)
    last = Math.max(last, index)
  }
  const lost = truth.filter((_, index) => !seen.has(index))
  if (lost.length > 0) violations.push(`${lost.length} of ${truth.length} lost, the first ${lost[0]!.op} of ${lost[0]!.table}, ${lost[0]!.key}, the last ${lost.at(-1)!.key}`)
  return { changes: truth.length, consumed: lines.length, offsets, lost: lost.length, ...count, violations }
}

function sameText(line: TopicLine, change: TrueChange): boolean {
  return text(line) === text(change)
}

function text({ table, op, before, after }: TopicLine | TrueChange): string {
  return JSON.stringify([table, op, before, after])
}
