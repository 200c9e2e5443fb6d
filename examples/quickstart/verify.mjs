// @ts-check
// Holds what arrived against what the shop committed. Equal tables at the end would not be enough: a lost update that a
// later one covered does not show there. So the whole history is compared, change by change, in order.

/**
 * @typedef {import('./shop.mjs').Change} Change
 * @typedef {import('./shop.mjs').Row} Row
 * @typedef {{ run: number, id: string, op: string, table: string, row: Row }} Received
 * @typedef {object} Evidence
 * @property {readonly Received[]} received In the order of arrival; `run` 1 until the kill, 2 after it.
 * @property {Record<string, Row[]>} before The tables before the engine was started.
 * @property {readonly Change[]} committed What the shop committed since, in order.
 * @property {Record<string, Row[]>} after The tables at the end.
 * @property {number} inFlight Events of the batch that was being handled at the kill.
 * @typedef {object} Verdict
 * @property {number} snapshotRows
 * @property {number} changes Committed changes, each of which arrived.
 * @property {number} repeated Events that came a second time.
 * @property {string[]} problems Empty: everything is as promised.
 */

/**
 * @param {Evidence} evidence
 * @returns {Verdict}
 */
export function verify({ received, before, committed, after, inFlight }) {
  /** @type {string[]} */
  const problems = []
  const snapshot = received.filter(({ op }) => op === 'r')
  const first = received.filter(({ run, op }) => run === 1 && op !== 'r')
  const second = received.filter(({ run, op }) => run === 2 && op !== 'r')

  const initial = Object.entries(before).flatMap(([table, rows]) => rows.map((row) => text({ op: 'r', table, row })))
  if (!same(initial.sort(), snapshot.map(text).sort())) problems.push(`the snapshot delivered ${snapshot.length} rows that are not the ${initial.length} of the tables`)

  // The second run must continue the first without a gap: it may begin earlier, never later.
  const expected = committed.map(text)
  const resumedAt = expected.length - second.length
  if (!same(first.map(text), expected.slice(0, first.length))) problems.push('the changes before the kill are not the committed ones in commit order')
  if (resumedAt > first.length) problems.push(`${resumedAt - first.length} changes are missing`)
  else if (!same(second.map(text), expected.slice(resumedAt))) problems.push('the changes after the restart are not the committed ones in commit order')

  const repeated = Math.max(0, first.length - resumedAt)
  if (repeated > inFlight) problems.push(`${repeated} events came twice, although only ${inFlight} were in flight`)
  const again = first.slice(resumedAt).map(({ id }) => id)
  if (!same(again, second.slice(0, repeated).map(({ id }) => id))) problems.push('events that came twice have another id the second time')
  const distinct = new Set(received.map(({ id }) => id)).size
  if (distinct !== initial.length + expected.length) problems.push(`${distinct} different events arrived, not ${initial.length + expected.length}`)

  if (!same(replay(received), Object.entries(after).flatMap(([table, rows]) => rows.map((row) => text({ op: '', table, row }))).sort())) {
    problems.push('the tables, rebuilt from the events, are not those of the database')
  }
  return { snapshotRows: snapshot.length, changes: expected.length, repeated, problems }
}

/** The tables as somebody has them who applied every event as it came. */
function replay(/** @type {readonly Received[]} */ received) {
  /** @type {Map<string, string>} */
  const rows = new Map()
  for (const { op, table, row } of received) {
    const key = `${table}:${String(row['id'])}`
    if (op === 'd') rows.delete(key)
    else rows.set(key, text({ op: '', table, row }))
  }
  return [...rows.values()].sort()
}

/** @param {{ op: string, table: string, row: Row }} change */
function text({ op, table, row }) {
  return JSON.stringify([op, table, row])
}

/**
 * @param {readonly string[]} left
 * @param {readonly string[]} right
 */
function same(left, right) {
  return left.length === right.length && left.every((entry, index) => entry === right[index])
}
