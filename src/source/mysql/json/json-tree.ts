import { Container, damaged, isContainer, JSONB, need, VariableLength } from './binary-json.ts'

/** A value whose bytes stay as they are: [start, end) is what stands behind its type. */
export class RawValue {
  readonly type: number
  readonly bytes: Buffer
  readonly start: number
  readonly end: number

  constructor(type: number, bytes: Buffer, start: number, end: number) {
    this.type = type
    this.bytes = bytes
    this.start = start
    this.end = end
  }
}

/** An object or array that was taken apart, one level deep. */
export class OpenContainer {
  /** Undefined: an array. Sorted by length, then by bytes. */
  readonly keys: Buffer[] | undefined
  readonly values: JsonNode[]

  constructor(keys: Buffer[] | undefined, values: JsonNode[]) {
    this.keys = keys
    this.values = values
  }

  /** Index of the key, or, below zero, -1 minus the one where it would be. */
  find(key: Buffer): number {
    const keys = this.keys!
    let low = 0
    let high = keys.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const order = compareKeys(keys[middle]!, key)
      if (order === 0) return middle
      if (order < 0) low = middle + 1
      else high = middle
    }
    return -1 - low
  }
}

export type JsonNode = RawValue | OpenContainer

/** Json_key_comparator (sql-common/json_dom.cc). */
function compareKeys(one: Buffer, other: Buffer): number {
  return one.length - other.length || one.compare(other)
}

const variable = new VariableLength()

/** The value of this type that begins at `at` and ends, with whatever follows, before `end`. */
export function readNode(bytes: Buffer, type: number, at: number, end: number): RawValue {
  return new RawValue(type, bytes, at, endOf(bytes, type, at, end))
}

function endOf(bytes: Buffer, type: number, at: number, end: number): number {
  if (isContainer(type)) return new Container().read(bytes, type, at, end).end
  if (type === JSONB.string || type === JSONB.opaque) {
    variable.read(bytes, type === JSONB.opaque ? at + 1 : at, end)
    return variable.start + variable.length
  }
  const size = SCALAR_BYTES[type]
  if (size === undefined) throw damaged(`a value has the unknown type ${type}`)
  need(at, size, end)
  return at + size
}

const SCALAR_BYTES: Readonly<Partial<Record<number, number>>> = {
  [JSONB.literal]: 1, [JSONB.int16]: 2, [JSONB.uint16]: 2, [JSONB.int32]: 4, [JSONB.uint32]: 4, [JSONB.int64]: 8, [JSONB.uint64]: 8, [JSONB.double]: 8,
}

/** Undefined for what is neither object nor array. */
export function openContainer(node: JsonNode): OpenContainer | undefined {
  if (node instanceof OpenContainer) return node
  const { bytes, type } = node
  if (!isContainer(type)) return undefined
  const container = new Container().read(bytes, type, node.start, node.end)
  const keys: Buffer[] = []
  const values: JsonNode[] = []
  for (let index = 0; index < container.count; index++) {
    if (container.object) {
      const entry = container.keyEntry(index)
      const start = container.keyAt(bytes, entry)
      keys.push(bytes.subarray(start, container.keyEnd(bytes, entry, start)))
    }
    const entry = container.valueEntry(index)
    values.push(readNode(bytes, bytes[entry]!, container.valueAt(bytes, entry), container.end))
  }
  return new OpenContainer(container.object ? keys : undefined, values)
}
