import type pg from 'pg'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { Query } from './control.ts'
import { parseLsn } from './position.ts'
import { toServerError } from './wire/server-error.ts'

/** What the server says of itself. */
export interface ServerFacts {
  /** `170010` for 17.10. */
  readonly version: number
  readonly versionText: string
  readonly encoding: string
  readonly walLevel: string
  readonly database: string
  readonly inRecovery: boolean
  /** Milliseconds, 0: never. */
  readonly walSenderTimeoutMs: number
  /** WAL written (replayed, on a standby). */
  readonly walLsn: bigint
}

export async function readServerFacts(query: Query): Promise<ServerFacts> {
  const [row] = await query(`select current_setting('server_version_num')::int as version, current_setting('server_version') as text, pg_encoding_to_char(d.encoding) as encoding,
    current_setting('wal_level') as wal_level, d.datname as database, pg_is_in_recovery() as recovery,
    (select setting::int from pg_settings where name = 'wal_sender_timeout') as timeout,
    case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end::text as lsn
    from pg_database d where d.datname = current_database()`)
  return {
    version: row!['version'] as number, versionText: row!['text'] as string, encoding: row!['encoding'] as string, walLevel: row!['wal_level'] as string, database: row!['database'] as string,
    inRecovery: row!['recovery'] as boolean, walSenderTimeoutMs: row!['timeout'] as number, walLsn: parseLsn(row!['lsn'] as string) ?? 0n,
  }
}

/** IDENTIFY_SYSTEM, on a replication connection. */
export interface SystemIdentity {
  readonly systemId: string
  readonly timeline: number
  readonly walLsn: bigint
}

export async function identifySystem(client: pg.Client): Promise<SystemIdentity> {
  try {
    const { rows } = await client.query<{ systemid: string; timeline: number; xlogpos: string }>('IDENTIFY_SYSTEM')
    return { systemId: rows[0]!.systemid, timeline: Number(rows[0]!.timeline), walLsn: parseLsn(rows[0]!.xlogpos)! }
  } catch (error) {
    throw toServerError(error, 'identifying the system')
  }
}

/**
 * Where the server left timeline `stored`: the switch point, from the history file of its present timeline (lines of
 * timeline, LSN, reason). Undefined when it never was on it.
 */
export async function switchPoint(client: pg.Client, present: number, stored: number): Promise<bigint | undefined> {
  try {
    const { rows } = await client.query<{ content: string | Buffer }>(`TIMELINE_HISTORY ${present}`)
    for (const line of String(rows[0]?.content ?? '').split('\n')) {
      const [timeline, lsn] = line.trim().split(/\s+/)
      if (Number(timeline) === stored && lsn !== undefined) return parseLsn(lsn)
    }
    return undefined
  } catch (error) {
    throw new TailraceError('TR_PG_TIMELINE_DIVERGED', { message: `The history of timeline ${present} cannot be read`, cause: toServerError(error, 'reading the timeline history') })
  }
}
