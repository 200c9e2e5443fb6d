import { setTimeout as delay } from 'node:timers/promises'
import { Kafka, logLevel, type Admin } from 'kafkajs'
import type { KafkaClient, StoredRecord } from '../peer/kafka-client/kafka-client.ts'
import type { KafkaServer } from '../server/kafka.ts'
import type { Command } from './command.ts'
import type { Arrival, Output } from './output.ts'
import type { Scenario } from './scenario.ts'

const POLL_MS = 50

/** Otherwise a consumer's end waits for its last fetch, half a second a topic. */
const AT_ONCE = { 'fetch.max.wait.ms': '5' }

/** A record's key and value as JSON text. */
export type ReadJson = (topic: string, records: readonly StoredRecord[], expected: readonly string[]) => Promise<readonly { readonly key: string; readonly value: string }[]>

/** Keys and values that are JSON. */
const asText: ReadJson = (_, records) => Promise.resolve(records.map(({ key, value }) => ({ key: key?.toString() ?? 'null', value: value?.toString() ?? 'null' })))

/**
 * Records go to Kafka's topics, of one partition each, and are read back with Kafka's own client. Between topics there is no order: they
 * are put into the one in which each topic's next record is expected.
 */
export class KafkaOutput implements Output, AsyncDisposable {
  readonly #kafka: KafkaServer
  readonly #client: KafkaClient
  readonly #more: (scenario: Scenario) => Readonly<Record<string, string>>
  readonly #read: ReadJson
  readonly #admin: Admin
  excuses?: NonNullable<Output['excuses']>
  setup?: NonNullable<Output['setup']>

  constructor(kafka: KafkaServer, client: KafkaClient, more: (scenario: Scenario) => Readonly<Record<string, string>> = () => ({}), read: ReadJson = asText) {
    this.#kafka = kafka
    this.#client = client
    this.#more = more
    this.#read = read
    this.#admin = new Kafka({ clientId: 'golden', brokers: [kafka.url], logLevel: logLevel.NOTHING }).admin()
  }

  async begin(scenario: Scenario): Promise<string> {
    await this.#admin.connect()
    for (let topics = await this.#topics(); topics.length > 0; topics = await this.#topics()) {
      // a list may still have one that is gone
      await this.#admin.deleteTopics({ topics }).catch((error: unknown) => {
        if (!String(error).includes('does not host this topic-partition')) throw error
      })
    }
    const all = { 'debezium.sink.type': 'kafka', 'debezium.sink.kafka.producer.bootstrap.servers': this.#kafka.url, ...this.#more(scenario) }
    return Object.entries(all).map(([name, value]) => `${name}=${value}\n`).join('')
  }

  async watch(command: () => Command): Promise<Arrival> {
    const before = await this.#ends()
    const count = async (): Promise<number> => [...(await this.#ends())].reduce((sum, [topic, end]) => sum + end - (before.get(topic) ?? 0), 0)
    const beyond = async (least: number, timeoutMs: number): Promise<boolean> => {
      for (const end = performance.now() + timeoutMs; ; await delay(POLL_MS)) {
        const { hasEnded } = command()
        if ((await count()) > least) return true
        if (hasEnded || performance.now() >= end) return false
      }
    }
    const quiet = async (ms: number): Promise<void> => {
      while (await beyond(await count(), ms));
    }
    return { count, beyond, quiet, lines: (expected) => this.#lines(before, expected) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#admin.disconnect()
  }

  async #topics(): Promise<string[]> {
    return (await this.#admin.listTopics()).filter((topic) => !topic.startsWith('__'))
  }

  async #ends(): Promise<Map<string, number>> {
    const topics = await this.#topics()
    const ends = await Promise.all(topics.map(async (topic) => (await this.#admin.fetchTopicOffsets(topic)).reduce((sum, { high }) => sum + Number(high), 0)))
    return new Map(topics.map((topic, index) => [topic, ends[index]!]))
  }

  async #lines(before: ReadonlyMap<string, number>, expected: readonly string[]): Promise<string[]> {
    const waiting = new Map<string, string[]>()
    for (const topic of await this.#topics()) {
      const records = await this.#client.read({ url: this.#kafka.url, topic, from: BigInt(before.get(topic) ?? 0), config: AT_ONCE })
      if (records.some(({ partition }) => partition !== 0)) throw new Error(`${topic} has more partitions than one`)
      const read = await this.#read(topic, records, expected)
      waiting.set(topic, records.map(({ headers }, index) => line(topic, read[index]!, headers)))
    }
    const inOrder = expected.flatMap((golden) => waiting.get(destinationOf(golden))?.shift() ?? [])
    return [...inOrder, ...[...waiting.values()].flat()]
  }
}

function line(topic: string, { key, value }: { readonly key: string; readonly value: string }, headers: StoredRecord['headers']): string {
  const each = headers.map(([name, text]) => `${JSON.stringify(name)}:${text?.toString() ?? 'null'}`)
  return `{"destination":${JSON.stringify(topic)},"partition":null,"key":${key},"value":${value},"headers":{${each.join(',')}}}`
}

function destinationOf(golden: string): string {
  return JSON.parse(/^\{"destination":("(?:[^"\\]|\\.)*")/.exec(golden)![1]!) as string
}
