import { EventReader } from '../binlog/event-reader.ts'
import { malformed } from '../binlog/malformed.ts'
import { openContainer, readNode, type JsonNode, type OpenContainer } from './json-tree.ts'
import { parsePath, type PathLeg } from './json-path.ts'
import { serializeJson } from './serialize-json.ts'

/*
  Differences of a JSON document (Json_diff_vector, sql/json_diff.cc): each uint8 operation, packed length, path, and, but for REMOVE,
  packed length, a binary document. Every one applies to what the ones before it left.
*/

const NAME = 'JSON difference'
const REPLACE = 0
const INSERT = 1
const REMOVE = 2
const MAX_KEY = 0xffff

/** A document that grows by less than its differences, and by a large layout's wider entries. */
const MAX_GROWTH = 3
const MAX_MORE = 64

/**
 * The binary document that comes of applying the differences in [start, end) to the one in [documentStart, documentEnd). What the
 * server that wrote them cannot have meant, a path that leads nowhere for example, is an error. Errors: TR_MYSQL_PROTOCOL.
 */
export function applyDiffs(document: Buffer, documentStart: number, documentEnd: number, diffs: Buffer, start: number, end: number): Buffer {
  if (documentStart === documentEnd) throw malformed(NAME, 'the document is empty')
  const root = readNode(document, document[documentStart]!, documentStart + 1, documentEnd)
  const holder: { root: JsonNode } = { root }
  const reader = new EventReader(NAME, diffs, start, end)
  while (reader.at < end) {
    const operation = reader.uint8()
    if (operation > REMOVE) throw malformed(NAME, `the operation ${operation} is unknown`)
    const legs = parsePath(reader.slice(reader.packed()).toString())
    const value = operation === REMOVE ? undefined : readValue(reader)
    const last = legs.at(-1)
    if (last === undefined) throw malformed(NAME, 'it applies to the whole document')
    apply(operation, parentOf(holder, legs), last, value)
  }
  const limit = MAX_GROWTH * (documentEnd - documentStart + end - start) + MAX_MORE
  return serializeJson(holder.root, limit)
}

function readValue(reader: EventReader): JsonNode {
  const bytes = reader.slice(reader.packed())
  if (bytes.length === 0) throw malformed(NAME, 'a value is empty')
  return readNode(bytes, bytes[0]!, 1, bytes.length)
}

/** The object or array that the path's last step is about. Those on the way are taken apart for good. */
function parentOf(holder: { root: JsonNode }, legs: readonly PathLeg[]): OpenContainer {
  let parent = open(holder.root)
  holder.root = parent
  for (const leg of legs.slice(0, -1)) {
    const index = indexOf(parent, leg)
    const child = parent.values[index]
    if (child === undefined) throw nowhere()
    parent = parent.values[index] = open(child)
  }
  return parent
}

function open(node: JsonNode): OpenContainer {
  const opened = openContainer(node)
  if (opened === undefined) throw nowhere()
  return opened
}

/** Below zero, or behind the last: there is no such member. */
function indexOf(container: OpenContainer, leg: PathLeg): number {
  const object = container.keys !== undefined
  if ('name' in leg !== object) throw nowhere()
  if ('name' in leg) return container.find(leg.name)
  return leg.fromLast ? container.values.length - 1 - leg.index : leg.index
}

function apply(operation: number, parent: OpenContainer, leg: PathLeg, value: JsonNode | undefined): void {
  const { keys, values } = parent
  const index = indexOf(parent, leg)
  const found = index >= 0 && index < values.length
  if (operation === INSERT) {
    if (!('name' in leg)) return void values.splice(Math.min(Math.max(index, 0), values.length), 0, value!)
    if (found) throw malformed(NAME, 'it inserts what is there')
    if (leg.name.length > MAX_KEY) throw malformed(NAME, 'a key is too long')
    keys!.splice(-1 - index, 0, leg.name)
    values.splice(-1 - index, 0, value!)
    return
  }
  if (!found) throw nowhere()
  if (operation === REPLACE) return void (values[index] = value!)
  keys?.splice(index, 1)
  values.splice(index, 1)
}

function nowhere(): Error {
  return malformed(NAME, 'its path leads nowhere')
}
