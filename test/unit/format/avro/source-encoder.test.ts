import { describe, expect, test } from 'vitest'
import type { SnapshotMarker } from '../../../../src/event/change-event.ts'
import { ChangeEvent } from '../../../../src/event/change-event.ts'
import { avroSchema } from '../../../../src/format/avro/avro-schema.ts'
import { AvroWriter } from '../../../../src/format/avro/avro-writer.ts'
import { SourceEncoder } from '../../../../src/format/avro/source-encoder.ts'
import { valueEnd } from '../../../../src/format/avro/value-end.ts'
import { RecordBatch } from '../../../../src/format/record-batch.ts'
import { PgTable } from '../../../../src/source/postgres/table.ts'
import { PgTransaction } from '../../../../src/source/postgres/transaction.ts'
import { readAvro } from '../../../oracle/avro-reader.ts'
import { writeAvro } from './write-avro.ts'

const table = new PgTable({ oid: 1, database: 'app', schema: 'public', name: 'é', columns: [], key: [] }, {}, () => {})
const layout = table.sourceLayout
const schema = avroSchema({ type: 'struct', optional: false, name: layout.name, fields: layout.fields.map(({ field }) => field) })

function read(transactions: readonly PgTransaction[], snapshot: SnapshotMarker, replaceNull: boolean): unknown[] {
  const encoder = new SourceEncoder(layout, { version: '1', logicalName: 'shop' }, replaceNull)
  return transactions.map((transaction, index) => {
    const batch = new RecordBatch(16)
    const writer = new AvroWriter()
    writer.begin(batch)
    encoder.write(new ChangeEvent('c', table, transaction, snapshot, index % 2 === 0 ? 0 : 0x7fffffff, 0xfffffff0 + index, index, 0, undefined, undefined, undefined, undefined), writer)
    writer.end()
    return readAvro(schema, Buffer.from(batch.bytes.subarray(0, batch.length)))
  })
}

describe('the source block of PostgreSQL', () => {
  test.each<[string, SnapshotMarker, number, bigint | undefined, boolean]>([
    ['streamed', 'false', 755, 123456789n, true],
    ['streamed, null where the marker is missing', 'false', 755, 123456789n, false],
    ['of a snapshot', 'true', 755, undefined, true],
    ['without a transaction', 'false', 0, 2n ** 63n, false],
  ])('%s: the events of one transaction say the same, whether or not it is kept', (_, snapshot, xid, lastCommit, replaceNull) => {
    const make = (): PgTransaction => new PgTransaction('pg:1:2', xid, 99n, 1_795_780_577_092_036n, 0n, lastCommit)
    const shared = make()
    const kept = read(Array.from({ length: 8 }, () => shared), snapshot, replaceNull)
    const single = read(Array.from({ length: 8 }, make), snapshot, replaceNull)
    expect(kept).toEqual(single)
    const lsn = (0x7fffffffn << 32n) | 0xfffffff7n
    expect(kept[7]).toMatchObject({
      name: 'shop', snapshot: snapshot === 'false' && !replaceNull ? null : snapshot, ts_ns: 1_795_780_577_092_036_000n, table: 'é', txId: xid === 0 ? null : BigInt(xid), lsn,
      sequence: `[${lastCommit === undefined ? 'null' : `"${lastCommit}"`},"${lsn}"]`, xmin: null, origin: null,
    })
  })
})

describe('where a value ends', () => {
  const text = (length: number) => (writer: Parameters<Parameters<typeof writeAvro>[1]>[0]): void => writer.string('x'.repeat(length))

  test.each([
    ['boolean', { type: 'boolean', optional: true }, (writer) => writer.boolean(true)],
    ['float', { type: 'float', optional: false }, (writer) => writer.float(Buffer.from('1'), 0, 1)],
    ['double', { type: 'double', optional: true }, (writer) => writer.double(Buffer.from('1'), 0, 1)],
    ['long', { type: 'int64', optional: true }, (writer) => writer.long(Buffer.from('-9223372036854775808'), 0, 20)],
    ['short text', { type: 'string', optional: true }, text(3)],
    ['long text', { type: 'string', optional: false }, text(20_000)],
    ['bytes', { type: 'bytes', optional: true }, (writer) => writer.bytes(Buffer.alloc(70), 0, 70)],
    ['null', { type: 'string', optional: true }, (writer) => writer.null()],
  ] as [string, Parameters<typeof writeAvro>[0], Parameters<typeof writeAvro>[1]][])('%s', (_, of, write) => {
    const bytes = writeAvro(of, write)
    expect(valueEnd(Buffer.concat([Buffer.from('..'), bytes, Buffer.from('..')]), 2, of, of.optional ? 2 : -1)).toBe(2 + bytes.length)
  })
})
