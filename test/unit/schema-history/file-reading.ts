import { silentLogger, type Logger } from '../../../src/observe/logger.ts'
import { fileSchemaHistory } from '../../../src/schema-history/file/file-history.ts'
import type { HistoryContext, SchemaHistory } from '../../../src/schema-history/history.ts'
import type { HistoryRecord } from '../../../src/schema-history/record.ts'
import { sampleHistoryRecord } from '../../../src/testing/index.ts'
import { systemClock } from '../../../src/time/clock.ts'

export const SIGNAL: AbortSignal = new AbortController().signal

export function context(logger: Logger = silentLogger): HistoryContext {
  return { clock: systemClock, logger }
}

export function numbered(count: number, from = 1): HistoryRecord[] {
  return Array.from({ length: count }, (_, index) => sampleHistoryRecord(from + index))
}

export async function all(history: SchemaHistory): Promise<HistoryRecord[]> {
  const records: HistoryRecord[] = []
  for await (const record of history.records(SIGNAL)) records.push(record)
  return records
}

/** The records of a file that nobody holds. */
export async function storedRecords(path: string): Promise<HistoryRecord[]> {
  await using history = fileSchemaHistory(path)
  await history.open(context(), SIGNAL)
  return await all(history)
}
