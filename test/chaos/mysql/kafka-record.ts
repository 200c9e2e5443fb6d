import type { ConfluentReader } from '../../peer/confluent/confluent-reader.ts'
import type { StoredRecord } from '../../peer/kafka-client/kafka-client.ts'
import type { TopicLine, TrueChange } from '../kafka-verdict.ts'
import { cellText, toRow, type Cell, type Row } from '../row.ts'
import { canonical } from './document.ts'
import { EVIDENCE, type Evidence } from './kafka-format.ts'
import { keyOf } from './oracle.ts'

/** What a delete is followed by. */
export const TOMBSTONE = 'tombstone'
/** Debezium's `unavailable.value.placeholder`. */
const PLACEHOLDER = '__debezium_unavailable_value'
/** So many values are asked of the reader at once. */
const CHUNK = 500

/** Debezium's envelope, as far as it is looked at. */
interface Envelope {
  readonly op: string
  readonly source: { readonly table: string }
  readonly before: Cells | null
  readonly after: Cells | null
}

type Cells = Readonly<Record<string, string | number | null>>

export type ReadValues = (values: readonly Buffer[]) => Promise<Envelope[]>

export async function jsonValues(values: readonly Buffer[]): Promise<Envelope[]> {
  return await Promise.resolve(values.map((value) => JSON.parse(value.toString()) as Envelope))
}

/** By Confluent's deserialiser, which asks the registry itself. */
export function avroValues(reader: ConfluentReader, registry: string, topic: string): ReadValues {
  return async (values) => {
    const read: Envelope[] = []
    for (let from = 0; from < values.length; from += CHUNK) {
      for (const { value } of await reader.avro(values.slice(from, from + CHUNK), { registry, topic })) {
        const { op, source, before, after } = value as Envelope
        read.push({ op, source: { table: branch(source.table) as string }, before: members(before), after: members(after) })
      }
    }
    return read
  }
}

/** Avro's JSON encoding names the branch of a union: `{"shop.t.Value": {"id": 1, "tag": {"string": "a"}}}`. */
function members(row: unknown): Cells | null {
  const cells = branch(row) as object | null
  return cells === null ? null : Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name, branch(cell) as Cells[string]]))
}

function branch(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? Object.values(value)[0] : value
}

/** Records as they are compared: what they say is read from them, whose they are stands in the header that the child added. */
export async function toLines(records: readonly StoredRecord[], read: ReadValues): Promise<TopicLine[]> {
  const values = await read(records.flatMap(({ value }) => (value === null ? [] : [value])))
  let next = 0
  return records.map(({ value, headers }) => {
    const [e, x, destination] = JSON.parse(headers.find(([name]) => name === EVIDENCE)![1]!.toString()) as Evidence
    if (value === null) return { key: `${keyOf({ e, x, o: 'd' })} ${TOMBSTONE}`, id: e, table: destination.split('.').at(-1)!, op: TOMBSTONE, before: null, after: null }
    const { op, source, before, after } = values[next++]!
    return { key: keyOf({ e, x, o: op }), id: e, table: source.table, op, before: toCells(before), after: toCells(after) }
  })
}

function toCells(row: Cells | null): Row | null {
  return row === null ? null : toRow(Object.entries(row).map(([column, value]): [string, Cell] => [column, toCell(column, value)]))
}

function toCell(column: string, value: string | number | null): Cell {
  if (value === null) return null
  const text = String(value)
  return cellText(column === 'doc' && text !== PLACEHOLDER ? canonical(JSON.parse(text)) : text)
}

/** Whether a record says what the log does. What the log does not carry is the placeholder in texts, NULL in others, and zero where that is not allowed. */
export function says(line: TopicLine, { table, op, before, after }: TrueChange): boolean {
  return line.table === table && line.op === op && sameRow(line.before, before) && sameRow(line.after, after)
}

function sameRow(got: Row | null, should: Row | null): boolean {
  if (got === null || should === null) return got === should
  const columns = Object.keys(should)
  return columns.join() === Object.keys(got).join() && columns.every((column) => sameCell(column, got[column]!, should[column]!))
}

function sameCell(column: string, got: Cell, should: Cell): boolean {
  if (should !== false) return got === should
  if (column === 'ver') return got === '0'
  return got === PLACEHOLDER || (column.startsWith('n') && got === null)
}
