import type { Finding, Source, SourceContext, ChangeStream } from '../source.ts'
import { isTailraceError, TailraceError } from '../../error/tailrace-error.ts'
import type { StoredOffset } from '../../offset/offset-store.ts'
import { ControlConnection } from './control.ts'
import type { Flavor } from './flavor.ts'
import type { MysqlOptions } from './options.ts'
import type { preflight as Preflight } from './preflight.ts'
import { resolveSettings, type Settings } from './settings.ts'
import type { Past } from './stream.ts'

// out here, for TypeScript 6.0 leaves the ending of a file's name as it is where `await using` stands in the same function
const loadPreflight = async (): Promise<typeof Preflight> => (await import('./preflight.ts')).preflight

/** MySQL or MariaDB, through the binary log as a replica reads it. What reads it is loaded when it is opened: the command knows every source and opens one. */
export class MysqlSource implements Source {
  readonly kind: Flavor['kind']
  readonly #flavor: Flavor
  readonly #settings: Settings
  readonly #past: Past = { streamed: false, delayed: false, serverId: undefined, history: undefined }

  constructor(options: MysqlOptions, flavor: Flavor) {
    this.kind = flavor.kind
    this.#flavor = flavor
    this.#settings = resolveSettings(options)
  }

  async preflight(context: SourceContext, signal: AbortSignal): Promise<Finding[]> {
    const preflight = await loadPreflight()
    await using control = new ControlConnection(this.#settings.connection, signal)
    // awaited here: the connection must outlive the questions
    return await preflight(control.query, this.#settings, this.#flavor, context, signal)
  }

  async open(from: StoredOffset | undefined, context: SourceContext, signal: AbortSignal): Promise<ChangeStream> {
    const { Opening } = await import('./opening.ts')
    const control = new ControlConnection(this.#settings.connection, signal)
    try {
      const opening = await Opening.begin(this.#settings, this.#flavor, control, context, this.#past, signal)
      context.reach('source.connected')
      return await opening.stream(from)
    } catch (error) {
      await control[Symbol.asyncDispose]()
      throw isTailraceError(error) ? error : new TailraceError('TR_MYSQL_QUERY', { cause: error })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#settings.history?.[Symbol.asyncDispose]()
  }
}
