import { randomBytes } from 'node:crypto'
import { createEngine } from '../create-engine.ts'
import type { Engine } from '../engine/engine.ts'
import { TailraceError } from '../error/tailrace-error.ts'
import type { ChangeEvent } from '../event/change-event.ts'
import { memoryOffsets } from '../offset/memory/memory-offsets.ts'
import { changeLine } from './change-line.ts'
import { exitCodeOf, type ExitCode } from './exit-code.ts'
import { redaction } from './redaction.ts'
import { screen, type Screen } from './screen.ts'
import { Status } from './status.ts'
import type { Surroundings } from './surroundings.ts'
import { isMysqlUrl, watchedMysql } from './watched-mysql.ts'
import { watchedPostgres } from './watched-postgres.ts'
import type { TailRequest, Watched } from './watched.ts'

/** `tailrace tail`: shows a database's rows and changes until it is stopped. Leaves nothing behind on the server. */
export async function tail(request: TailRequest, surroundings: Surroundings): Promise<ExitCode> {
  let status = new Status(surroundings.stderr, 'text', redaction([], []))
  try {
    const url = request.url === '-' ? surroundings.environment['DATABASE_URL'] : request.url
    if (url === undefined) throw new TailraceError('TR_CONFIG_INVALID', { message: 'The environment variable DATABASE_URL is not set' })
    const watched = watchedBy(url)
    status = new Status(surroundings.stderr, 'text', watched.redact)
    await watch(watched, request, surroundings, status)
    return 0
  } catch (error) {
    status.failed(error)
    return exitCodeOf(error)
  }
}

function watchedBy(url: string): Watched {
  if (isMysqlUrl(url)) return watchedMysql(url)
  // another scheme, or none: the text may hold a password and is not repeated
  if (!/^postgres(ql)?:/i.test(url)) throw new TailraceError('TR_CONFIG_INVALID', { message: 'The URL must begin with postgres://, mysql:// or mariadb://', remedy: 'See tailrace tail --help' })
  return watchedPostgres(url)
}

async function watch(watched: Watched, request: TailRequest, surroundings: Surroundings, status: Status): Promise<void> {
  // A name of its own, so that several can watch the same database.
  const name = `tailrace_tail_${randomBytes(6).toString('hex')}`
  const source = await watched.source(name, request, (error) => status.warning(error))
  const display = screen(surroundings.stdout, surroundings.stderr)
  const colour = surroundings.stdout.isTTY === true && surroundings.environment['NO_COLOR'] === undefined
  const engine = createEngine({ name, source, offsets: memoryOffsets(), sink: (events) => show(display, events, colour) })
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
    await watched.tidyUp(name)
  }
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
