import { ERROR_CODES, type ErrorCode, type ErrorKind } from './code.ts'

/** What a {@link TailraceError} says beyond its code. Never a row value, never a secret. */
export interface ErrorDetail {
  /** One sentence: what happened, with names and positions. Defaults to the code's own message. */
  readonly message?: string
  /** Where: slot, table, file, property, LSN … */
  readonly where?: Readonly<Record<string, string | number | boolean>>
  /** What to do about it. Defaults to the code's own remedy. */
  readonly remedy?: string
  readonly cause?: unknown
}

/** The one error class. `code` is stable and documented in docs/errors.md; `kind` says whether a retry can help. */
export class TailraceError extends Error {
  readonly code: ErrorCode
  readonly kind: ErrorKind
  readonly where: Readonly<Record<string, string | number | boolean>>
  readonly remedy: string

  constructor(code: ErrorCode, detail: ErrorDetail = {}) {
    const entry = ERROR_CODES[code]
    super(detail.message ?? entry.message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.name = 'TailraceError'
    this.code = code
    this.kind = entry.kind
    this.where = detail.where ?? {}
    this.remedy = detail.remedy ?? entry.remedy
  }

  /** The same facts as plain data, for a log line or a status line. */
  toJSON(): { code: ErrorCode; kind: ErrorKind; message: string; where: Readonly<Record<string, string | number | boolean>>; remedy: string } {
    return { code: this.code, kind: this.kind, message: this.message, where: this.where, remedy: this.remedy }
  }
}

/** True for an error of ours, also one made by another copy of this package. */
export function isTailraceError(error: unknown): error is TailraceError {
  return error instanceof Error && error.name === 'TailraceError' && typeof (error as { code?: unknown }).code === 'string'
}
