import type { Attempt, DeliveredLine } from './engine-process.ts'
import type { StoredPosition } from './engine-order.ts'
import type { Row } from './row.ts'
import { TableModel } from './table-model.ts'
import { lsnOf, type TrueEvent, type TrueTransaction } from './truth.ts'

/** What happened between two moments at which nobody wrote: everything that was delivered, and everything that was true. */
export interface Evidence {
  /** Tables at the beginning and at the end, as SELECT shows them. */
  readonly before: ReadonlyMap<string, readonly Row[]>
  readonly after: ReadonlyMap<string, readonly Row[]>
  readonly truth: readonly TrueTransaction[]
  readonly attempts: readonly Attempt[]
}

export interface Verdict {
  readonly changes: number
  readonly delivered: number
  readonly snapshotRows: number
  readonly duplicates: number
  /** Events that were delivered and not yet covered by a stored offset, summed over the kills: no more may come again. */
  readonly bound: number
  readonly lost: number
  readonly reordered: number
  readonly phantom: number
  readonly altered: number
  /** Everything that is wrong, also what the figures above count. */
  readonly violations: readonly string[]
}

/** A true event and where it stands. */
interface Place {
  readonly event: TrueEvent
  readonly transaction: TrueTransaction
}

/** Compares the evidence tuple by tuple. Uses none of the engine's code. */
export function judge(evidence: Evidence): Verdict {
  return new Judgement(evidence).verdict()
}

class Judgement {
  readonly #evidence: Evidence
  readonly #violations: string[] = []
  #truth: Place[] = []
  readonly #at = new Map<string, number>()
  readonly #ids = new Map<string, string>()
  readonly #commits = new Map<string, string>()
  #seen: Uint8Array = new Uint8Array()
  /** Everything below was delivered at least once, unless it was lost. */
  #high = 0
  #delivered = 0
  #snapshotRows = 0
  #duplicates = 0
  #bound = 0
  #reordered = 0
  #phantom = 0
  #altered = 0

  constructor(evidence: Evidence) {
    this.#evidence = evidence
  }

  verdict(): Verdict {
    const { truth, attempts, before, after } = this.#evidence
    this.#checkPositions()
    const tables = TableModel.of(before)
    const taken = this.#snapshots(tables)
    const consumer = taken === undefined ? undefined : TableModel.of(taken.rows)
    for (const transaction of truth.slice(taken?.from ?? 0)) {
      for (const event of transaction.events) {
        this.#at.set(keyOf(transaction.xid, event.ordinal, event.part), this.#truth.length)
        this.#truth.push({ event, transaction })
      }
    }
    this.#seen = new Uint8Array(this.#truth.length)
    if (taken === undefined) this.#wrong('no snapshot was completed')
    else {
      let expected = 0
      for (const attempt of attempts.slice(taken.attempt)) expected = this.#stream(attempt, expected, consumer!)
    }
    const lost = this.#lost()
    this.#checkCommits()
    for (const transaction of truth.slice(this.#applied)) this.#apply(tables, transaction)
    this.#compareTables('the oracle’s own replay', tables, after)
    if (consumer !== undefined) this.#compareTables('snapshot and stream', consumer, after)
    return {
      changes: this.#truth.length, delivered: this.#delivered, snapshotRows: this.#snapshotRows, duplicates: this.#duplicates, bound: this.#bound,
      lost, reordered: this.#reordered, phantom: this.#phantom, altered: this.#altered, violations: this.#violations,
    }
  }

  /** An engine never fails here, and the server never holds more as confirmed than is stored: C ≤ R. */
  #checkPositions(): void {
    for (const { failed, confirmed, stored, log } of this.#evidence.attempts) {
      if (failed !== undefined) this.#wrong(`the engine failed with ${failed.code}: ${failed.message} (${log})`)
      if (confirmed !== null && stored?.phase === 'stream' && lsnOf(confirmed) > lsnOf(stored.lsn)) this.#wrong(`confirmed ${confirmed} is beyond the stored ${stored.lsn} (${log})`)
    }
  }

  /** Transactions that are applied to the tables of the truth. */
  #applied = 0

  /** Checks each snapshot, also those that were interrupted: rows of its consistent point, each once. Returns the one that counts. */
  #snapshots(tables: TableModel): { rows: Map<string, Row[]>; from: number; attempt: number } | undefined {
    const { truth, attempts } = this.#evidence
    for (const [index, attempt] of attempts.entries()) {
      if (attempt.loaded?.phase === 'stream') {
        this.#wrong(`an attempt streams before a snapshot was completed (${attempt.log})`)
        return undefined
      }
      // after a reconnect the same process begins anew, at another point
      const begun = attempt.saves.findLast(({ position }) => position.phase === 'snapshot')?.position
      const beginning = attempt.saves.find(({ position }) => position.lsn === begun?.lsn)
      const rows = attempt.events.slice(beginning?.settled).filter(({ s }) => s !== 'false')
      this.#snapshotRows += rows.length
      if (begun === undefined) {
        if (attempt.events.length > 0) this.#wrong(`events before the snapshot’s beginning was stored (${attempt.log})`)
        continue
      }
      for (; this.#applied < truth.length && truth[this.#applied]!.endLsn <= lsnOf(begun.lsn); this.#applied++) this.#apply(tables, truth[this.#applied]!)
      const read = this.#snapshotContents(rows, attempt.log)
      const complete = attempt.stored?.phase === 'stream'
      this.#compareSnapshot(read, tables, complete, attempt.log)
      const end = attempt.saves.find(({ position }) => position.phase === 'stream')
      if (end !== undefined && end.position.lsn !== begun.lsn) this.#wrong(`the stream starts at ${end.position.lsn}, the snapshot is of ${begun.lsn} (${attempt.log})`)
      if (complete) return { rows: read, from: this.#applied, attempt: index }
      if (attempt.events.some(({ s }) => s === 'false')) this.#wrong(`the stream began before the snapshot’s end was stored (${attempt.log})`)
    }
    return undefined
  }

  #snapshotContents(rows: readonly DeliveredLine[], log: string): Map<string, Row[]> {
    const read = new Map<string, Row[]>()
    const ids = new Set<string>()
    for (const { e, t, o, a, b } of rows) {
      if (o !== 'r' || a === null || b !== null) this.#wrong(`a snapshot row is ${o} (${log})`)
      if (ids.size === ids.add(e).size) this.#wrong(`two snapshot rows have the id ${e} (${log})`)
      const list = read.get(t)
      if (list === undefined) read.set(t, [a!])
      else list.push(a!)
    }
    return read
  }

  #compareSnapshot(read: ReadonlyMap<string, readonly Row[]>, tables: TableModel, complete: boolean, log: string): void {
    const there = tables.contents()
    for (const [table, rows] of TableModel.of(read).contents()) {
      const expected = new Set(there.get(table))
      const wrong = rows.filter((row) => !expected.has(row))
      if (wrong.length > 0) this.#wrong(`${wrong.length} snapshot rows of ${table} are not of its consistent point, the first ${wrong[0]} (${log})`)
      if (complete && rows.length !== there.get(table)!.length) this.#wrong(`the snapshot has ${rows.length} rows of ${table}, there were ${there.get(table)!.length} (${log})`)
    }
  }

  /** One attempt’s events are a contiguous run of the truth that starts exactly behind what was stored. Returns where the next one starts. */
  #stream(attempt: Attempt, expected: number, consumer: TableModel): number {
    const events = attempt.events.filter(({ s }) => s === 'false')
    const rows = attempt.events.length - events.length
    let next = expected
    for (const [number, event] of events.entries()) {
      this.#delivered++
      const at = this.#at.get(keyOfLine(event))
      if (at === undefined) {
        this.#phantom++
        this.#wrong(`phantom: ${describe(event)} (${attempt.log})`)
        continue
      }
      if (at !== next) this.#misplaced(event, at, next, number === 0, attempt.log)
      this.#same(event, this.#truth[at]!, attempt.log)
      if (this.#seen[at] === 1) this.#duplicates++
      this.#seen[at] = 1
      if (at >= this.#high) {
        this.#high = at + 1
        const problem = consumer.apply({ table: event.t, op: event.o, before: event.b, after: event.a, part: this.#truth[at]!.event.part })
        if (problem !== undefined) this.#wrong(`${problem} (${attempt.log})`)
      }
      next = at + 1
    }
    const settled = settledOf(attempt)
    if (settled === undefined) {
      this.#bound += events.length
      if (positionText(attempt.stored) !== positionText(attempt.loaded ?? null) && attempt.loaded !== undefined) this.#wrong(`the offset file holds a position that was neither loaded nor saved (${attempt.log})`)
      return expected
    }
    const stored = Math.max(0, settled - rows)
    this.#bound += events.length - stored
    return expected + stored
  }

  #misplaced(event: DeliveredLine, at: number, next: number, first: boolean, log: string): void {
    if (first) this.#wrong(`the attempt starts ${at > next ? `${at - next} events too late` : `${next - at} events too early`}: ${describe(event)} (${log})`)
    else {
      if (at < next) this.#reordered++
      this.#wrong(`${at > next ? `${at - next} events are left out before` : `out of order by ${next - at}:`} ${describe(event)} (${log})`)
    }
  }

  #same(event: DeliveredLine, { event: truth, transaction }: Place, log: string): void {
    const [, , , commit, lsn, ordinal] = event.e.split(':')
    const is = JSON.stringify([event.t, event.o, event.b, event.a, lsn])
    const should = JSON.stringify([truth.table, truth.op, truth.before, truth.after, truth.lsn])
    if (is !== should || ordinal !== String(truth.ordinal)) {
      this.#altered++
      this.#wrong(`altered: ${is} instead of ${should} (${log})`)
    }
    const commitBefore = this.#commits.get(transaction.xid)
    if (commitBefore === undefined) this.#commits.set(transaction.xid, commit!)
    else if (commitBefore !== commit) this.#wrong(`transaction ${transaction.xid} has two commit positions (${log})`)
    const payload = this.#ids.get(event.e)
    const key = `${keyOfLine(event)} ${is}`
    if (payload === undefined) this.#ids.set(event.e, key)
    else if (payload !== key) this.#wrong(`two payloads have the id ${event.e} (${log})`)
  }

  #lost(): number {
    const lost: number[] = []
    for (let at = 0; at < this.#truth.length; at++) if (this.#seen[at] !== 1) lost.push(at)
    const first = lost[0]
    if (first !== undefined) {
      const { event, transaction } = this.#truth[first]!
      this.#wrong(`${lost.length} of ${this.#truth.length} lost, the first ${JSON.stringify({ xid: transaction.xid, ...event })}`)
    }
    return lost.length
  }

  /** Commit positions grow as the truth does, and each lies before its transaction’s end. */
  #checkCommits(): void {
    let end = 0n
    for (const { xid, endLsn } of this.#evidence.truth) {
      const commit = this.#commits.get(xid)
      if (commit !== undefined && (lsnOf(commit) < end || lsnOf(commit) >= endLsn)) this.#wrong(`transaction ${xid} is said to be committed at ${commit}, which is not between ${end} and ${endLsn}`)
      end = endLsn
    }
  }

  #apply(tables: TableModel, transaction: TrueTransaction): void {
    for (const event of transaction.events) {
      const problem = tables.apply(event)
      if (problem !== undefined) this.#wrong(`the oracle cannot follow the truth: ${problem}`)
    }
  }

  #compareTables(what: string, model: TableModel, after: ReadonlyMap<string, readonly Row[]>): void {
    const there = TableModel.of(after).contents()
    for (const [table, rows] of model.contents()) {
      if (rows.join('\n') !== there.get(table)!.join('\n')) this.#wrong(`${what} ends with other rows of ${table} than the table has (${rows.length}, ${there.get(table)!.length})`)
    }
  }

  #wrong(what: string): void {
    this.#violations.push(what)
  }
}

/** How many of its events the stored offset covers; undefined when it stored none of its own. */
function settledOf({ saves, stored }: Attempt): number | undefined {
  const text = positionText(stored)
  return saves.findLast(({ position }) => positionText(position) === text)?.settled
}

function positionText(position: StoredPosition | null): string {
  if (position === null) return 'none'
  const { phase, lsn, transaction } = position
  return [phase, lsn, transaction?.commitLsn, transaction?.changes, transaction?.changeLsn].join()
}

function keyOf(xid: string, ordinal: number, part: number): string {
  return `${xid}:${ordinal}:${part}`
}

/** pg:<system>:<database>:<commit LSN>:<LSN>:<ordinal>[:<part>] */
function keyOfLine({ e, x }: DeliveredLine): string {
  const [, , , , , ordinal, part = '0'] = e.split(':')
  return `${x}:${ordinal}:${part}`
}

function describe({ e, t, o, x }: DeliveredLine): string {
  return `${o} of ${t}, transaction ${x}, ${e}`
}
