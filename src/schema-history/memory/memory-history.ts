import { TailraceError } from '../../error/tailrace-error.ts'
import type { SchemaHistory } from '../history.ts'
import { decodeRecord, encodeRecord } from '../record-json.ts'
import type { HistoryRecord } from '../record.ts'

/** A schema history that forgets everything when the process ends. */
export interface MemorySchemaHistory extends SchemaHistory {
  /** Copies of its records, oldest first. */
  readonly current: readonly HistoryRecord[]
}

/**
 * Keeps the schema history in memory: for tests, and for engines that may begin anew with each process. It outlives disposing, so that the
 * next engine of the process can go on from it. Errors of the history: TR_HISTORY_LOCKED, TR_HISTORY_READ, TR_HISTORY_WRITE.
 */
export function memorySchemaHistory(initial?: readonly HistoryRecord[]): MemorySchemaHistory {
  // as lines, so that it forgets what a file would
  const lines = (initial ?? []).map(encodeRecord)
  let held = false
  const opened = (code: 'TR_HISTORY_READ' | 'TR_HISTORY_WRITE'): void => {
    if (!held) throw new TailraceError(code, { message: 'The schema history is not open', remedy: 'Open the schema history before, and use it no more once it is disposed' })
  }
  return {
    get current() {
      return lines.map(decodeRecord)
    },
    async open() {
      if (held) throw new TailraceError('TR_HISTORY_LOCKED', { where: { pid: process.pid } })
      held = true
    },
    async *records(signal) {
      opened('TR_HISTORY_READ')
      for (const line of lines.slice()) {
        signal.throwIfAborted()
        yield decodeRecord(line)
      }
    },
    async append(records) {
      opened('TR_HISTORY_WRITE')
      lines.push(...records.map(encodeRecord))
    },
    async [Symbol.asyncDispose]() {
      held = false
    },
  }
}
