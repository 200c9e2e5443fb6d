import type { ConfluentReader } from '../peer/confluent/confluent-reader.ts'
import { field, parseJson, printJson } from './json.ts'
import type { ReadJson } from './kafka-output.ts'

/** Keys and values as Confluent's converter reads them and Connect's JsonConverter writes them again: with schemas where the scenario's have them. */
export function readAvro(confluent: ConfluentReader, registry: string): ReadJson {
  return async (topic, records, expected) => {
    const read = async (part: 'key' | 'value'): Promise<string[]> => {
      const withSchema = expected.some((line) => line.includes(`"${part}":{"schema":{`))
      const present = records.flatMap((record) => record[part] ?? [])
      const texts = (await confluent.connect(present, { registry, topic, isKey: part === 'key' })).map(({ text }) => (withSchema ? text : printJson(field(parseJson(text), 'payload')!)))
      return records.map((record) => (record[part] === null ? 'null' : texts.shift()!))
    }
    const [keys, values] = [await read('key'), await read('value')]
    return keys.map((key, index) => ({ key, value: values[index]! }))
  }
}
