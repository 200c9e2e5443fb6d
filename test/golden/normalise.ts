import { field, isNull, scalar, type Json } from './json.ts'

/**
 * Replaces, in the records of one run, what cannot be the same in two runs: positions, transaction ids, times, run ids.
 * Values of one kind are numbered in the order in which they appear, so that equal values stay equal and different ones
 * different: `<lsn:1>`. Strings stay strings and numbers numbers. Times are not numbered, for whether two commits fall
 * into one millisecond is chance; that their units agree with each other is checked. Columns are never touched, but for the
 * hidden one of MariaDB that says when a row was written.
 */
export function normaliser(): (record: Json) => Json {
  const numbers = new Numbering()
  return (record) => {
    const value = payload(field(record, 'value'))
    if (value !== undefined) normaliseValue(value, numbers)
    const key = payload(field(record, 'key'))
    if (value !== undefined && isTransactionEvent(value)) transactionId(field(key, 'id'), numbers, scalar(field(value, 'status')) === 'END')
    const runId = payload(field(field(record, 'headers'), '__debezium.context.runId'))
    if (runId !== undefined) put(runId, (text) => numbers.of('run', text))
    hideIdentities(record)
    return record
  }
}

class Numbering {
  readonly #kinds = new Map<string, Map<string, number>>()

  of(kind: string, value: string): string {
    let known = this.#kinds.get(kind)
    if (known === undefined) this.#kinds.set(kind, (known = new Map()))
    const number = known.get(value) ?? known.size + 1
    known.set(value, number)
    return `<${kind}:${number}>`
  }
}

/** The converter wraps values in {schema, payload} where it is told to. */
export function payload(node: Json | undefined): Json | undefined {
  return field(node, 'schema') !== undefined && field(node, 'payload') !== undefined ? field(node, 'payload') : node
}

function normaliseValue(value: Json, numbers: Numbering): void {
  const source = field(value, 'source')
  if (source?.kind === 'object' && field(source, 'connector') !== undefined) {
    normaliseSource(source, numbers)
    for (const image of ['before', 'after']) put(field(field(value, image), 'row_start'), () => '<row_start>')
    moment(value, 'now')
    transactionId(field(field(value, 'transaction'), 'id'), numbers)
  } else if (isTransactionEvent(value)) {
    transactionId(field(value, 'id'), numbers, scalar(field(value, 'status')) === 'END')
    moment(value, 'now')
  } else if (value.kind === 'object' && value.fields.every(({ name }) => name.startsWith('ts_'))) {
    moment(value, 'now') // a heartbeat
  }
}

function isTransactionEvent(value: Json): boolean {
  return field(value, 'status') !== undefined && field(value, 'event_count') !== undefined
}

function normaliseSource(source: Json, numbers: Numbering): void {
  moment(source, 'ts')
  put(field(source, 'version'), () => '<version>')
  binlogPlace(source, numbers)
  // a message of no transaction stands where its record ends: whether another one begins there is chance, as behind a commit
  const txId = field(source, 'txId')
  const kind = txId !== undefined && isNull(txId) ? 'commit' : 'lsn'
  for (const name of ['lsn', 'origin_lsn']) put(field(source, name), (text) => lsn(text, numbers, kind))
  for (const name of ['txId', 'xmin']) put(field(source, name), (text) => numbers.of('tx', text))
  put(field(source, 'sequence'), (text) => {
    const [commit, own] = JSON.parse(text) as (string | null)[]
    // The end of the last commit is numbered apart: whether it equals the next record's position is chance.
    return JSON.stringify([commit == null ? null : numbers.of('commit', commit), own == null ? null : lsn(own, numbers, kind)])
  })
}

function lsn(text: string, numbers: Numbering, kind: 'lsn' | 'commit' = 'lsn'): string {
  return text === '0' ? text : numbers.of(kind, text)
}

/** A GTID or a place in the log, of MySQL and MariaDB. */
function binlogPlace(source: Json, numbers: Numbering): void {
  for (const [name, kind] of [['file', 'file'], ['pos', 'pos'], ['gtid', 'gtid'], ['server_id', 'server'], ['thread', 'thread']] as const) {
    put(field(source, name), (text) => (text === '' || text === '0' ? text : numbers.of(kind, text)))
  }
}

/** PostgreSQL's `txId:lsn`, where the position of an END is that of the commit's end; MySQL's and MariaDB's is a GTID, or a place. */
function transactionId(id: Json | undefined, numbers: Numbering, end = false): void {
  put(id, (text) => {
    const [, tx, at] = /^(\d+):(\d+)$/.exec(text) ?? []
    if (tx === undefined || at === undefined) return numbers.of('gtid', text)
    return `${numbers.of('tx', tx)}:${end ? numbers.of('commit', at) : lsn(at, numbers)}`
  })
}

/** One moment in three units: the coarser ones must be the finest one, cut. */
function moment(node: Json, what: 'ts' | 'now'): void {
  const units = [['ts_ns', 1n], ['ts_us', 1_000n], ['ts_ms', 1_000_000n]] as const
  const finest = units.find(([name]) => scalar(field(node, name)) !== undefined)
  if (finest === undefined) return
  const nanos = BigInt(scalar(field(node, finest[0])) ?? 0) * finest[1]
  for (const [name, per] of units) {
    put(field(node, name), (text) => `<${what} ${name.slice(3)}${BigInt(text) === nanos / per ? '' : ` ${text} differs`}>`)
  }
}

function put(node: Json | undefined, replace: (text: string) => string): void {
  if (node === undefined || isNull(node)) return
  if (node.kind === 'string' || node.kind === 'number') node.text = replace(node.text)
}

/** Java's default text of an object, which Debezium writes for nested arrays of text and as the name of logical messages, holds an address. */
function hideIdentities(node: Json): void {
  if (node.kind === 'array') node.items.forEach(hideIdentities)
  else if (node.kind === 'object') for (const { value } of node.fields) hideIdentities(value)
  else if (node.kind === 'string' && /^\[|LogicalDecodingMessageId@/.test(node.text)) node.text = node.text.replace(/^(\[+L?[\w.]+;?|[\w.$]+MessageId)@[0-9a-f]+$/, '$1@<identity>')
}
