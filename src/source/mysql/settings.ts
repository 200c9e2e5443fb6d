import type { Operation } from '../../event/change-event.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { SchemaHistory } from '../../schema-history/history.ts'
import { columnRules, type ColumnRules } from '../column-rule.ts'
import { ResolvedConnection } from './connection.ts'
import { GtidSourceFilter } from './gtid-source-filter.ts'
import type { LockingMode, MysqlOptions, SnapshotMode } from './options.ts'
import { TableFilter } from './table-filter.ts'
import { compileConversions, type Convert } from './value/conversion.ts'
import type { Parsers } from './value/row-decoder.ts'

/** {@link MysqlOptions} with every default filled in and every value checked. */
export interface Settings {
  readonly connection: ResolvedConnection
  readonly filter: TableFilter
  /** Undefined: made from what the engine is called. */
  readonly serverId: number | undefined
  readonly history: SchemaHistory | undefined
  readonly historyServer: string
  readonly snapshotMode: SnapshotMode
  readonly locking: LockingMode
  readonly snapshotDelayMs: number
  readonly lockTimeoutMs: number
  readonly schemaChanges: boolean | 'databases' | 'all'
  readonly transactionMetadata: boolean
  readonly schemaComments: boolean
  readonly includeQuery: boolean
  readonly skipped: ReadonlySet<Operation>
  /** Undefined: all are delivered. */
  readonly gtidSources: GtidSourceFilter | undefined
  readonly statementFormat: 'fail' | 'warn'
  readonly ignoreGtids: boolean
  readonly columnRules: ColumnRules | undefined
  readonly convert: Convert | undefined
  readonly parsers: Parsers
  readonly heartbeatMs: number
  readonly netWriteTimeoutSeconds: number
  readonly maxEventBytes: number
  readonly maxXaBytes: number
}

const SNAPSHOT_MODES: readonly SnapshotMode[] = ['initial', 'always', 'initial_only', 'no_data', 'when_needed', 'recovery']
const LOCKING_MODES: readonly LockingMode[] = ['minimal', 'extended', 'none']
const MAX_SERVER_ID = 4_294_967_295

/** Errors: TR_CONFIG_INVALID, naming every problem at once. */
export function resolveSettings(options: MysqlOptions): Settings {
  const problems: string[] = []
  const number = (name: string, value: number | undefined, fallback: number, least: number): number => {
    if (value === undefined) return fallback
    if (!Number.isFinite(value) || value < least) problems.push(`${name} must be a number of at least ${least}`)
    return value
  }
  const choice = <Word extends string | boolean>(name: string, value: Word | undefined, fallback: Word, words: readonly Word[]): Word => {
    if (value !== undefined && !words.includes(value)) problems.push(`${name} must be one of ${words.join(', ')}`)
    return value ?? fallback
  }
  const { serverId } = options
  if (serverId !== undefined && (!Number.isInteger(serverId) || serverId < 1 || serverId > MAX_SERVER_ID)) problems.push(`serverId must be between 1 and ${MAX_SERVER_ID}`)
  for (const operation of options.skippedOperations ?? []) if (!'cudtr'.includes(operation)) problems.push('skippedOperations must be of c, u, d, t, r')
  if (options.gtidSources?.includes !== undefined && options.gtidSources.excludes !== undefined) problems.push('gtidSources has either includes or excludes')
  const settings = {
    connection: new ResolvedConnection(options.connection, options.connect),
    filter: new TableFilter(options),
    serverId,
    history: options.history,
    historyServer: options.historyServer ?? 'tailrace',
    snapshotMode: choice('snapshot.mode', options.snapshot?.mode, 'initial', SNAPSHOT_MODES),
    locking: choice('snapshot.locking', options.snapshot?.locking, 'minimal', LOCKING_MODES),
    snapshotDelayMs: number('snapshot.delayMs', options.snapshot?.delayMs, 0, 0),
    lockTimeoutMs: number('snapshot.lockTimeoutMs', options.snapshot?.lockTimeoutMs, 10_000, 0),
    schemaChanges: choice('schemaChanges', options.schemaChanges, false, [false, true, 'databases', 'all']),
    transactionMetadata: options.transactionMetadata ?? false,
    schemaComments: options.schemaComments ?? false,
    includeQuery: options.includeQuery ?? false,
    skipped: new Set<Operation>(options.skippedOperations ?? []),
    gtidSources: options.gtidSources === undefined ? undefined : new GtidSourceFilter(options.gtidSources),
    statementFormat: choice('statementFormat', options.statementFormat, 'fail', ['fail', 'warn']),
    ignoreGtids: options.ignoreGtids ?? false,
    columnRules: columnRules(options.columns),
    convert: compileConversions(options.columns?.convert),
    parsers: options.parsers ?? {},
    heartbeatMs: number('heartbeat.intervalMs', options.heartbeat?.intervalMs, 10_000, 100),
    netWriteTimeoutSeconds: number('netWriteTimeoutSeconds', options.netWriteTimeoutSeconds, 86_400, 1),
    maxEventBytes: number('limits.maxEventBytes', options.limits?.maxEventBytes, 1024 * 1024 * 1024, 1024),
    maxXaBytes: number('limits.maxXaBytes', options.limits?.maxXaBytes, 256 * 1024 * 1024, 1024),
  } as const
  if (problems.length > 0) throw new TailraceError('TR_CONFIG_INVALID', { message: `The MySQL options are not valid: ${problems.join('; ')}` })
  return settings
}
