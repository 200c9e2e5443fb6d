import { createHash } from 'node:crypto'

export interface UserRecord {
  readonly partitionKey: string
  readonly explicitHashKey: string | undefined
  readonly data: Buffer
}

/** One field of a protobuf message: its number, and a number or bytes. */
function* fields(message: Buffer): Generator<{ readonly field: number; readonly value: number | Buffer }> {
  let at = 0
  const varint = (): number => {
    for (let value = 0, factor = 1; ; factor *= 128) {
      const byte = message[at++]!
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }
  while (at < message.length) {
    const tag = varint()
    const value = varint()
    if (tag % 8 === 0) yield { field: tag >>> 3, value }
    else {
      if (tag % 8 !== 2 || at + value > message.length) throw new Error(`not a message of this kind at ${at}`)
      yield { field: tag >>> 3, value: message.subarray(at, at += value) }
    }
  }
}

/** The records that a consumer sees in one Kinesis record. */
export function deaggregate(partitionKey: string, data: Buffer): UserRecord[] {
  if (data.length < 20 || data.readUInt32BE() !== 0xf3899ac2) return [{ partitionKey, explicitHashKey: undefined, data }]
  const message = data.subarray(4, -16)
  if (!createHash('md5').update(message).digest().equals(data.subarray(-16))) throw new Error('the digest is another')
  const tables: Record<number, string[]> = { 1: [], 2: [] }
  const records: UserRecord[] = []
  for (const { field, value } of fields(message)) {
    if (field !== 3) tables[field]!.push(String(value))
    else {
      const parts = Object.fromEntries([...fields(value as Buffer)].map((part) => [part.field, part.value])) as { 1: number; 2?: number; 3: Buffer }
      records.push({ partitionKey: tables[1]![parts[1]]!, explicitHashKey: parts[2] === undefined ? undefined : tables[2]![parts[2]]!, data: parts[3] })
    }
  }
  return records
}
