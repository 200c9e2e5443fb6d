import type { Finding, Source, SourceContext, ChangeStream } from '../source.ts'
import type { StoredOffset } from '../../offset/offset-store.ts'
import { ControlConnection } from './control.ts'
import type { PostgresOptions } from './options.ts'
import type { preflight as Preflight } from './preflight.ts'
import { resolveSettings, type Settings } from './settings.ts'
import type { Past } from './stream.ts'
import { connect, disconnect } from './wire/connect.ts'

// out here, for TypeScript 6.0 leaves the ending of a file's name as it is where `await using` stands in the same function
const loadPreflight = async (): Promise<typeof Preflight> => (await import('./preflight.ts')).preflight

/** PostgreSQL 14 to 18 through a logical replication slot and pgoutput. What reads it is loaded when it is opened: the command knows every source and opens one. */
export class PostgresSource implements Source {
  readonly kind = 'postgresql' as const
  readonly #settings: Settings
  readonly #past: Past = { streamed: false, delayed: false }

  constructor(options: PostgresOptions) {
    this.#settings = resolveSettings(options)
  }

  async preflight(context: SourceContext, signal: AbortSignal): Promise<Finding[]> {
    const preflight = await loadPreflight()
    await using control = new ControlConnection(this.#settings.connection, signal)
    // awaited here: the connection must outlive the questions
    return await preflight(control.query, this.#settings, context)
  }

  async open(from: StoredOffset | undefined, context: SourceContext, signal: AbortSignal): Promise<ChangeStream> {
    const { Opening } = await import('./opening.ts')
    const settings = this.#settings
    const control = new ControlConnection(settings.connection, signal)
    const walsender = await connect(settings.connection, 'replication', signal)
    try {
      context.reach('source.connected')
      const opening = await Opening.begin(settings, control, walsender, context, this.#past)
      return await opening.stream(from, walsender, signal)
    } catch (error) {
      await control[Symbol.asyncDispose]()
      throw error
    } finally {
      await disconnect(walsender)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
