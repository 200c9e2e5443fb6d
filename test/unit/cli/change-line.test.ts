import { describe, expect, test } from 'vitest'
import { changeLine } from '../../../src/cli/change-line.ts'
import { safeText, valueText } from '../../../src/cli/value-text.ts'
import { ChangeEvent, type Operation } from '../../../src/event/change-event.ts'
import type { RowImage, TableVersion } from '../../../src/event/table.ts'
import { UNAVAILABLE } from '../../../src/event/unavailable.ts'

/** A row image that is looked up instead of decoded. */
class Remembered implements RowImage {
  readonly bytes = Buffer.alloc(0)
  readonly start = 0
  readonly extent: 'row' | 'key'
  readonly row: Record<string, unknown>

  constructor(row: Record<string, unknown>, extent: 'row' | 'key' = 'row') {
    this.row = row
    this.extent = extent
  }
}

const TABLE = {
  schema: 'public', name: 'orders',
  toObject: (image: Remembered) => image.row,
  toKey: (image: Remembered) => ({ id: image.row['id'] }),
} as unknown as TableVersion

function event(op: Operation, before: Remembered | undefined, after: Remembered | undefined, detail?: ChangeEvent['detail']): ChangeEvent {
  const transaction = { id: '7', timestampMicros: BigInt(Date.UTC(2026, 1, 3, 4, 5, 6, 789)) * 1000n, identity: 'x' }
  return new ChangeEvent(op, TABLE, transaction, 'false', 0, 0, 0, 0, before, after, undefined, detail)
}

const OLD = new Remembered({ id: 1n, total: '12.50', note: 'a' })
const NEW = new Remembered({ id: 1n, total: '13.00', note: UNAVAILABLE })

describe('a change on one line', () => {
  test.each<[op: string, event: ChangeEvent, line: string]>([
    ['insert', event('c', undefined, OLD), '04:05:06.789  insert    public.orders  id=1 total="12.50" note="a"'],
    ['snapshot row', event('r', undefined, OLD), '04:05:06.789  row       public.orders  id=1 total="12.50" note="a"'],
    ['update with the whole row before', event('u', OLD, NEW), '04:05:06.789  update    public.orders  id=1  total: "12.50" → "13.00"'],
    ['update that changes nothing', event('u', OLD, OLD), '04:05:06.789  update    public.orders  id=1  (no column changed)'],
    ['update without the row before', event('u', undefined, NEW), '04:05:06.789  update    public.orders  id=1 total="13.00" note=(not in the log)'],
    ['delete with the whole row', event('d', OLD, undefined), '04:05:06.789  delete    public.orders  id=1 total="12.50" note="a"'],
    ['delete with the key', event('d', new Remembered({ id: 1n, total: UNAVAILABLE }, 'key'), undefined), '04:05:06.789  delete    public.orders  id=1'],
    ['truncate', event('t', undefined, undefined), '04:05:06.789  truncate  public.orders'],
    ['message', event('m', undefined, undefined, { prefix: 'audit', content: Buffer.from('hi'), transactional: true }), '04:05:06.789  message   audit  \\x6869'],
    ['a transaction’s beginning', event('b', undefined, undefined, { id: '7:99', counts: undefined }), '04:05:06.789  begin     7:99'],
    ['its end', event('e', undefined, undefined, { id: '7:120', counts: [{ table: 'public.orders', events: 3 }, { table: '', events: 1 }] }), '04:05:06.789  end       7:120  public.orders: 3, messages: 1'],
    ['a change of the schema', event('s', undefined, undefined, { database: 'shop', ddl: 'alter table t\nadd c int', changes: [] }), '04:05:06.789  schema    shop  "alter table t\\nadd c int"'],
  ])('%s', (_, change, line) => {
    expect(changeLine(change, false)).toBe(line)
  })

  test('colour is for terminals', () => {
    expect(changeLine(event('c', undefined, OLD), false)).not.toContain('\u001b')
    expect(changeLine(event('c', undefined, OLD), true)).toContain('\u001b[32minsert')
  })

  test('what a database holds cannot steer the terminal', () => {
    const evil = 'x\u001b[2J\u0007\r\n\u009b31m\u202e'
    const line = changeLine(event('c', undefined, new Remembered({ [evil]: evil, nested: { [evil]: [evil] } })), false)
    // eslint-disable-next-line no-control-regex
    expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
    expect(safeText(evil)).toBe('x\\u001b[2J\\u0007\\u000d\\u000a\\u009b31m\\u202e')
  })
})

test.each<[value: unknown, text: string]>([
  [null, 'null'],
  [true, 'true'],
  [10n ** 20n, '100000000000000000000'],
  [1.5, '1.5'],
  ['it\'s "x"', '"it\'s \\"x\\""'],
  [Buffer.from([0, 255]), '\\x00ff'],
  [{ a: [1n, null], b: UNAVAILABLE }, '{"a":["1",null],"b":"(not in the log)"}'],
  ['y'.repeat(500), `"${'y'.repeat(120)}…"`],
  [Buffer.alloc(500), `${'\\x' + '00'.repeat(59)}…`],
])('the value %s', (value, text) => {
  expect(valueText(value)).toBe(text)
})
