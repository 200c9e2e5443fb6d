/*
  Previous_gtids => uint64: the count of UUIDs; with tags, that number in its bytes 1 to 6, and 1 in its bytes 0 and 7; then each: 16 bytes
    UUID, with tags: varlen length, so many bytes of tag; uint64 count of intervals, each: int64 first number, int64 number behind its last
  Gtid_set::encode (sql/rpl_gtid_set.cc)
*/
import { EventReader } from './event-reader.ts'
import { malformed } from './malformed.ts'
import { uuidText } from './uuid-text.ts'
import { readVarlen } from './varlen.ts'

const NAME = 'Previous_gtids'
const TAGGED = 1n
const INTERVAL = 16

/** What was done before this file, as the server prints it, without line breaks. */
export function readPreviousGtids(bytes: Buffer, start: number, end: number): string {
  const reader = new EventReader(NAME, bytes, start, end)
  const head = reader.uint64()
  const tagged = head >> 56n === TAGGED
  const count = tagged ? (head >> 8n) & 0xffffffffffffn : head
  const groups = new Map<string, string>()
  for (let index = 0n; index < count; index++) {
    const uuid = uuidText(bytes, reader.skip(16))
    const tag = tagged ? reader.text(Number(readVarlen(reader))) : ''
    const intervals = readIntervals(reader)
    // a tag's intervals stand behind those of the UUID alone, which come first
    groups.set(uuid, `${groups.get(uuid) ?? uuid}${tag === '' ? '' : `:${tag}`}${intervals}`)
  }
  reader.expectEnd()
  return [...groups.values()].join(',')
}

function readIntervals(reader: EventReader): string {
  const count = reader.natural64()
  if (count > reader.left / INTERVAL) throw malformed(NAME, `it claims ${count} intervals`)
  let text = ''
  for (let index = 0; index < count; index++) {
    const first = reader.uint64()
    const last = reader.uint64() - 1n
    if (last < first) throw malformed(NAME, 'an interval is empty')
    text += last === first ? `:${first}` : `:${first}-${last}`
  }
  return text
}
