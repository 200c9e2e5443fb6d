import { ChangeEvent } from '../../src/event/change-event.ts'
import { isTailraceError, type TailraceError } from '../../src/error/tailrace-error.ts'
import { debeziumJson } from '../../src/format/json/debezium-json.ts'
import { ABSENT, RecordBatch } from '../../src/format/record-batch.ts'
import { silentLogger } from '../../src/observe/logger.ts'
import { reachNothing } from '../../src/observe/failpoint.ts'
import type { SourceContext } from '../../src/source/source.ts'
import { readTable, toShape, TypeCache } from '../../src/source/postgres/catalog.ts'
import { parseLsn, PgPosition } from '../../src/source/postgres/position.ts'
import { RelationCache } from '../../src/source/postgres/relation-cache.ts'
import { Replication } from '../../src/source/postgres/replication.ts'
import { PgTable } from '../../src/source/postgres/table.ts'
import { TableFilter } from '../../src/source/postgres/table-filter.ts'
import { PgTransaction } from '../../src/source/postgres/transaction.ts'
import type { Parsers } from '../../src/source/postgres/value/row-decoder.ts'
import { RowStream } from '../../src/source/postgres/wire/row-stream.ts'
import { uncounted } from './allocation.ts'
import { catalogOf, type Capture } from './capture.ts'
import { ReplayedSocket, stillClock } from './replayed-socket.ts'

/** An event as code and as bytes see it. */
export interface DecodedEvent {
  readonly id: string
  readonly op: string
  readonly table: string
  readonly before: unknown
  readonly after: unknown
  readonly key: unknown
  readonly message: unknown
  /** Key and value of each record. */
  readonly json: readonly (string | null)[]
}

export interface Decoded {
  readonly events: readonly DecodedEvent[]
  /** Where decoding stood after the last batch. */
  readonly position: string
  /** What it ended with; undefined when it waits for more bytes. */
  readonly error: TailraceError | undefined
}

export const MAX_MESSAGE_BYTES = 1 << 20
const MAX_BATCH_EVENTS = 64

/** The tables that are captured: all but `hidden_rows`, so that skipping is seen as well. */
const filter = new TableFilter({ excludeTables: ['public.hidden_rows'] })
const format = debeziumJson({ logicalName: 'f', runId: '0', version: '0', schemasEnable: { key: false, value: false, header: false }, modes: { includeUnknown: true } })

const context: SourceContext = {
  clock: stillClock, random: () => 0.5, logger: silentLogger, reach: reachNothing, warn: () => {}, enter: () => {}, prepare: () => {},
  limits: { maxBatchEvents: MAX_BATCH_EVENTS, maxBatchBytes: 1 << 16 },
}

/** The capture's own stream, or other bytes in its place, through everything between the socket and the sink. */
export async function decodeCapture(capture: Capture, chunks: Iterable<Buffer> = [capture.stream], parsers: Parsers = {}): Promise<Decoded> {
  const socket = new ReplayedSocket()
  const from = new PgPosition('stream', parseLsn(capture.from)!)
  const relations = new RelationCache(catalogOf(capture), capture.database, filter, parsers, () => {}, new Map())
  const options = {
    origin: capture.origin, database: capture.database, messages: true, skipped: new Set<never>(), transactionMetadata: false, slot: 'capture', publication: 'capture', statusIntervalMs: 1000, maxMessageBytes: MAX_MESSAGE_BYTES,
  }
  const events: DecodedEvent[] = []
  let position = from.toString()
  const reading = (async (): Promise<never> => {
    const replication = await Replication.start(socket.client, from, options, relations, context)
    for (;;) {
      const batch = await replication.next()
      for (const event of batch.events) events.push(look(event))
      position = batch.position(batch.events.length).toString()
    }
  })()
  const error = await outcome(socket, chunks, reading)
  return { events, position, error }
}

/** The rows of a `select *` as the snapshot reads them. */
export async function decodeResult(capture: Capture, result: Capture['results'][number], chunks: Iterable<Buffer> = [result.bytes]): Promise<{ readonly rows: readonly DecodedEvent[]; readonly error: TailraceError | undefined }> {
  const query = catalogOf(capture)
  const catalog = (await readTable(query, result.oid))!
  const types = await new TypeCache(query).resolve(catalog.columns.map((column) => column.typeOid))
  const table = new PgTable(toShape(catalog, capture.database, types), {}, () => {})
  const transaction = new PgTransaction(capture.origin, 1, 0n, 0n, 0n, undefined)
  const socket = new ReplayedSocket()
  const rows: DecodedEvent[] = []
  const reading = (async (): Promise<void> => {
    const stream = new RowStream(socket.client, { clock: stillClock, maxMessageBytes: MAX_MESSAGE_BYTES, maxRows: 7, maxBytes: 1 << 16 })
    for await (const chunk of stream.read('select', result.columns)) {
      for (const image of chunk.rows) rows.push(look(new ChangeEvent('r', table, transaction, 'true', 0, 0, rows.length, 0, undefined, image, undefined, undefined)))
    }
  })()
  const error = await outcome(socket, chunks, reading)
  return { rows, error }
}

/** Plays until the reader has taken or refused everything, then hangs up. Anything but an error of ours is thrown on. */
async function outcome(socket: ReplayedSocket, chunks: Iterable<Buffer>, reading: Promise<unknown>): Promise<TailraceError | undefined> {
  let failure: unknown
  let settled = false
  const ended = reading.then(() => {}, (error: unknown) => void (failure = error)).finally(() => {
    settled = true
    // nobody reads any more: whoever opened the connection closes it
    socket.destroy()
  })
  await socket.play(chunks)
  const waiting = !settled
  socket.destroy()
  await socket.play([])
  if (!settled) throw new Error('the reader was not told that the connection has closed')
  await ended
  if (failure === undefined || (waiting && isTailraceError(failure) && failure.code === 'TR_PG_DISCONNECTED')) return undefined
  if (!isTailraceError(failure) || failure.code === 'TR_ENGINE_INVARIANT') throw new Error('not an error that the bytes may cause', { cause: failure })
  return failure
}

const records = new RecordBatch(1 << 20)

/** Everything an event can be asked for. */
function look(event: ChangeEvent): DecodedEvent {
  const { id, op, before, after, key, message } = event
  const table = `${event.table.schema}.${event.table.name}`
  return { id, op, table, before, after, key, message: message === undefined ? undefined : { ...message, content: Buffer.from(message.content) }, json: uncounted(() => encode(event)) }
}

function encode(event: ChangeEvent): (string | null)[] {
  records.clear(1 << 20)
  format.encode(event, records, 0n)
  const text = (start: number, end: number): string | null => (start === ABSENT ? null : records.bytes.toString('utf8', start, end))
  return Array.from({ length: records.count }, (_, index) => [text(records.keyStart[index]!, records.keyEnd[index]!), text(records.valueStart[index]!, records.valueEnd[index]!)]).flat()
}
