import type { Row } from '../row.ts'
import type { Verdict } from '../oracle.ts'
import { canonical } from './document.ts'
import type { Delivered, MysqlAttempt, StoredPlace } from './order.ts'
import { sorted, type Tables } from './tables.ts'
import type { TrueEvent, TrueGroup } from './truth.ts'

/** What happened between two moments at which nobody wrote. */
export interface MysqlEvidence {
  /** As they were at the beginning; they are brought to the end. */
  readonly tables: Tables
  readonly truth: readonly TrueGroup[]
  readonly attempts: readonly MysqlAttempt[]
  /** The tables at the end, as SELECT shows them. */
  readonly after: ReadonlyMap<string, readonly Row[]>
}

/** Compares the evidence change by change. Uses none of the engine's code. */
export function judge(evidence: MysqlEvidence): Verdict {
  return new Judgement(evidence).verdict()
}

class Judgement {
  readonly #evidence: MysqlEvidence
  readonly #violations: string[] = []
  readonly #truth: { readonly event: TrueEvent; readonly group: TrueGroup }[] = []
  readonly #at = new Map<string, number>()
  readonly #ids = new Map<string, string>()
  /** Versions of the rows as the deliveries tell them, by table and key. */
  readonly #versions = new Map<string, number>()
  #seen = new Uint8Array()
  /** Groups that are in the tables. */
  #applied = 0
  #high = 0
  #figures = { delivered: 0, snapshotRows: 0, duplicates: 0, bound: 0, reordered: 0, phantom: 0, altered: 0 }

  constructor(evidence: MysqlEvidence) {
    this.#evidence = evidence
  }

  verdict(): Verdict {
    const { truth, attempts, tables, after } = this.#evidence
    for (const { failed, log } of attempts) if (failed !== undefined) this.#wrong(`the engine failed with ${failed} (${log})`)
    const taken = this.#snapshots()
    for (const group of truth.slice(this.#applied)) {
      for (const event of group.events) {
        this.#at.set(`${group.id} ${event.ordinal} ${event.part}`, this.#truth.length)
        this.#truth.push({ event, group })
      }
    }
    this.#seen = new Uint8Array(this.#truth.length)
    if (taken === undefined) this.#wrong('no snapshot was completed')
    else {
      let expected = 0
      for (const attempt of attempts.slice(taken)) expected = this.#stream(attempt, expected)
    }
    const lost = this.#lost()
    this.#applyUpTo(() => true)
    const there = tables.contents()
    for (const [name, rows] of after) {
      const is = sorted(rows)
      const should = there.get(name) ?? []
      if (is.join('\n') !== should.join('\n')) this.#wrong(`the log makes other rows of ${name} than the table has (${should.length}, ${is.length}), the first ${should.find((row) => !is.includes(row))} ${is.find((row) => !should.includes(row))}`)
    }
    return { changes: this.#truth.length, ...this.#figures, lost, violations: this.#violations }
  }

  #applyUpTo(reaches: (group: TrueGroup) => boolean): void {
    const { truth, tables } = this.#evidence
    for (; this.#applied < truth.length && reaches(truth[this.#applied]!); this.#applied++) {
      for (const problem of tables.apply(truth[this.#applied]!)) this.#wrong(`the oracle cannot follow the log: ${problem}`)
    }
  }

  /** Checks each snapshot, also those that were interrupted: rows of one place in the log, each once. Returns the attempt that came to its end. */
  #snapshots(): number | undefined {
    const { attempts, tables } = this.#evidence
    for (const [index, attempt] of attempts.entries()) {
      const { saves, events, stored, log } = attempt
      // after a reconnect the same process begins anew, at another place
      const begun = saves.findLast(({ position }) => position.phase === 'snapshot')?.position
      const first = saves.find(({ position }) => position.phase === 'snapshot' && samePlace(position, begun))
      const rows = events.slice(first?.settled).filter(({ s }) => s !== 'false')
      this.#figures.snapshotRows += rows.length
      const complete = stored?.phase === 'stream'
      if (begun === undefined) {
        if (events.length > 0) this.#wrong(`events before the snapshot’s beginning was stored (${log})`)
        if (complete) return index
        continue
      }
      this.#applyUpTo(({ file, end }) => file < begun.file || (file === begun.file && end <= begun.pos))
      const there = tables.contents()
      const read = new Map<string, string[]>()
      for (const { t, o, a, b } of rows) {
        if (o !== 'r' || a === null || b !== null) this.#wrong(`a snapshot row is ${o} (${log})`)
        const known = read.get(t) ?? []
        read.set(t, known)
        known.push(JSON.stringify(a))
      }
      for (const [table, is] of read) {
        const should = new Set(there.get(table))
        const wrong = is.filter((row) => !should.has(row))
        if (wrong.length > 0) this.#wrong(`${wrong.length} snapshot rows of ${table} are not those at ${begun.file}:${begun.pos}, the first ${wrong[0]} (${log})`)
        if (new Set(is).size !== is.length) this.#wrong(`the snapshot repeats rows of ${table} (${log})`)
      }
      if (complete) {
        for (const [table, should] of there) if (should.length !== (read.get(table)?.length ?? 0)) this.#wrong(`the snapshot has ${read.get(table)?.length ?? 0} rows of ${table}, there were ${should.length} (${log})`)
        return index
      }
      if (events.some(({ s }) => s === 'false')) this.#wrong(`the stream began before the snapshot’s end was stored (${log})`)
    }
    return undefined
  }

  /** One attempt's events are a contiguous run of the truth that starts exactly behind what was stored. Returns where the next one starts. */
  #stream(attempt: MysqlAttempt, expected: number): number {
    const { log } = attempt
    const events = attempt.events.filter(({ s }) => s === 'false')
    const rows = attempt.events.length - events.length
    let next = expected
    for (const event of events) {
      this.#figures.delivered++
      const at = this.#at.get(keyOf(event))
      if (at === undefined) {
        this.#figures.phantom++
        this.#wrong(`phantom: ${describe(event)} (${log})`)
        continue
      }
      if (at !== next) {
        if (at < next && event !== events[0]) this.#figures.reordered++
        this.#wrong(`${at > next ? `${at - next} events are left out before` : `${next - at} events too early comes`} ${describe(event)} (${log})`)
      }
      this.#same(event, this.#truth[at]!, log)
      if (this.#seen[at] === 1) this.#figures.duplicates++
      this.#seen[at] = 1
      if (at >= this.#high) {
        this.#high = at + 1
        this.#chain(event, this.#truth[at]!.event, log)
      }
      next = at + 1
    }
    const text = canonical(attempt.stored)
    const settled = attempt.saves.findLast(({ position }) => canonical(position) === text)?.settled
    if (settled === undefined && attempt.loaded !== undefined && text !== canonical(attempt.loaded)) this.#wrong(`the offset file holds a position that was neither loaded nor saved (${log})`)
    const stored = Math.max(0, (settled ?? 0) - rows)
    this.#figures.bound += events.length - stored
    return expected + stored
  }

  #same(event: Delivered, { event: truth }: { readonly event: TrueEvent }, log: string): void {
    const is = JSON.stringify([event.t, event.o, event.b, event.a])
    const should = JSON.stringify([truth.table, truth.op, truth.before, truth.after])
    if (is !== should) {
      this.#figures.altered++
      this.#wrong(`altered: ${is} instead of ${should} (${log})`)
    }
    const before = this.#ids.get(event.e)
    if (before === undefined) this.#ids.set(event.e, `${keyOf(event)} ${is}`)
    else if (before !== `${keyOf(event)} ${is}`) this.#wrong(`two payloads have the id ${event.e} (${log})`)
  }

  /** Every change of a row counts its version on by one, whatever the log's reader says. */
  #chain({ o, b, a, x }: Delivered, { table, part }: TrueEvent, log: string): void {
    const name = (row: Row | null): string => `${table.replace(/_away$/, '')} ${String(row?.['id'])}`
    if (o === 't') for (const key of this.#versions.keys()) if (key.startsWith(`${table} `)) this.#versions.delete(key)
    if (o === 'u') {
      const known = this.#versions.get(name(b))
      if (known !== undefined && Number(a?.['ver']) !== known + 1) this.#wrong(`${name(b)} goes from version ${known} to ${String(a?.['ver'])} (transaction ${x}, ${log})`)
    }
    if (o === 'c' && part === 0 && a?.['ver'] !== '1') this.#wrong(`${name(a)} begins with version ${String(a?.['ver'])} (transaction ${x}, ${log})`)
    if (o === 'd') this.#versions.delete(name(b))
    else if (o !== 't') this.#versions.set(name(a), Number(a?.['ver']))
  }

  #lost(): number {
    const lost = this.#truth.filter((_, at) => this.#seen[at] !== 1)
    const [first] = lost
    if (first !== undefined) this.#wrong(`${lost.length} of ${this.#truth.length} lost, the first ${JSON.stringify({ transaction: first.group.id, ...first.event })}`)
    return lost.length
  }

  #wrong(what: string): void {
    this.#violations.push(what)
  }
}

function samePlace(here: StoredPlace, there: StoredPlace | undefined): boolean {
  return here.file === there?.file && here.pos === there.pos
}

/** Event ids end with `<ordinal>`, or with `<ordinal>:1` for the create of a key update; transactions have no colon and digits at their end but in a GTID. */
export function keyOf({ e, x, o }: Pick<Delivered, 'e' | 'x' | 'o'>): string {
  const tail = e.slice(e.lastIndexOf(placeIn(x)) + placeIn(x).length + 1).split(':')
  // without GTIDs the offset stands between the file and the ordinal
  const numbers = x.startsWith('file=') ? tail.slice(1) : tail
  return `${x} ${numbers[0]} ${o === 'c' ? (numbers[1] ?? '0') : '0'}`
}

function placeIn(transaction: string): string {
  return /^file=([^,]+)/.exec(transaction)?.[1] ?? transaction
}

function describe({ e, t, o, a, b }: Delivered): string {
  return `${o} of ${t} ${String((a ?? b)?.['id'])}, ${e}`
}
