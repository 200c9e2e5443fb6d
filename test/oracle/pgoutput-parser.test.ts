import pg from 'pg'
import { PgoutputPlugin, type Pgoutput } from 'pg-logical-replication'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UNAVAILABLE } from '../../src/event/unavailable.ts'
import { XLOG_DATA } from '../../src/source/postgres/wire/copy-both.ts'
import { CAPTURED_MAJORS, readCapture, splitMessages, type Capture } from '../fuzz/capture.ts'
import { decodeCapture, type DecodedEvent } from '../fuzz/decoding.ts'
import { TAG_AT } from '../fuzz/stream-case.ts'

/*
  Two parsers of the same recorded bytes: ours and pg-logical-replication's. Values are compared as the server's text. Where
  that parser says less it is put on our side: a value that was not in the log and a column outside a key are both
  `undefined` there, which we tell from null.
*/

interface Change {
  readonly op: string
  readonly table: string
  readonly old: Record<string, unknown>
  readonly now: Record<string, unknown>
}

const text = (value: string): string => value

describe.each(CAPTURED_MAJORS)('the recorded stream of PostgreSQL %i', (major) => {
  const capture = readCapture(major)
  const oids = (capture.types as readonly { oid: number; name?: string }[]).map(({ oid }) => oid)
  const before = oids.map((oid) => pg.types.getTypeParser(oid))
  beforeAll(() => oids.forEach((oid) => pg.types.setTypeParser(oid, text)))
  afterAll(() => oids.forEach((oid, index) => pg.types.setTypeParser(oid, before[index])))

  it('reads the same in both parsers', async () => {
    const names = (capture.types as unknown as readonly { name: string }[]).map(({ name }) => name)
    const { events, error } = await decodeCapture(capture, [capture.stream], Object.fromEntries(names.map((name) => [name, text])))
    expect(error).toBeUndefined()
    const ours = changesOf(events)
    const theirs = parse(capture)
    expect(ours.length).toBeGreaterThan(400)
    expect(new Set(ours.map(({ op }) => op))).toEqual(new Set(['c', 'u', 'd', 't', 'm']))
    expect(ours).toEqual(theirs)
  })
})

/** A key update, two events here, is one change in the log. */
function changesOf(events: readonly DecodedEvent[]): Change[] {
  const changes: Change[] = []
  events.forEach((event, index) => {
    const next = events[index + 1]
    if (next?.id === `${event.id}:1`) return
    const first = events[index - 1]
    const split = first !== undefined && event.id === `${first.id}:1`
    const message = event.message as { prefix: string; content: Buffer; transactional: boolean } | undefined
    if (message !== undefined) changes.push({ op: 'm', table: message.prefix, old: {}, now: { content: message.content.toString(), transactional: message.transactional } })
    else changes.push({ op: split ? 'u' : event.op, table: event.table, old: known((split ? first.before : event.before) as Record<string, unknown> | null), now: known(event.after as Record<string, unknown> | null) })
  })
  return changes
}

function parse(capture: Capture): Change[] {
  const plugin = new PgoutputPlugin({ protoVersion: 1, publicationNames: ['capture'] })
  const changes: Change[] = []
  for (const message of splitMessages(capture.stream)) {
    if (message[0] !== 0x64 || message[5] !== XLOG_DATA) continue
    const parsed = plugin.parse(message.subarray(TAG_AT))
    for (const change of changesIn(parsed)) if (change.table !== 'public.hidden_rows') changes.push(change)
  }
  return changes
}

function changesIn(parsed: Pgoutput.Message): Change[] {
  const name = (relation: { schema: string; name: string }): string => `${relation.schema}.${relation.name}`
  switch (parsed.tag) {
    case 'insert':
      return [{ op: 'c', table: name(parsed.relation), old: {}, now: known(parsed.new) }]
    case 'update':
      return [{ op: 'u', table: name(parsed.relation), old: known(parsed.key ?? parsed.old), now: known(parsed.new) }]
    case 'delete':
      return [{ op: 'd', table: name(parsed.relation), old: known(parsed.key ?? parsed.old), now: {} }]
    case 'truncate':
      return parsed.relations.map((relation) => ({ op: 't', table: name(relation), old: {}, now: {} }))
    case 'message':
      return [{ op: 'm', table: parsed.prefix, old: {}, now: { content: Buffer.from(parsed.content).toString(), transactional: parsed.transactional } }]
    case 'begin':
    case 'commit':
    case 'origin':
    case 'relation':
    case 'type':
      return []
  }
}

/** What the log carried. Entries, for a column may be called `__proto__`. */
function known(row: Record<string, unknown> | null): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row ?? {}).filter(([, value]) => value !== undefined && value !== UNAVAILABLE))
}
