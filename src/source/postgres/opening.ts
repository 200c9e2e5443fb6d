import type pg from 'pg'
import { pause } from '../../async/abort.ts'
import type { SourceContext } from '../source.ts'
import { isTailraceError, TailraceError } from '../../error/tailrace-error.ts'
import type { StoredOffset } from '../../offset/offset-store.ts'
import { capturedTables, ensurePublication, setReplicaIdentities, snapshotTables } from './capture.ts'
import { checkLineage, checkPublication, checkSlot, isBound, refuseStandby, withStart } from './continuity.ts'
import type { CatalogTable } from './catalog.ts'
import type { ControlConnection } from './control.ts'
import { handOver, type HandOver } from './hand-over.ts'
import { planStart, type Plan } from './plan.ts'
import { PgPosition } from './position.ts'
import { fingerprint, isPublished, readPublication, type Publication } from './publication.ts'
import { identifySystem, readServerFacts, type ServerFacts, type SystemIdentity } from './server.ts'
import type { Settings } from './settings.ts'
import { checkSuitable, createSlot, dropSlot, isLost, readFinishedSlot, readFreeSlot, type Slot } from './slot.ts'
import { PostgresStream, type Past } from './stream.ts'
import { connect, disconnect } from './wire/connect.ts'
import { toServerError } from './wire/server-error.ts'

/** One start: finds out what is there, checks continuity, makes what is missing. */
export class Opening {
  readonly #settings: Settings
  readonly #control: ControlConnection
  readonly #context: SourceContext
  readonly #facts: ServerFacts
  readonly #system: SystemIdentity
  readonly #past: Past

  private constructor(settings: Settings, control: ControlConnection, context: SourceContext, facts: ServerFacts, system: SystemIdentity, past: Past) {
    this.#settings = settings
    this.#control = control
    this.#context = context
    this.#facts = facts
    this.#system = system
    this.#past = past
  }

  static async begin(settings: Settings, control: ControlConnection, walsender: pg.Client, context: SourceContext, past: Past): Promise<Opening> {
    const facts = await readServerFacts(control.query)
    return new Opening(settings, control, context, facts, await identifySystem(walsender), past)
  }

  async stream(from: StoredOffset | undefined, walsender: pg.Client, signal: AbortSignal): Promise<PostgresStream> {
    const settings = this.#settings
    const { query } = this.#control
    const given = from === undefined ? undefined : PgPosition.fromJSON(from.position)
    refuseStandby(from, this.#facts)
    const finished = await readFinishedSlot(query, settings.slot, settings.slotCreateTimeoutMs, this.#context.clock, signal)
    if (from !== undefined) await checkLineage(from, given!, this.#system, this.#facts.database, settings.slot, walsender)
    // before anything is made, or a whole snapshot delivered, for a stream that another consumer has
    const slot = finished !== undefined && given?.phase !== 'stream' && settings.snapshotMode !== 'initial_only'
      ? await readFreeSlot(query, settings.slot, settings.slotActiveTimeoutMs, this.#context.clock, signal) : finished
    const stored = withStart(given, slot)
    const tables = await capturedTables(query, settings)
    await setReplicaIdentities(query, settings, tables)
    const publication = await ensurePublication(query, settings, tables, this.#facts.version)
    // `always` means each start, not each time the network fails
    const mode = settings.snapshotMode === 'always' && this.#past.streamed ? 'initial' : settings.snapshotMode
    const plan = planStart(mode, stored, await this.#broken(from, stored, slot, publication))
    const identity = {
      system: this.#system.systemId, timeline: this.#system.timeline, database: this.#facts.database, slot: settings.slot, ...(this.#facts.inRecovery ? { recovery: true } : {}), ...(publication === undefined ? {} : { publication: fingerprint(publication) }),
    }
    const common = { identity, database: this.#facts.database, origin: `pg:${this.#system.systemId}:${this.#facts.database}`, publication, tables: snapshotTables(tables, publication), walSenderTimeoutMs: this.#facts.walSenderTimeoutMs, serverVersion: this.#facts.version, past: this.#past }
    const started = await this.#begin(plan, stored, slot, common.tables, from !== undefined && !isBound(from), signal)
    return new PostgresStream({ ...common, ...started }, settings, this.#control, this.#context)
  }

  /** Why the stored position cannot be resumed. */
  async #broken(from: StoredOffset | undefined, stored: PgPosition | undefined, slot: Slot | undefined, publication: Publication | undefined): Promise<TailraceError | undefined> {
    if (from === undefined || stored?.phase !== 'stream' || this.#settings.snapshotMode === 'initial_only') return undefined
    try {
      checkSlot(stored, slot, this.#settings.slot, this.#facts.database, this.#system)
      await checkPublication(from, publication, this.#control.query)
      return undefined
    } catch (error) {
      if (!isTailraceError(error) || error.kind !== 'fatal') throw error
      return error
    }
  }

  /** Before an engine's first snapshot, not before each attempt. */
  async #delay(signal: AbortSignal): Promise<void> {
    if (this.#settings.snapshotDelayMs > 0 && !this.#past.delayed) await pause(this.#settings.snapshotDelayMs, this.#context.clock, signal)
    signal.throwIfAborted()
    this.#past.delayed = true
  }

  async #begin(plan: Plan, stored: PgPosition | undefined, slot: Slot | undefined, tables: readonly CatalogTable[], unbound: boolean, signal: AbortSignal): Promise<{ handOver: HandOver | undefined; from: PgPosition | undefined; fresh: boolean }> {
    const settings = this.#settings
    const present = await this.#usable(plan, slot)
    if (plan.snapshot) {
      await this.#delay(signal)
      const handed = await handOver({
        connection: settings.connection, slot: settings.slot, temporary: present !== undefined || !plan.stream, lockTimeoutMs: settings.lockTimeoutMs, createTimeoutMs: settings.slotCreateTimeoutMs,
      }, tables, this.#control.query, this.#context.clock, this.#context.reach, signal)
      await this.#refuseCreated(handed, tables)
      return { handOver: handed, from: plan.stream ? new PgPosition('stream', handed.consistentPoint) : undefined, fresh: true }
    }
    if (!plan.stream) return { handOver: undefined, from: undefined, fresh: false }
    if (stored?.phase === 'stream') return { handOver: undefined, from: stored, fresh: unbound }
    // no_data without a position: from where the slot stands, or from now
    const lsn = present?.confirmedLsn ?? (await this.#makeSlot(signal))
    return { handOver: undefined, from: new PgPosition('stream', lsn), fresh: true }
  }

  /** A published table that came between the list and the snapshot would be in neither the snapshot nor the stream: another attempt sees it. */
  async #refuseCreated({ worker, query }: HandOver, listed: readonly CatalogTable[]): Promise<void> {
    try {
      const publication = await readPublication(query, this.#settings.publication, this.#facts.version)
      const known = new Set(listed.map(({ oid }) => oid))
      const created = snapshotTables(await capturedTables(query, this.#settings), publication).find((table) => !known.has(table.oid) && (publication === undefined || isPublished(publication, table)))
      if (created !== undefined) throw new TailraceError('TR_PG_SNAPSHOT', { message: `The table ${created.schema}.${created.name} was created while the snapshot was prepared`, where: { table: `${created.schema}.${created.name}` } })
    } catch (error) {
      await disconnect(worker)
      throw toServerError(error, 'preparing the snapshot')
    }
  }

  /** The slot to stream from. A lost one, when a new snapshot is due anyway, makes room for a new one. */
  async #usable(plan: Plan, slot: Slot | undefined): Promise<Slot | undefined> {
    if (slot === undefined) {
      if (plan.stream && !this.#settings.createSlot) throw new TailraceError('TR_PG_SLOT_MISSING', { message: `The slot ${this.#settings.slot} does not exist and may not be created`, where: { slot: this.#settings.slot } })
      return undefined
    }
    checkSuitable(slot, this.#facts.database)
    if (!isLost(slot)) return slot
    if (!plan.snapshot || !this.#settings.createSlot) throw new TailraceError('TR_PG_SLOT_LOST', { message: `The server has invalidated the replication slot ${slot.name}`, where: { slot: slot.name } })
    await dropSlot(this.#control.query, slot.name)
    return undefined
  }

  async #makeSlot(signal: AbortSignal): Promise<bigint> {
    const client = await connect(this.#settings.connection, 'replication', signal)
    try {
      const created = await createSlot(client, this.#control.query, this.#settings.slot, false, this.#settings.slotCreateTimeoutMs, this.#context.clock)
      this.#context.reach('source.slot-created')
      return created.consistentPoint
    } finally {
      await disconnect(client)
    }
  }
}
