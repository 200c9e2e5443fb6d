import { randomBytes } from 'node:crypto'
import { createEngine } from '../create-engine.ts'
import type { Engine } from '../engine/engine.ts'
import { TailraceError } from '../error/tailrace-error.ts'
import type { ChangeEvent } from '../event/change-event.ts'
import { memoryOffsets } from '../offset/memory/memory-offsets.ts'
import { ResolvedConnection } from '../source/postgres/connection.ts'
import { postgres, type PostgresOptions } from '../source/postgres/index.ts'
import { changeLine } from './change-line.ts'
import type { Request } from './command-line.ts'
import { exitCodeOf, type ExitCode } from './exit-code.ts'
import { dropLeftovers } from './leftover.ts'
import { redaction } from './redaction.ts'
import { screen, type Screen } from './screen.ts'
import { Status } from './status.ts'
import type { Surroundings } from './surroundings.ts'

type TailRequest = Extract<Request, { kind: 'tail' }>

/** `tailrace tail`: shows a database's rows and changes until it is stopped. Leaves nothing behind on the server. */
export async function tail(request: TailRequest, surroundings: Surroundings): Promise<ExitCode> {
  let status = new Status(surroundings.stderr, 'text', redaction([], []))
  try {
    const url = request.url === '-' ? surroundings.environment['DATABASE_URL'] : request.url
    if (url === undefined) throw new TailraceError('TR_CONFIG_INVALID', { message: 'The environment variable DATABASE_URL is not set' })
    const connection = new ResolvedConnection(url, undefined)
    const { password, user, database, host } = connection
    status = new Status(surroundings.stderr, 'text', redaction([typeof password === 'string' ? password : undefined, connection.sslpassword], [user, database, host]))
    await watch(url, connection, request, surroundings, status)
    return 0
  } catch (error) {
    status.failed(error)
    return exitCodeOf(error)
  }
}

async function watch(url: string, connection: ResolvedConnection, request: TailRequest, surroundings: Surroundings, status: Status): Promise<void> {
  // A name of its own, so that several can watch the same database.
  const name = `tailrace_tail_${randomBytes(6).toString('hex')}`
  const options: PostgresOptions = {
    connection: url,
    ...(request.tables.length === 0 ? {} : { tables: request.tables }),
    snapshot: { mode: request.fromNow ? 'no_data' : 'initial' },
    slot: { name, dropOnStop: true },
    publication: { name, create: 'filtered' },
  }
  const excludeTables = await unsafeTables(options, request, status)
  const display = screen(surroundings.stdout, surroundings.stderr)
  const colour = surroundings.stdout.isTTY === true && surroundings.environment['NO_COLOR'] === undefined
  const engine = createEngine({
    name, source: postgres({ ...options, excludeTables }), offsets: memoryOffsets(),
    sink: (events) => show(display, events, colour),
  })
  status.follow(engine)
  const stopWatching = watchProgress(engine, display)
  try {
    await engine.run({ signal: surroundings.signal })
  } catch (error) {
    // `tailrace tail … | head` has all it wanted.
    if (!display.abandoned) throw error
  } finally {
    stopWatching()
    display.settle()
    await dropLeftovers(connection, name, name)
  }
}

/**
 * Tables whose UPDATE and DELETE would fail once they are published, because they have no replica identity. A tool that only
 * looks must not break what it looks at: they are left out, unless they were asked for by name, which preflight then refuses.
 */
async function unsafeTables(options: PostgresOptions, request: TailRequest, status: Status): Promise<string[]> {
  const findings = await createEngine({ name: 'tail', source: postgres(options), offsets: memoryOffsets(), sink: () => {} }).preflight()
  const unsafe = findings.map(({ error }) => error).filter((error) => error.code === 'TR_PG_REPLICA_IDENTITY' && !request.tables.includes(String(error.where['table'])))
  for (const error of unsafe) {
    const table = String(error.where['table'])
    const message = `${table} is not watched: it has no replica identity, and publishing it would make UPDATE and DELETE on it fail`
    status.warning(new TailraceError('TR_PG_REPLICA_IDENTITY', { message, remedy: `Give ${table} a primary key or REPLICA IDENTITY FULL to watch it`, where: { table } }))
  }
  return unsafe.map((error) => String(error.where['table']))
}

async function show(display: Screen, events: readonly ChangeEvent[], colour: boolean): Promise<void> {
  await display.print(events.map((event) => changeLine(event, colour)))
}

const PROGRESS_MS = 200

/** Shows how far the snapshot is; returns what ends it. */
function watchProgress(engine: Engine, display: Screen): () => void {
  const timer = setInterval(() => {
    if (engine.state === 'snapshot') display.progress(engine.stats().snapshot)
  }, PROGRESS_MS)
  timer.unref()
  engine.on('state', ({ state }) => {
    if (state !== 'snapshot') display.settle()
  })
  return () => clearInterval(timer)
}
