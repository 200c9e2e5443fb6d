import { damaged, isInline, JSONB } from './binary-json.ts'
import { OpenContainer, type JsonNode } from './json-tree.ts'

const MAX_SMALL = 0xffff

/** How an object or array is laid out. */
interface Layout {
  readonly large: boolean
  readonly size: number
}

type Layouts = Map<OpenContainer, Layout>

/** A binary document. What was not taken apart is copied as it is, gaps of updates in place too. `limit`: of its bytes. */
export function serializeJson(root: JsonNode, limit: number): Buffer {
  const layouts: Layouts = new Map()
  const size = sizeOf(root, layouts) + 1
  if (size > limit) throw damaged('parts of it are used more than once')
  const out = Buffer.alloc(size)
  out[0] = typeOf(root, layouts)
  write(root, layouts, out, 1)
  return out
}

function typeOf(node: JsonNode, layouts: Layouts): number {
  if (!(node instanceof OpenContainer)) return node.type
  const { large } = layouts.get(node)!
  if (node.keys === undefined) return large ? JSONB.largeArray : JSONB.smallArray
  return large ? JSONB.largeObject : JSONB.smallObject
}

function sizeOf(node: JsonNode, layouts: Layouts): number {
  if (!(node instanceof OpenContainer)) return node.end - node.start
  const { keys, values } = node
  const sizes = values.map((value) => sizeOf(value, layouts))
  const keyBytes = keys?.reduce((sum, key) => sum + key.length, 0) ?? 0
  const total = (large: boolean): number => {
    const width = large ? 4 : 2
    const entries = values.length * (1 + width + (keys === undefined ? 0 : 2 + width))
    return values.reduce((sum, value, index) => sum + (isInline(typeOf(value, layouts), large) ? 0 : sizes[index]!), 2 * width + entries + keyBytes)
  }
  const small = total(false)
  const layout = small <= MAX_SMALL ? { large: false, size: small } : { large: true, size: total(true) }
  layouts.set(node, layout)
  return layout.size
}

/** Returns where it ends. */
function write(node: JsonNode, layouts: Layouts, out: Buffer, at: number): number {
  if (!(node instanceof OpenContainer)) {
    node.bytes.copy(out, at, node.start, node.end)
    return at + node.end - node.start
  }
  const { keys, values } = node
  const { large, size } = layouts.get(node)!
  const width = large ? 4 : 2
  out.writeUIntLE(values.length, at, width)
  out.writeUIntLE(size, at + width, width)
  let entry = at + 2 * width
  let next = entry + values.length * (1 + width + (keys === undefined ? 0 : 2 + width))
  for (const key of keys ?? []) {
    out.writeUIntLE(next - at, entry, width)
    out.writeUInt16LE(key.length, entry + width)
    entry += width + 2
    next += key.copy(out, next)
  }
  for (const value of values) {
    const type = typeOf(value, layouts)
    out[entry] = type
    if (isInline(type, large)) write(value, layouts, out, entry + 1)
    else {
      out.writeUIntLE(next - at, entry + 1, width)
      next = write(value, layouts, out, next)
    }
    entry += 1 + width
  }
  return next
}
