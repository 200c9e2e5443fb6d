import { createEngine } from '../create-engine.ts'
import { TailraceError } from '../error/tailrace-error.ts'
import { memoryOffsets } from '../offset/memory/memory-offsets.ts'
import { ResolvedConnection } from '../source/postgres/connection.ts'
import { postgres, type PostgresOptions } from '../source/postgres/index.ts'
import type { Source } from '../source/source.ts'
import { dropLeftovers } from './leftover.ts'
import { redaction } from './redaction.ts'
import type { TailRequest, Watched } from './watched.ts'

/** The database of a URL `postgres://…`. Errors: TR_CONFIG_INVALID. */
export function watchedPostgres(url: string): Watched {
  const connection = new ResolvedConnection(url, undefined)
  const { password, user, database, host } = connection
  return {
    redact: redaction([typeof password === 'string' ? password : undefined, connection.sslpassword], [user, database, host]),
    source: (name, request, warn) => source(url, name, request, warn),
    tidyUp: (name) => dropLeftovers(connection, name, name),
  }
}

async function source(url: string, name: string, request: TailRequest, warn: (error: TailraceError) => void): Promise<Source> {
  const options: PostgresOptions = {
    connection: url,
    ...(request.tables.length === 0 ? {} : { tables: request.tables }),
    snapshot: { mode: request.fromNow ? 'no_data' : 'initial' },
    slot: { name, dropOnStop: true },
    publication: { name, create: 'filtered' },
  }
  return postgres({ ...options, excludeTables: await unsafeTables(options, request, warn) })
}

/**
 * Tables whose UPDATE and DELETE would fail once they are published, because they have no replica identity. A tool that only
 * looks must not break what it looks at: they are left out, unless they were asked for by name, which preflight then refuses.
 */
async function unsafeTables(options: PostgresOptions, request: TailRequest, warn: (error: TailraceError) => void): Promise<string[]> {
  const findings = await createEngine({ name: 'tail', source: postgres(options), offsets: memoryOffsets(), sink: () => {} }).preflight()
  const unsafe = findings.map(({ error }) => error).filter((error) => error.code === 'TR_PG_REPLICA_IDENTITY' && !request.tables.includes(String(error.where['table'])))
  for (const error of unsafe) {
    const table = String(error.where['table'])
    const message = `${table} is not watched: it has no replica identity, and publishing it would make UPDATE and DELETE on it fail`
    warn(new TailraceError('TR_PG_REPLICA_IDENTITY', { message, remedy: `Give ${table} a primary key or REPLICA IDENTITY FULL to watch it`, where: { table } }))
  }
  return unsafe.map((error) => String(error.where['table']))
}
