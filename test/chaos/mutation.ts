import type { Patch } from './compiled-child.ts'
import type { SCENARIOS } from './scenario.ts'

/** A mistake as somebody could make it, and the scenario it must be found in. */
export interface Mutation extends Patch {
  readonly name: string
  readonly scenario: keyof typeof SCENARIOS
}

const STREAM = 'source/postgres/stream.js'
const DECODER = 'source/postgres/wal-decoder.js'
const REPLICATION = 'source/postgres/replication.js'
const LEDGER = 'engine/ledger.js'
const PUMP = 'engine/pump.js'
const ROWS = 'source/postgres/value/row-decoder.js'

/** The second full batch waits for the third, and then comes behind it. */
const SWAPPED = `((batch) => {
                    if (batch.events.length !== 16) return batch;
                    this.count = (this.count ?? 0) + 1;
                    if (this.count === 2) { this.waits = batch.events; return { ...batch, events: [] }; }
                    return this.count === 3 ? { ...batch, events: [...batch.events, ...this.waits] } : batch;
                })(delivery.batch)`

export const MUTATIONS: readonly Mutation[] = [
  { name: 'the end of a transaction plus one is acknowledged', scenario: 'adjacent', file: STREAM, from: 'this.#replication?.acknowledge(lsn)', to: 'this.#replication?.acknowledge(lsn + 1n)' },
  { name: 'the end of a transaction plus eight is acknowledged', scenario: 'adjacent', file: STREAM, from: 'this.#replication?.acknowledge(lsn)', to: 'this.#replication?.acknowledge(lsn + 8n)' },
  { name: 'a transaction that commits at the stored position is skipped', scenario: 'adjacent', file: DECODER, from: 'begin.commitLsn < this.#lsn', to: 'begin.commitLsn <= this.#lsn' },
  { name: 'changes older than the stored position are skipped', scenario: 'adjacent', file: DECODER, from: 'const resume = this.#resume;\n        if (resume === undefined || this.#changes > resume.changes)', to: 'const resume = this.#resume;\n        if (((BigInt(this.#high) << 32n) | BigInt(this.#low)) < this.#lsn)\n            return false;\n        if (resume === undefined || this.#changes > resume.changes)' },
  { name: 'the offset is stored before the sink has the batch', scenario: 'slowSink', file: PUMP, from: "reach('pump.sink-before');", to: "reach('pump.sink-before'); ledger.settle(delivery.position, delivery.partial, delivery.units, 'durable');" },
  { name: 'an offset is acknowledged before it is stored', scenario: 'slowStore', file: LEDGER, from: "options.reach('ledger.save-before');", to: "options.reach('ledger.save-before'); this.#confirm(mark.position);" },
  { name: 'what was received is acknowledged', scenario: 'slowStore', file: REPLICATION, from: 'this.#sendStatus(true);\n            this.#arm();', to: 'this.#confirmed = this.#received; this.#sendStatus(true);\n            this.#arm();' },
  { name: 'a transaction that was delivered in part counts as delivered', scenario: 'partial', file: DECODER, from: 'this.#skipping = begin.commitLsn < this.#lsn;', to: 'this.#skipping = begin.commitLsn < this.#lsn || begin.commitLsn === resume?.commitLsn; if (this.#skipping) this.#resume = undefined;' },
  { name: 'what of a transaction was delivered is forgotten', scenario: 'partial', file: DECODER, from: 'this.#resume = from.part;', to: 'this.#resume = undefined;' },
  { name: 'a transaction resumes one change too early', scenario: 'partial', file: DECODER, from: 'this.#changes > resume.changes)', to: 'this.#changes >= resume.changes)' },
  { name: 'a transaction resumes one change too late', scenario: 'partial', file: DECODER, from: 'this.#changes > resume.changes)', to: 'this.#changes > resume.changes + 1)' },
  { name: 'the stored part of a transaction is one change too long', scenario: 'partial', file: DECODER, from: 'changes: this.#changes, changeLsn', to: 'changes: this.#changes + 1, changeLsn' },
  { name: 'the stored part of a transaction is one change too short', scenario: 'partial', file: DECODER, from: 'changes: this.#changes, changeLsn', to: 'changes: this.#changes - 1, changeLsn' },
  { name: 'changes are numbered on over transactions', scenario: 'partial', file: DECODER, from: 'this.#changes = this.#high = this.#low = 0;', to: 'this.#high = this.#low = 0;' },
  { name: 'two batches change places', scenario: 'partial', file: PUMP, from: ': delivery.batch);', to: `: ${SWAPPED});` },
  { name: 'the batch that waits is dropped when the connection ends', scenario: 'cut', file: REPLICATION, from: 'if (this.#failure !== undefined)\n            return Promise.reject(this.#failure);', to: 'if (this.#failure !== undefined) {\n            if (!this.#batch.empty) { const { position } = this.#decoder; this.#batch.cut(position); return Promise.resolve(this.#batch.cut(position)); }\n            return Promise.reject(this.#failure);\n        }' },
  { name: 'a keepalive inside a transaction moves the position', scenario: 'keepalive', file: DECODER, from: 'if (this.#transaction !== undefined || this.#resume !== undefined || this.#takeOver !== undefined || walEnd <= this.#lsn)\n            return false;\n        this.#lsn = walEnd;', to: 'if (walEnd <= this.#lsn)\n            return false;\n        this.#lsn = walEnd + 1n;' },
  { name: 'a table’s columns stay what they first were', scenario: 'shapes', file: 'source/postgres/relation-cache.js', from: 'take(relation) {', to: 'take(relation) {\n        if (this.#known.has(relation.oid)) return true;' },
  { name: 'the second part of a key update is dropped', scenario: 'shapes', file: DECODER, from: "this.#emit('c', table, 1,", to: "if (Date.now() < 0) this.#emit('c', table, 1," },
  { name: 'every update with an old row counts as a key update', scenario: 'shapes', file: DECODER, from: 'sameIdentity(bytes, update.oldStart, update.newStart, key)', to: 'Date.now() < 0' },
  { name: 'an unchanged out-of-line value becomes null', scenario: 'shapes', file: ROWS, from: 'start === IS_NULL ? this.#null : UNAVAILABLE', to: 'start === IS_NULL ? this.#null : null' },
  { name: 'a deleted row is told of twice', scenario: 'shapes', file: DECODER, from: "this.#emit('d', table, 0, new PgRowImage(", to: "this.#emit('d', table, 0, new PgRowImage(bytes, start + 6, extent, TUPLE), undefined, undefined, 0); this.#emit('d', table, 0, new PgRowImage(" },
  { name: 'an interrupted snapshot counts as complete', scenario: 'snapshot', file: 'source/postgres/plan.js', from: "stored?.phase === 'stream'", to: 'stored !== undefined' },
  { name: 'the last row of a snapshot is dropped', scenario: 'snapshot', file: 'source/postgres/snapshot.js', from: 'this.#options.skipped ? [] : marker.finish()', to: '[]' },
  { name: 'the stream starts where the slot stands, not behind the snapshot', scenario: 'snapshot', file: STREAM, from: "start = new PgPosition('stream', handOver.consistentPoint)", to: "start = new PgPosition('stream', 0n)" },
  { name: 'a batch the sink has rejected counts as delivered', scenario: 'rejected', file: LEDGER, from: 'async flush() {', to: 'async flush() {\n        if (this.#sent !== undefined) this.#durable = this.#sent;' },
  { name: 'a batch that was pulled when the engine is stopped counts as delivered', scenario: 'stopped', file: PUMP, from: 'await this.#settled();\n            if (this.#stopping)\n                break;', to: "await this.#settled();\n            if (this.#stopping) {\n                this.#options.ledger.send(delivery.position, delivery.partial); this.#options.ledger.settle(delivery.position, delivery.partial, delivery.units, 'durable'); break;\n            }" },
]
