import { byteRun, type ByteRun } from '../../byte/byte-run.ts'
import type { TransactionOrder } from '../../event/transaction.ts'
import type { AvroWriter } from './avro-writer.ts'

/** The branches of the optional record. */
const ABSENT: ByteRun = byteRun(Buffer.of(0))
const PRESENT: ByteRun = byteRun(Buffer.of(2))

/** The field `transaction` of an event. */
export function writeTransactionBlock(order: TransactionOrder | undefined, writer: AvroWriter): void {
  if (order === undefined) return writer.run(ABSENT)
  writer.run(PRESENT)
  writer.string(order.id)
  writer.integer(order.total)
  writer.integer(order.inTable)
}
