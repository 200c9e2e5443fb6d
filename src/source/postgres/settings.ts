import type { Operation } from '../../event/change-event.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import { columnRules, type ColumnRules } from '../column-rule.ts'
import { ResolvedConnection } from './connection.ts'
import type { PostgresOptions, PublicationMode, SnapshotMode } from './options.ts'
import { TableFilter } from './table-filter.ts'
import type { Parsers } from './value/row-decoder.ts'

/** {@link PostgresOptions} with every default filled in and every value checked. */
export interface Settings {
  readonly connection: ResolvedConnection
  readonly filter: TableFilter
  readonly snapshotMode: SnapshotMode
  readonly snapshotDelayMs: number
  readonly lockTimeoutMs: number
  readonly slot: string
  readonly createSlot: boolean
  readonly dropSlotOnStop: boolean
  readonly slotCreateTimeoutMs: number
  readonly slotActiveTimeoutMs: number
  readonly publication: string
  readonly publicationMode: PublicationMode
  readonly replicaIdentity: NonNullable<PostgresOptions['replicaIdentity']>
  readonly messages: boolean
  readonly transactionMetadata: boolean
  readonly skipped: ReadonlySet<Operation>
  readonly columnRules: ColumnRules | undefined
  readonly parsers: Parsers
  readonly statusIntervalMs: number
  readonly maxMessageBytes: number
}

const SNAPSHOT_MODES: readonly SnapshotMode[] = ['initial', 'always', 'initial_only', 'no_data', 'when_needed']
const PUBLICATION_MODES: readonly PublicationMode[] = ['filtered', 'all_tables', 'disabled', 'no_tables']

/** Errors: TR_CONFIG_INVALID, naming every problem at once. */
export function resolveSettings(options: PostgresOptions): Settings {
  const problems: string[] = []
  const slot = options.slot?.name ?? 'tailrace'
  // replication commands take no parameters: the name is held to what the server allows
  if (!/^[a-z0-9_]{1,63}$/.test(slot)) problems.push(`slot.name ${JSON.stringify(slot)} must be 1 to 63 lower-case letters, digits and underscores`)
  const publication = options.publication?.name ?? 'tailrace'
  if (publication === '' || Buffer.byteLength(publication) > 63 || publication.includes('\0')) problems.push('publication.name must be 1 to 63 bytes')
  const number = (name: string, value: number | undefined, fallback: number, least: number): number => {
    if (value === undefined) return fallback
    if (!Number.isFinite(value) || value < least) problems.push(`${name} must be a number of at least ${least}`)
    return value
  }
  const choice = <Word extends string>(name: string, value: Word | undefined, fallback: Word, words: readonly Word[]): Word => {
    if (value !== undefined && !words.includes(value)) problems.push(`${name} must be one of ${words.join(', ')}`)
    return value ?? fallback
  }
  for (const operation of options.skippedOperations ?? []) if (!'cudtrm'.includes(operation)) problems.push('skippedOperations must be of c, u, d, t, r, m')
  const settings = {
    connection: new ResolvedConnection(options.connection, options.connect),
    filter: new TableFilter(options),
    snapshotMode: choice('snapshot.mode', options.snapshot?.mode, 'initial', SNAPSHOT_MODES),
    snapshotDelayMs: number('snapshot.delayMs', options.snapshot?.delayMs, 0, 0),
    lockTimeoutMs: number('snapshot.lockTimeoutMs', options.snapshot?.lockTimeoutMs, 10_000, 0),
    slot,
    createSlot: options.slot?.create ?? true,
    dropSlotOnStop: options.slot?.dropOnStop ?? false,
    slotCreateTimeoutMs: number('slot.createTimeoutMs', options.slot?.createTimeoutMs, 90_000, 1),
    slotActiveTimeoutMs: number('slot.activeTimeoutMs', options.slot?.activeTimeoutMs, 10_000, 0),
    publication,
    publicationMode: choice('publication.create', options.publication?.create, 'filtered', PUBLICATION_MODES),
    replicaIdentity: options.replicaIdentity ?? [],
    messages: options.messages ?? false,
    transactionMetadata: options.transactionMetadata ?? false,
    skipped: new Set<Operation>(options.skippedOperations ?? []),
    columnRules: columnRules(options.columns),
    parsers: options.parsers ?? {},
    statusIntervalMs: number('status.intervalMs', options.status?.intervalMs, 10_000, 1),
    maxMessageBytes: number('limits.maxMessageBytes', options.limits?.maxMessageBytes, 256 * 1024 * 1024, 1024),
  } as const
  if (problems.length > 0) throw new TailraceError('TR_CONFIG_INVALID', { message: `The PostgreSQL options are not valid: ${problems.join('; ')}` })
  return settings
}
