import { pause } from '../../async/abort.ts'
import type { JsonValue } from '../../event/position.ts'
import type { SourceContext } from '../source.ts'
import { isTailraceError, TailraceError } from '../../error/tailrace-error.ts'
import type { SchemaChange } from '../../event/table-definition.ts'
import type { StoredOffset } from '../../offset/offset-store.ts'
import { behindTheirSecond, listTables, type CatalogTable, type TableName } from './catalog.ts'
import type { MysqlTableShape } from './column.ts'
import type { ControlConnection } from './control.ts'
import { createSchemaModel } from './ddl/schema-model.ts'
import { readDefinitions, type Definitions } from './definitions.ts'
import { checkNotReset } from './file-beginning.ts'
import type { DumpFrom, Flavor, StoredIdentity } from './flavor.ts'
import { handOver, type HandOver } from './hand-over.ts'
import { OpenXaTransactions } from './open-xa.ts'
import { planStart, type Plan } from './plan.ts'
import { MysqlPosition } from './position.ts'
import { readPrepared } from './prepared-reader.ts'
import type { ReplicationOptions } from './replication.ts'
import { SchemaLog, type ChangePlace } from './schema-log.ts'
import { checkLog, readServerFacts, type ServerFacts } from './server.ts'
import type { Settings } from './settings.ts'
import { MysqlStream, type Past } from './stream.ts'
import { TableCache } from './table-cache.ts'
import { isTold, toldTable } from './told-table.ts'
import { MysqlTable, type TableSurroundings } from './table.ts'

/** What is found out in any case. */
interface Surroundings {
  readonly settings: Settings
  readonly flavor: Flavor
  readonly control: ControlConnection
  readonly context: SourceContext
  readonly facts: ServerFacts
  readonly past: Past
  readonly signal: AbortSignal
}

/** Where a start begins. */
interface Started {
  readonly handOver: HandOver | undefined
  readonly from: MysqlPosition | undefined
  readonly dump: DumpFrom | undefined
  /** What was read of the tables. */
  readonly definitions: Definitions
  /** The tables whose rows are read. */
  readonly captured?: readonly CatalogTable[]
  readonly fresh?: boolean
}

const NO_DEFINITIONS: Definitions = { changes: [], statements: new Map() }

/** One start: finds out what is there, checks continuity, reads the tables' definitions. */
export class Opening {
  readonly #is: Surroundings
  readonly #schema: SchemaLog

  private constructor(is: Surroundings) {
    this.#is = is
    const { settings, flavor, facts, context } = is
    const model = createSchemaModel({ flavor: flavor.kind, lowerCaseTableNames: facts.lowerCaseTableNames, serverCharset: facts.charset, comments: settings.schemaComments })
    this.#schema = new SchemaLog(model, settings.history, flavor, settings.historyServer, context.clock)
  }

  static async begin(settings: Settings, flavor: Flavor, control: ControlConnection, context: SourceContext, past: Past, signal: AbortSignal): Promise<Opening> {
    const facts = await readServerFacts(control.query, flavor.kind)
    checkLog(facts)
    past.history ??= settings.history?.open({ clock: context.clock, logger: context.logger }, signal).catch((error: unknown) => {
      past.history = undefined
      throw error
    })
    await past.history
    past.serverId ??= settings.serverId ?? randomServerId(context.random)
    return new Opening({ settings, flavor, control, context, facts, past, signal })
  }

  async stream(from: StoredOffset | undefined): Promise<MysqlStream> {
    const { settings, flavor, context, control, past } = this.#is
    const stored = from === undefined ? undefined : MysqlPosition.fromJSON(from.position, flavor.parseGtids)
    const { dump, broken } = await this.#resume(from, stored)
    // `always` means each start, not each time the network fails
    const mode = settings.snapshotMode === 'always' && past.streamed ? 'initial' : settings.snapshotMode
    const plan = planStart(mode, stored, broken)
    if (isTaken(plan, stored)) await this.#delay()
    const tables = await this.#tables()
    const started = await this.#begin(plan, stored, dump, tables).catch(goneMeanwhile)
    const surroundings = { connector: flavor.kind, parsers: settings.parsers, warn: context.warn, columnRules: settings.columnRules, convert: settings.convert }
    const reading = { model: this.#schema.model, tables: new TableCache(this.#schema.model, settings.filter, surroundings), xa: new OpenXaTransactions(settings.maxXaBytes) }
    const replication = this.#replication(surroundings)
    // a new snapshot does not show what is prepared, and the log behind it has its XA COMMIT only
    for (const open of started.handOver === undefined ? (started.from?.xa ?? []) : []) await readPrepared(open, settings.connection, replication, reading, context, this.#is.signal)
    return new MysqlStream({
      identity: this.#identity(), tables: started.captured ?? [], past,
      snapshot: { origin: this.#origin(), surroundings, maxEventBytes: settings.maxEventBytes, skipped: settings.skipped.has('r'), shapeOf: (table) => this.#shapeOf(table), definitions: started.definitions, schemaTable: (change) => this.#schemaTable(change, surroundings) },
      reading, replication, handOver: started.handOver, from: started.from, dump: started.dump, fresh: started.fresh ?? (from !== undefined && Object.keys(from.identity).length === 0),
    }, settings, control, context)
  }

  /** How the stored position is gone on from, and why it cannot be. */
  async #resume(from: StoredOffset | undefined, stored: MysqlPosition | undefined): Promise<{ readonly dump?: DumpFrom; readonly broken?: TailraceError }> {
    const { settings, flavor, facts, control, context, signal } = this.#is
    if (from === undefined || stored?.phase !== 'stream' || settings.snapshotMode === 'initial_only') return {}
    try {
      const identity: StoredIdentity = { uuid: text(from.identity['server']), serverId: typeof from.identity['serverId'] === 'number' ? from.identity['serverId'] : undefined }
      const position = settings.ignoreGtids ? new MysqlPosition(stored.phase, stored, undefined, stored) : stored
      const dump = await flavor.resume(position, identity, facts, control.query)
      if (dump.by === 'gtid-set' && identity.uuid === facts.uuid) await checkNotReset(position, control.query, settings.connection, this.#dumpSettings(), context, signal)
      const broken = await this.#unknownTables(stored, dump)
      return broken === undefined ? { dump } : { dump, broken }
    } catch (error) {
      if (!isTailraceError(error) || error.kind !== 'fatal') throw error
      return { broken: error }
    }
  }

  /** Brings the tables' definitions to the stored position; the error where nothing says what they were. */
  async #unknownTables(stored: MysqlPosition, dump: DumpFrom): Promise<TailraceError | undefined> {
    const { settings, facts, signal } = this.#is
    if (await this.#schema.recover(stored, dump.by, signal)) return undefined
    const metadata = facts.variables.get('binlog_row_metadata') ?? 'unknown'
    if (metadata === 'FULL') return undefined
    return new TailraceError('TR_MYSQL_HISTORY_MISSING', { message: settings.history === undefined ? 'There is no schema history, and the server does not log the tables’ definitions' : 'The schema history is empty', where: { binlog_row_metadata: metadata } })
  }

  /** Before an engine's first snapshot, not before each attempt. */
  async #delay(): Promise<void> {
    const { settings, context, past, signal } = this.#is
    if (settings.snapshotDelayMs > 0 && !past.delayed) await pause(settings.snapshotDelayMs, context.clock, signal)
    signal.throwIfAborted()
    past.delayed = true
  }

  async #begin(plan: Plan, stored: MysqlPosition | undefined, dump: DumpFrom | undefined, tables: readonly CatalogTable[]): Promise<Started> {
    const { facts, control } = this.#is
    if (isTaken(plan, stored)) return await this.#snapshot(plan, this.#captured(tables))
    const definitions = plan.definitions ? await readDefinitions(control.query, this.#schema, facts, tables, placeOf(stored!, facts)) : NO_DEFINITIONS
    return { handOver: undefined, from: plan.stream ? stored : undefined, dump, definitions }
  }

  /** `listed`: the captured tables; nobody can alter them until their definitions are read. */
  async #snapshot(plan: Plan, listed: readonly TableName[]): Promise<Started> {
    const { settings, flavor, facts, control, context, signal } = this.#is
    const handed = await handOver({ connection: settings.connection, flavor, facts, locking: settings.locking, lockTimeoutMs: settings.lockTimeoutMs, clock: context.clock, reach: context.reach }, listed, signal)
    try {
      const { place, query } = handed
      const from = new MysqlPosition('stream', place, place.gtids)
      const tables = await listTables(query)
      const captured = this.#captured(tables)
      refuseCreated(captured, listed)
      // what is told of captured tables alone is told in the order that they are read in
      const defined = settings.schemaChanges === true ? [...captured, ...tables.filter((table) => !captured.includes(table))] : tables
      const definitions = await readDefinitions(query, this.#schema, facts, defined, placeOf(new MysqlPosition('snapshot', place, place.gtids), facts))
      if (plan.rows && flavor.showsInstantDdl) await behindTheirSecond(query, captured, context.clock, signal)
      if (settings.locking !== 'extended') await handed.unlock()
      const behind = await flavor.resume(from, { uuid: facts.uuid, serverId: facts.serverId }, facts, control.query)
      if (plan.rows) return { handOver: handed, from: plan.stream ? from : undefined, dump: behind, definitions, captured }
      await handed.close()
      return { handOver: undefined, from, dump: behind, definitions, fresh: true }
    } catch (error) {
      await handed.close()
      throw error
    }
  }

  async #tables(): Promise<CatalogTable[]> {
    const { settings, control } = this.#is
    const tables = await listTables(control.query)
    const missing = settings.filter.named.find((name) => !tables.some((table) => `${table.database}.${table.name}` === name))
    if (missing !== undefined) throw new TailraceError('TR_MYSQL_TABLE_MISSING', { message: `The table ${missing} does not exist`, where: { table: missing } })
    return tables
  }

  /** In the order of the patterns, and of their names. */
  #captured(tables: readonly CatalogTable[]): CatalogTable[] {
    const { filter } = this.#is.settings
    const captured = tables.filter(({ database, name, sequence }) => !sequence && filter.captures(database, name))
    return captured.map((table) => [filter.rank(table.database, table.name), table] as const).sort(([one], [other]) => one - other).map(([, table]) => table)
  }

  #shapeOf(table: CatalogTable): NonNullable<ReturnType<SchemaLog['model']['get']>> {
    const shape = this.#schema.model.get(table.database, table.name)
    if (shape === undefined) throw new TailraceError('TR_MYSQL_SNAPSHOT', { message: `The table ${table.database}.${table.name} was dropped before its definition was read`, where: { database: table.database, table: table.name } })
    return shape
  }

  #schemaTable(change: SchemaChange, surroundings: TableSurroundings): MysqlTable | undefined {
    if (!isTold(change, this.#is.settings)) return undefined
    const { database, table = '' } = change.changes[0] ?? { database: change.database }
    return new MysqlTable(emptyTable(database, table), undefined, surroundings, toldTable(change))
  }

  #replication(surroundings: TableSurroundings): ReplicationOptions {
    const { settings, flavor, past, facts, context } = this.#is
    const serverId = past.serverId!
    const { model } = this.#schema
    return {
      origin: this.#origin(), skipped: settings.skipped, maxEventBytes: settings.maxEventBytes, maxXaBytes: settings.maxXaBytes, includeQuery: settings.includeQuery, transactionMetadata: settings.transactionMetadata, serverId, heartbeatMs: settings.heartbeatMs, flags: flavor.dumpFlags(settings.includeQuery, facts),
      settings: this.#dumpSettings(),
      store: (changes, group, seconds) => this.#schema.store(changes, { file: group.place.file, pos: group.begin, gtids: group.gtidsBefore, serverId: group.serverId, seconds, events: group.open || flavor.beginsWithGtid ? group.events : 0, snapshot: false }),
      leavesOut: settings.gtidSources === undefined ? undefined : (gtid) => !settings.gtidSources!.delivers(flavor.sourceOf(gtid)),
      noTable: new MysqlTable(emptyTable('', ''), undefined, surroundings), schemaTable: (change) => this.#schemaTable(change, surroundings),
      tableOf: (database, name) => {
        if (settings.skipped.has('t')) return undefined
        const shape = settings.filter.captures(database, name) ? model.get(database, name) : undefined
        return shape === undefined ? undefined : new MysqlTable(shape, undefined, surroundings)
      },
      onStatementRows: ({ database }, { place }) => {
        // what the server and its hosts keep for themselves
        if (!settings.filter.capturesDatabase(database) && database !== '') return
        const error = new TailraceError('TR_MYSQL_STATEMENT_FORMAT', { message: `The log has a statement in the place of its rows at ${place.file}:${place.pos}`, where: { file: place.file, pos: place.pos, database, binlog_format: facts.variables.get('binlog_format') ?? 'unknown' } })
        if (settings.statementFormat === 'fail') throw error
        context.warn(error)
      },
      onUnloggedRows: ({ database, name }, { place }) => {
        if (!settings.filter.captures(database, name)) return
        context.warn(new TailraceError('TR_MYSQL_UNLOGGED_ROWS', { message: `A statement at ${place.file}:${place.pos} took rows away from ${database}.${name}, or brought some, that the log does not have`, where: { file: place.file, pos: place.pos, database, table: name } }))
      },
    }
  }

  #dumpSettings(): readonly string[] {
    const { settings, flavor, past } = this.#is
    return flavor.dumpSettings({ heartbeatMs: settings.heartbeatMs, netWriteTimeoutSeconds: settings.netWriteTimeoutSeconds, serverId: past.serverId! })
  }

  #origin(): string {
    const { facts } = this.#is
    return `${facts.kind}:${facts.uuid ?? facts.serverId}`
  }

  #identity(): Readonly<Record<string, JsonValue>> {
    const { facts } = this.#is
    return { kind: facts.kind, ...(facts.uuid === undefined ? {} : { server: facts.uuid }), serverId: facts.serverId }
  }
}

function placeOf({ file, pos, gtids, phase, seconds }: MysqlPosition, facts: ServerFacts): ChangePlace {
  return { file, pos, gtids, serverId: phase === 'snapshot' ? 0 : facts.serverId, seconds, events: 0, snapshot: true }
}

/** Reads rows, or definitions that belong to a new place in the log. */
function isTaken(plan: Plan, stored: MysqlPosition | undefined): boolean {
  return plan.definitions && (plan.rows || stored?.phase !== 'stream')
}

/** A table that came between the list and the snapshot's place would be in neither the snapshot nor the log behind it: another attempt sees it. */
function refuseCreated(captured: readonly TableName[], listed: readonly TableName[]): void {
  const known = new Set(listed.map(({ database, name }) => `${database}.${name}`))
  const created = captured.find(({ database, name }) => !known.has(`${database}.${name}`))
  if (created !== undefined) throw new TailraceError('TR_MYSQL_SNAPSHOT', { message: `The table ${created.database}.${created.name} was created while the snapshot was prepared`, where: { database: created.database, table: created.name } })
}

/** Between the list of the tables and the lock, one of them was renamed or dropped: another attempt sees it as it is. */
function goneMeanwhile(error: unknown): never {
  if (!isTailraceError(error) || error.code !== 'TR_MYSQL_TABLE_MISSING') throw error
  throw new TailraceError('TR_MYSQL_SNAPSHOT', { message: `A table was renamed or dropped while the snapshot was prepared: ${error.message}`, where: error.where, cause: error })
}

/** For what is told of a table, or of none, and has no row. */
function emptyTable(database: string, name: string): MysqlTableShape {
  return { database, name, columns: [], key: [], charset: undefined, comment: undefined }
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** From the upper half: ids that people give are small. */
function randomServerId(random: () => number): number {
  return 2 ** 31 + Math.floor(random() * (2 ** 31 - 1))
}

