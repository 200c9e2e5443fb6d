import { TAG } from '../../src/source/postgres/pgoutput/tag.ts'
import { XLOG_DATA, XLOG_DATA_HEADER } from '../../src/source/postgres/wire/copy-both.ts'
import { splitMessages, type Capture } from './capture.ts'

/** One message of a capture, and what the server had to say before it for it to make sense. */
export interface StreamCase {
  readonly name: string
  readonly before: readonly Buffer[]
  readonly message: Buffer
}

/** Offset of the pgoutput tag in a whole CopyData message. */
export const TAG_AT: number = 5 + XLOG_DATA_HEADER
const ROWS: ReadonlySet<number> = new Set([TAG.insert, TAG.update, TAG.delete])
/** Of each kind of message of each relation, so many. */
const KEPT = 2

/** Few messages that stand for all: each kind, each relation, by the shape of its tuples. */
export function streamCases(capture: Capture): StreamCase[] {
  const messages = splitMessages(capture.stream)
  const opening = messages[0]!
  const relations = new Map<number, Buffer>()
  const seen = new Map<string, number>()
  const cases: StreamCase[] = []
  let begin: Buffer | undefined
  for (const message of messages) {
    const isData = message[0] === 0x64 && message[5] === XLOG_DATA
    const tag = isData ? message[TAG_AT]! : undefined
    const oid = tag !== undefined && (ROWS.has(tag) || tag === TAG.relation) ? message.readUInt32BE(TAG_AT + 1) : 0
    const name = tag === undefined ? `message ${String.fromCharCode(message[0]!)}${isData || message[0] !== 0x64 ? '' : ` ${String.fromCharCode(message[5]!)}`}` : `${String.fromCharCode(tag)} ${oid} ${tag === TAG.update ? message[TAG_AT + 5]! : ''}`
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    if (count <= KEPT && message !== opening) {
      const known = tag === TAG.truncate ? [...relations.values()] : tag !== undefined && ROWS.has(tag) && relations.has(oid) ? [relations.get(oid)!] : []
      const inside = tag !== TAG.begin && begin !== undefined ? [begin] : []
      cases.push({ name, before: [opening, ...inside, ...known], message })
    }
    if (tag === TAG.begin) begin = message
    else if (tag === TAG.commit) begin = undefined
    else if (tag === TAG.relation) relations.set(oid, message)
  }
  return cases
}
