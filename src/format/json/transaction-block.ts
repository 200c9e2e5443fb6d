import { byteRun, type ByteRun } from '../../byte/byte-run.ts'
import type { TransactionOrder } from '../../event/transaction.ts'
import type { JsonWriter } from '../../json/json-writer.ts'

const ID: ByteRun = byteRun(',"transaction":{"id":')
const TOTAL: ByteRun = byteRun(',"total_order":')
const IN_TABLE: ByteRun = byteRun(',"data_collection_order":')
const END: ByteRun = byteRun('}')

/** The field `transaction` of an event that has an order, with the comma before it. */
export function writeTransactionBlock({ id, total, inTable }: TransactionOrder, writer: JsonWriter): void {
  writer.run(ID)
  writer.string(id)
  writer.run(TOTAL)
  writer.integer(total)
  writer.run(IN_TABLE)
  writer.integer(inTable)
  writer.run(END)
}
