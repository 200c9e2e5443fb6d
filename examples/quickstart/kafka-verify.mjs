// @ts-check
// Holds what a consumer of committed records got against what the shop committed: every change once, and those of one row in order.
// Between rows Kafka has no order, unless they share a partition.

/**
 * @param {readonly import('./kafka-reader.mjs').Consumed[]} consumed
 * @param {Record<string, import('./shop.mjs').Row[]>} before The tables before the engine was started.
 * @param {readonly import('./shop.mjs').Change[]} committed What the shop committed since, in order.
 * @returns {string[]} What is wrong.
 */
export function verify(consumed, before, committed) {
  const rows = Object.entries(before).flatMap(([table, all]) => all.map((row) => ({ op: 'r', table, row })))
  const expected = histories([...rows, ...committed])
  const found = histories(consumed)
  const problems = []
  for (const [row, history] of expected) {
    if (found.get(row) !== history) problems.push(`${row}: ${found.get(row) ?? 'nothing'} arrived, ${history} was committed`)
  }
  for (const row of found.keys()) if (!expected.has(row)) problems.push(`${row} was never committed`)
  if (consumed.length !== rows.length + committed.length) problems.push(`${consumed.length} changes arrived, ${rows.length + committed.length} were committed`)

  /** @type {Map<string, number>} */
  const reached = new Map()
  for (const { place, op, lsn } of consumed) {
    if (op !== 'r' && lsn < (reached.get(place) ?? 0)) problems.push(`${place}: a change of ${lsn} comes behind one of ${reached.get(place)}`)
    if (op !== 'r') reached.set(place, lsn)
  }
  return problems.slice(0, 5)
}

/**
 * What happened to each row, in order, as a text.
 * @param {readonly { op: string, table: string, row: Record<string, unknown> }[]} changes
 */
function histories(changes) {
  /** @type {Map<string, string>} */
  const histories = new Map()
  for (const { op, table, row } of changes) {
    const place = `${table} ${String(row['id'])}`
    histories.set(place, `${histories.get(place) ?? ''}${op}${JSON.stringify(row)} `)
  }
  return histories
}
