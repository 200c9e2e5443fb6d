import { ChangeEvent, type Operation } from '../event/change-event.ts'
import type { TableVersion } from '../event/table.ts'
import type { Transaction } from '../event/transaction.ts'
import type { HeaderSet } from '../format/format.ts'
import { ABSENT, RecordBatch } from '../format/record-batch.ts'
import { sampleRow, sampleTable } from './sample-table.ts'

/** What a sample event is made of; what is left out follows from `id`. */
export interface SampleEventOptions {
  /** The row's key. */
  readonly id: number
  /** The column `name`; default `row <id>`. */
  readonly name?: string | null
  /** Default `c`. */
  readonly op?: Exclude<Operation, 't' | 'm'>
  /** Default one of its own. */
  readonly transaction?: Transaction
  /** Default 0. */
  readonly ordinal?: number
  /** Default 0. */
  readonly part?: number
  readonly table?: TableVersion
}

const TABLE = sampleTable()
/** 2026-01-01 UTC: every sample is the same on every run. */
const EPOCH_MICROS = 1_767_225_600_000_000n

/** A transaction whose events are called `sample:<number>:<ordinal>`. */
export function sampleTransaction(number: number): Transaction {
  return { id: String(number), timestampMicros: EPOCH_MICROS + BigInt(number), identity: `sample:${number}` }
}

/** One event of a table `public.orders (id bigint primary key, name text)`, as an engine hands it to a sink or a handler. */
export function sampleEvent(options: SampleEventOptions): ChangeEvent {
  const { id, op = 'c', ordinal = 0, part = 0, table = TABLE, transaction = sampleTransaction(id) } = options
  const row = sampleRow(BigInt(id), options.name === undefined ? `row ${id}` : options.name)
  return new ChangeEvent(op, table, transaction, op === 'r' ? 'true' : 'false', 0, id, ordinal, part, op === 'd' ? row : undefined, op === 'd' ? undefined : row, undefined, undefined)
}

/** Events that create the rows `first` to `first + count - 1`, each in a transaction of its own. */
export function sampleEvents(count: number, first = 1): ChangeEvent[] {
  return Array.from({ length: count }, (_, index) => sampleEvent({ id: first + index }))
}

/** A record as text; null where there is no key or no value. */
export interface SampleRecord {
  readonly destination: string
  readonly key: string | null
  readonly value: string | null
  readonly headers?: Readonly<Record<string, string>>
}

/** Records in one buffer, as an engine hands them to a sink. Keys, values and headers should be JSON. */
export function sampleRecords(records: readonly SampleRecord[]): RecordBatch {
  const batch = new RecordBatch(64)
  records.forEach((record, index) => {
    const [keyStart, keyEnd] = put(batch, record.key)
    const [valueStart, valueEnd] = put(batch, record.value)
    batch.append(index, record.destination, keyStart, keyEnd, valueStart, valueEnd, headerSet(record.headers ?? {}))
    batch.events++
  })
  return batch
}

function headerSet(headers: Readonly<Record<string, string>>): HeaderSet {
  return Object.entries(headers).map(([name, value]) => ({ name, value: Buffer.from(value) }))
}

function put(batch: RecordBatch, text: string | null): [number, number] {
  if (text === null) return [ABSENT, ABSENT]
  const start = batch.length
  const size = Buffer.byteLength(text)
  batch.reserve(size).write(text, start, 'utf8')
  batch.length += size
  return [start, batch.length]
}
