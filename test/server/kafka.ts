/**
 * A Kafka broker of a test's own:
 *
 *     await using kafka = await startKafka({ autoCreate: true, secure: true })
 *     kafka.url                       // '127.0.0.1:port', PLAINTEXT
 *     kafka.sasl                      // { url: 'localhost:port', ca: PEM text, username, password }, SASL_SSL
 *     kafka.mutualTls                 // { url: 'localhost:port', ca, cert, key: PEM texts }, SSL with a client certificate
 *     await kafka.createTopic('t', { partitions: 3, config: { 'cleanup.policy': 'compact' } })
 *     await kafka.endOffsets('t')     // [0n, 0n, 0n], by partition
 *     await kafka.withAdmin((admin) => admin.deleteTopics({ topics: ['t'] }))
 *     kafka.pause(); kafka.resume()   // SIGSTOP, SIGCONT
 *     await kafka.kill()              // SIGKILL; await kafka.stop(): SIGTERM, a controlled shutdown
 *     await kafka.start()             // on the same ports and data; restart() is stop and start
 *
 * With a proxy before it, which its metadata names in place of the broker:
 *
 *     await using proxy = await startTcpProxy(0)
 *     await using kafka = await startKafka({ proxy })
 *     kafka.proxiedUrl                // through the proxy; kafka.url stays direct
 *
 * It takes about 350 MiB and some seconds to start: one a test file, topics of different names in it.
 */
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Kafka, logLevel, type Admin } from 'kafkajs'
import type { JavaProcess } from './java-process.ts'
import { pemKeyStore, serverProperties, type KafkaPorts } from './kafka-config.ts'
import { formatStorage, installKafka, kafkaPorts, startBroker, writeBrokerFiles, type KafkaInstall } from './kafka-jars.ts'
import type { TcpProxy } from './tcp-proxy.ts'
import { makeCertificates, type Certificates } from './tls.ts'
import { unwatch, watch } from './watchdog.ts'

export interface KafkaOptions {
  /** Topics come into being when a client asks for them. Default false. */
  readonly autoCreate?: boolean
  /** The largest batch of records the broker takes (message.max.bytes). Default 1048588, as Kafka's. */
  readonly maxMessageBytes?: number
  /** Partitions of topics made without a number. Default 1. */
  readonly partitions?: number
  /** Listeners with TLS as well: one with SASL, one with client certificates. 'other-host': its certificate is for another name. */
  readonly secure?: boolean | 'other-host'
  /** Users for SCRAM-SHA-256, SCRAM-SHA-512 and PLAIN, with passwords. Default one: `tailrace`. */
  readonly users?: Readonly<Record<string, string>>
  /** A listener whose clients are sent to this proxy; it is pointed at that listener. */
  readonly proxy?: TcpProxy
  /** Any other setting of server.properties, over the defaults (`transaction.max.timeout.ms`, …). */
  readonly settings?: Readonly<Record<string, string>>
}

const DEFAULT_USERS = { tailrace: 'tailrace-secret' }

/** Starts one on free ports of 127.0.0.1. Ended by `await using`. */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaServer> {
  const install = await installKafka()
  const dir = await mkdtemp(path.join(os.tmpdir(), 'tailrace-kafka-'))
  watch(dir)
  const server = new KafkaServer(options, install, dir)
  try {
    await server.start()
  } catch (error) {
    await server[Symbol.asyncDispose]()
    throw error
  }
  return server
}

export class KafkaServer implements AsyncDisposable {
  /** PEM files; there with the option `secure`. */
  readonly certificates: Certificates | undefined
  /** Its folder, under the watchdog. */
  readonly dir: string
  readonly #options: KafkaOptions
  readonly #users: Readonly<Record<string, string>>
  readonly #install: KafkaInstall
  #ports: KafkaPorts | undefined
  #process: JavaProcess | undefined

  constructor(options: KafkaOptions, install: KafkaInstall, dir: string) {
    this.#options = options
    this.#users = options.users ?? DEFAULT_USERS
    this.#install = install
    this.dir = dir
    if (options.secure !== undefined && options.secure !== false) this.certificates = makeCertificates(path.join(dir, 'tls'))
  }

  /** `host:port` without TLS and without a login. Kept over restarts. */
  get url(): string {
    return `127.0.0.1:${this.port}`
  }

  get port(): number {
    return this.#bound.plaintext
  }

  /** The same through the proxy that was given. */
  get proxiedUrl(): string {
    return `127.0.0.1:${this.#needed(this.#options.proxy, 'proxy').port}`
  }

  /** SASL_SSL with SCRAM-SHA-256, SCRAM-SHA-512, PLAIN, and OAUTHBEARER (a token without a signature). */
  get sasl(): { url: string; ca: string; username: string; password: string } {
    const { ca } = this.#needed(this.certificates, 'secure')
    const [username, password] = Object.entries(this.#users)[0] ?? ['', '']
    return { url: `localhost:${this.#bound.sasl}`, ca: readFileSync(ca, 'utf8'), username, password }
  }

  /** SSL that asks for a client certificate. */
  get mutualTls(): { url: string; ca: string; cert: string; key: string } {
    const { ca, client } = this.#needed(this.certificates, 'secure')
    const text = (file: string): string => readFileSync(file, 'utf8')
    return { url: `localhost:${this.#bound.mutual}`, ca: text(ca), cert: text(client.cert), key: text(client.key) }
  }

  /** The broker's; undefined while it is down. */
  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** What the broker wrote to its log: warnings, and its start. */
  log(): string {
    return readFileSync(path.join(this.dir, 'server.log'), 'utf8')
  }

  /** Resolves when every partition's leader serves it. Config as in the manual: `retention.ms`, `max.message.bytes`, … */
  async createTopic(topic: string, { partitions = 1, config = {} }: { partitions?: number; config?: Readonly<Record<string, string>> } = {}): Promise<void> {
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
    await this.withAdmin(async (admin) => {
      // a busy broker may not know it for a moment, which kafkajs's own waiting takes for an error
      await admin.createTopics({ topics: [{ topic, numPartitions: partitions, replicationFactor: 1, configEntries }], waitForLeaders: false })
      // A leader is in the metadata some moments before it takes records: those of a request with two partitions could be written to one
      // and refused for the other, and kafkajs sends both again.
      const serves = async (): Promise<boolean> => {
        const { topics: [found] } = await admin.fetchTopicMetadata({ topics: [topic] })
        return found!.partitions.length === partitions && (await admin.fetchTopicOffsets(topic)).length === partitions
      }
      for (let tries = 0; ; tries++) {
        const ready = await serves().catch((error: unknown) => {
          if (tries > 200) throw error
          return false
        })
        if (ready) return
        await delay(25)
      }
    })
  }

  /** The end of each partition: one more than its last offset, markers of transactions counted. */
  async endOffsets(topic: string): Promise<bigint[]> {
    const offsets = await this.withAdmin(async (admin) => {
      for (let tries = 0; ; tries++) {
        try {
          return await admin.fetchTopicOffsets(topic)
        } catch (error) {
          // a topic that a client has just made, as in createTopic
          if (tries > 200 || (error as { readonly type?: string }).type !== 'NOT_LEADER_FOR_PARTITION') throw error
          await delay(25)
        }
      }
    })
    return offsets.sort((a, b) => a.partition - b.partition).map(({ high }) => BigInt(high))
  }

  /** kafkajs's admin client for as long as `use` runs. */
  async withAdmin<T>(use: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = new Kafka({ clientId: 'test-admin', brokers: [this.url], logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    try {
      return await use(admin)
    } finally {
      await admin.disconnect()
    }
  }

  /** Starts it (again). Resolves when it serves requests. */
  async start(): Promise<void> {
    if (this.#process?.running === true) throw new Error('the broker is running')
    const first = this.#ports === undefined
    for (let attempt = 1; ; attempt++) {
      if (first) await this.#configure()
      try {
        this.#process = await startBroker(this.dir, this.#install)
        return
      } catch (error) {
        // Another process was given a port between our probe and the broker's bind; only before anybody knows it.
        if (attempt === 5 || !first || !/Address already in use/.test(String(error))) throw error
        await rm(path.join(this.dir, 'data'), { recursive: true, force: true })
      }
    }
  }

  /** A controlled shutdown. */
  async stop(): Promise<void> {
    await this.#process?.stop()
  }

  /** SIGKILL: it finds its logs unclean at the next start. */
  async kill(): Promise<void> {
    await this.#process?.kill()
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  /** It stands still, as a broker in a long garbage collection: connections stay, nothing is answered. */
  pause(): void {
    this.#process?.pause()
  }

  resume(): void {
    this.#process?.resume()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    await rm(this.dir, { recursive: true, force: true, maxRetries: 5 })
    unwatch(this.dir)
  }

  async #configure(): Promise<void> {
    const { autoCreate = false, maxMessageBytes = 1_048_588, partitions = 1, proxy, settings } = this.#options
    this.#ports = await kafkaPorts()
    const data = path.join(this.dir, 'data')
    await mkdir(data, { recursive: true })
    const secure = await this.#writeStores()
    const properties = serverProperties(path.join(data, 'log'), { ports: this.#ports, proxyPort: proxy?.port, secure }, {
      'auto.create.topics.enable': String(autoCreate),
      'message.max.bytes': String(maxMessageBytes),
      'num.partitions': String(partitions),
      ...settings,
    })
    await writeBrokerFiles(this.dir, properties)
    await formatStorage(this.#install.jars, this.#users, path.join(data, 'log'))
    proxy?.retarget(this.#ports.proxied)
  }

  async #writeStores(): Promise<{ keyStore: string; trustStore: string; users: Readonly<Record<string, string>> } | undefined> {
    const { certificates } = this
    if (certificates === undefined) return undefined
    const keyStore = path.join(this.dir, 'broker.pem')
    const used = this.#options.secure === 'other-host' ? certificates.otherHost : certificates.server
    await writeFile(keyStore, pemKeyStore(certificates, used), { mode: 0o600 })
    return { keyStore, trustStore: certificates.ca, users: this.#users }
  }

  get #bound(): KafkaPorts {
    return this.#needed(this.#ports, 'start')
  }

  #needed<T>(value: T | undefined, option: string): T {
    if (value === undefined) throw new Error(`the broker was started without ${option}`)
    return value
  }
}
