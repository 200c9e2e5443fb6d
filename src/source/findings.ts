import type { ErrorCode } from '../error/code.ts'
import { TailraceError } from '../error/tailrace-error.ts'
import type { Finding } from './source.ts'

/** What a preflight has found so far. */
export class Findings {
  readonly list: Finding[] = []

  error(code: ErrorCode, message: string, remedy: string, where: Record<string, string | number> = {}): void {
    this.list.push({ level: 'error', error: new TailraceError(code, { message, remedy, where }) })
  }

  warning(code: ErrorCode, message: string, remedy: string, where: Record<string, string | number> = {}): void {
    this.list.push({ level: 'warning', error: new TailraceError(code, { message, remedy, where }) })
  }
}
