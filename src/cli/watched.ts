import type { TailraceError } from '../error/tailrace-error.ts'
import type { Source } from '../source/source.ts'
import type { Request } from './command-line.ts'
import type { Redact } from './redaction.ts'

/** What `tailrace tail` is asked to show. */
export type TailRequest = Extract<Request, { kind: 'tail' }>

/** A database to look at. */
export interface Watched {
  /** What must not be shown. */
  readonly redact: Redact
  /** `name`: the engine's. `warn`: is told what is left out. Errors: those of the server, TR_CONFIG_INVALID. */
  readonly source: (name: string, request: TailRequest, warn: (error: TailraceError) => void) => Promise<Source>
  /** Removes what the source needed on the server. */
  readonly tidyUp: (name: string) => Promise<void>
}
