import type { Patch } from '../compiled-child.ts'
import type { SCENARIOS } from './scenario.ts'

/** A mistake as somebody could make it, and the scenario it must be found in. */
export interface Mutation extends Patch {
  readonly name: string
  readonly scenario: keyof typeof SCENARIOS
}

const DECODER = 'source/mysql/binlog-decoder.js'
const GROUPS = 'source/mysql/group-decoder.js'
const GROUP = 'source/mysql/event-group.js'
const ROWS = 'source/mysql/row-events.js'
const XA = 'source/mysql/open-xa.js'
const SCHEMA = 'source/mysql/schema-log.js'

export const MUTATIONS: readonly Mutation[] = [
  { name: 'a GTID counts as done when its transaction begins', scenario: 'partial', file: DECODER, from: 'this.#last = undefined;\n        return (this.#group = group);', to: 'this.#last = undefined;\n        if (gtid !== undefined && this.#gtids !== undefined) group.gtidsBefore = this.#gtids = this.#gtids.with(gtid);\n        return (this.#group = group);' },
  { name: 'the position moves behind a transaction before it is committed', scenario: 'partial', file: DECODER, from: 'return insideTransaction(this.#last);', to: "return new MysqlPosition('stream', { file: this.#file, pos: this.#pos }, this.#gtids.with(group.gtid));" },
  { name: 'what of a transaction was delivered is forgotten', scenario: 'partial', file: DECODER, from: 'this.#resume = from.part;', to: 'this.#resume = undefined;' },
  { name: 'delivered rows are skipped by events, and one event too few', scenario: 'partial', file: GROUP, from: 'return this.rows > resume.rows;', to: 'return this.events >= resume.event;' },
  { name: 'delivered rows are counted within their event', scenario: 'partial', file: GROUP, from: 'return this.rows > resume.rows;', to: 'return row >= resume.row;' },
  { name: 'a transaction resumes one row too early', scenario: 'partial', file: GROUP, from: 'return this.rows > resume.rows;', to: 'return this.rows >= resume.rows;' },
  { name: 'a transaction resumes one row too late', scenario: 'partial', file: GROUP, from: 'return this.rows > resume.rows;', to: 'return this.rows > resume.rows + 1;' },
  { name: 'rows are counted on over transactions', scenario: 'partial', file: DECODER, from: 'if (group.resume !== undefined)\n            this.#resume = undefined;', to: 'if (group.resume !== undefined && group.resume.gtid === undefined)\n            this.#resume = undefined;\n        else if (this.#resume !== undefined)\n            this.#resume = { ...this.#resume, gtid: undefined, rows: 1 };' },
  { name: 'the last row of an event of several is dropped', scenario: 'partial', file: ROWS, from: 'if (!wanted)\n                continue;', to: 'if (!wanted || (at === end && row > 0))\n                continue;' },
  { name: 'a GTID is not counted as done at the end', scenario: 'between', file: DECODER, from: 'this.#gtids = this.#gtids.with(group.gtid);', to: 'this.#gtids = this.late ?? this.#gtids, this.late = this.#gtids.with(group.gtid);' },
  { name: 'the create of a key update is dropped', scenario: 'between', file: ROWS, from: "this.#add(emit, event, table, group, 'c', 1,", to: "if (Date.now() < 0) this.#add(emit, event, table, group, 'c', 1," },
  { name: 'rows of XA transactions are delivered when they are prepared', scenario: 'prepared', file: GROUPS, from: 'if (onePhase)', to: 'if (xid !== undefined)' },
  { name: 'a rollback of an XA transaction counts as its commit', scenario: 'prepared', file: GROUPS, from: "if (statement.kind === 'xa-rollback')", to: "if (statement.kind === 'nothing')" },
  { name: 'prepared XA transactions are forgotten at a restart', scenario: 'prepared', file: XA, from: '{ xid, file: place.file, pos: place.pos }];', to: '];' },
  { name: 'an XA transaction of one phase is only prepared', scenario: 'prepared', file: GROUPS, from: 'if (onePhase)', to: 'if (onePhase && Date.now() < 0)' },
  { name: 'a change of the schema is not stored', scenario: 'altered', file: SCHEMA, from: 'await this.#history?.append(', to: 'if (place.snapshot) await this.#history?.append(' },
  { name: 'a column that is moved stays where it was', scenario: 'altered', file: 'source/mysql/ddl/alter-clause.js', from: "return reader.accept('AFTER') ? { after: reader.identifier() } : undefined;", to: "if (reader.accept('AFTER'))\n        reader.identifier();\n    return undefined;" },
  { name: 'tables stay what they first were', scenario: 'altered', file: 'source/mysql/table-cache.js', from: 'last.shape === declared && last.raw.subarray(6).equals(raw.subarray(6))', to: 'true' },
  { name: 'compressed transactions are skipped', scenario: 'compact', file: DECODER, from: 'this.#payload = { reader: new PayloadReader(bytes, start, end, this.#options.maxEventBytes), pos };', to: 'this.#endGroup(this.#group);' },
  { name: 'partial updates keep the old document', scenario: 'compact', file: 'source/mysql/binlog/partial-update.js', from: 'if (start + prefix === end)', to: 'if (start <= end)' },
  { name: 'columns that the log does not carry are NULL', scenario: 'compact', file: 'source/mysql/binlog/image-behind.js', from: 'if (present.count === logged.present.count)', to: 'if (logged.present.count > 0)' },
  { name: 'TRUNCATE is not told', scenario: 'moved', file: GROUPS, from: 'if (!group.count(0) || table === undefined)', to: 'if (group.count(0) || table === undefined)' },
  { name: 'a renamed table keeps its name', scenario: 'moved', file: 'source/mysql/table.js', from: 'this.name = shape.name;', to: "this.name = shape.name.replace('_away', '');" },
]
