import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Kafka, logLevel, type KafkaConfig, type SASLOptions } from 'kafkajs'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { startKafkaClient } from '../peer/kafka-client/kafka-client.ts'
import { startKafka, type KafkaServer } from './kafka.ts'
import { isAlive } from './process.ts'
import { requireKafka, requireKafkaClient, requireTls } from './require.ts'
import { sideBySide } from './side-by-side.ts'
import { startTcpProxy } from './tcp-proxy.ts'

// A Java that starts is work for a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const withKafka = await requireKafka()
const withClient = await requireKafkaClient()
const withTls = await requireTls()

sideBySide(withKafka, 'a broker of a test', () => {
  let kafka: KafkaServer
  beforeAll(async () => {
    kafka = await startKafka({ partitions: 3, autoCreate: true, maxMessageBytes: 20_000, settings: { 'transaction.max.timeout.ms': '5000' } })
  })
  afterAll(async () => {
    await kafka[Symbol.asyncDispose]()
  })

  withClient('with a reader that is not kafkajs', () => {
    it('keeps topics and records when it is stopped and when it is killed, on the same port', async () => {
      const { url, pid: first } = kafka
      await kafka.createTopic('kept', { partitions: 2 })
      await produce({ brokers: [url] }, 'kept', ['a', 'b'])
      await kafka.restart()
      const { pid } = kafka
      expect(pid).not.toBe(first)
      await produce({ brokers: [url] }, 'kept', ['c'])
      await kafka.kill()
      expect(isAlive(pid!)).toBe(false)
      await expect(produce({ brokers: [url] }, 'kept', ['lost'])).rejects.toThrow('ECONNREFUSED')
      await kafka.start()
      expect(kafka.url).toBe(url)
      expect(await kafka.endOffsets('kept')).toEqual([3n, 0n])
      await using client = await startKafkaClient()
      expect((await client.read({ url, topic: 'kept' })).map(({ value }) => value?.toString())).toEqual(['a', 'b', 'c'])
    })
  })

  it('is set as the options say', async () => {
    await produce({ brokers: [kafka.url] }, 'made-on-demand', ['x'])
    expect(await kafka.endOffsets('made-on-demand')).toEqual([1n, 0n, 0n])
    await expect(produce({ brokers: [kafka.url] }, 'made-on-demand', ['x'.repeat(30_000)])).rejects.toMatchObject({ type: 'MESSAGE_TOO_LARGE' })
    // A compacted topic takes no record without a key.
    await kafka.createTopic('compacted', { config: { 'cleanup.policy': 'compact' } })
    await expect(produce({ brokers: [kafka.url] }, 'compacted', ['x'])).rejects.toMatchObject({ type: 'INVALID_RECORD' })
    const slow = new Kafka({ brokers: [kafka.url], logLevel: logLevel.NOTHING }).producer({ transactionalId: 'slow', transactionTimeout: 6000 })
    await slow.connect()
    await expect(slow.transaction()).rejects.toMatchObject({ type: 'INVALID_TRANSACTION_TIMEOUT' })
    await slow.disconnect()
  })

  it('does not answer while it is paused, and goes on where it was', async () => {
    await kafka.createTopic('paused')
    kafka.pause()
    let done = false
    const late = produce({ brokers: [kafka.url] }, 'paused', ['x']).then(() => (done = true))
    await delay(300)
    expect(done).toBe(false)
    kafka.resume()
    await late
    expect(await kafka.endOffsets('paused')).toEqual([1n])
  })

  it('is gone, with its folder, when the process that started it is killed', async () => {
    const orphan = await startKafka()
    const { pid } = orphan
    orphan.pause()
    // What watch() does, in a process that can be killed: a watchdog at the other end of its pipe.
    const parent = spawn(process.execPath, ['-e', PARENT, fileURLToPath(new URL('watchdog.mjs', import.meta.url)), orphan.dir], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(parent.stdout, 'data')
    expect(isAlive(pid!) && existsSync(path.join(orphan.dir, 'server.pid'))).toBe(true)
    parent.kill('SIGKILL')
    while (isAlive(pid!) || existsSync(orphan.dir)) await delay(10)
    await orphan[Symbol.asyncDispose]()
  })

  it('says what the broker said when it does not start', async () => {
    await expect(startKafka({ settings: { 'num.io.threads': 'some' } })).rejects.toThrow(/did not start: .*num\.io\.threads/s)
  })
})

sideBySide(withKafka, 'a broker behind a proxy', () => {
  it('sends its clients to the proxy, and others not', async () => {
    await using proxy = await startTcpProxy(1)
    await using kafka = await startKafka({ proxy })
    await kafka.createTopic('t')
    expect(proxy.counters.accepted).toBe(0)
    await produce({ brokers: [kafka.proxiedUrl] }, 't', ['x'])
    expect(proxy.counters.accepted).toBeGreaterThan(0)
    expect(await kafka.endOffsets('t')).toEqual([1n])
    proxy.refuse(true)
    await expect(produce({ brokers: [kafka.proxiedUrl] }, 't', ['x'])).rejects.toThrow()
    await produce({ brokers: [kafka.url] }, 't', ['y'])
    expect(await kafka.endOffsets('t')).toEqual([2n])
  })
})

sideBySide(withKafka, 'a broker with TLS', () => {
  withTls('and certificates', () => {
    let kafka: KafkaServer
    beforeAll(async () => {
      kafka = await startKafka({ secure: true, users: { tailrace: 'pass word', other: 'o' } })
      await kafka.createTopic('t')
    })
    afterAll(async () => {
      await kafka[Symbol.asyncDispose]()
    })

    const login = (sasl: SASLOptions, ca = kafka.sasl.ca): Promise<void> => produce({ brokers: [kafka.sasl.url], ssl: { ca: [ca] }, sasl }, 't', ['x'])

    it.each(['scram-sha-256', 'scram-sha-512', 'plain'] as const)('lets a user in with the right password alone (%s)', async (mechanism) => {
      const before = await kafka.endOffsets('t')
      const { username, password } = kafka.sasl
      await login({ mechanism, username, password })
      await login({ mechanism, username: 'other', password: 'o' })
      expect(await kafka.endOffsets('t')).toEqual([before[0]! + 2n])
      await expect(login({ mechanism, username, password: 'o' })).rejects.toMatchObject({ name: 'KafkaJSSASLAuthenticationError' })
      await expect(login({ mechanism, username: 'nobody', password })).rejects.toMatchObject({ name: 'KafkaJSSASLAuthenticationError' })
    })

    it('takes a token without a signature, unless it has run out', async () => {
      const token = (expiry: number): string => {
        const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
        return `${part({ alg: 'none' })}.${part({ sub: 'tailrace', iat: expiry - 60, exp: expiry })}.`
      }
      const now = Math.floor(Date.now() / 1000)
      const bearer = (value: string): SASLOptions => ({ mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value }) })
      await login(bearer(token(now + 30)))
      await expect(login(bearer(token(now - 30)))).rejects.toThrow()
    })

    it('is refused by a client that does not know its authority, and refuses one without TLS', async () => {
      const { username, password, url } = kafka.sasl
      const { strangerCa, server } = kafka.certificates!
      const sasl: SASLOptions = { mechanism: 'plain', username, password }
      await expect(login(sasl, readFileSync(strangerCa, 'utf8'))).rejects.toThrow(/certificate|signature/)
      await expect(login(sasl, readFileSync(server.cert, 'utf8'))).rejects.toThrow(/certificate/)
      await expect(produce({ brokers: [url], sasl }, 't', ['x'])).rejects.toThrow()
    })

    it('asks for a client certificate at another address', async () => {
      const { url, ca, cert, key } = kafka.mutualTls
      const before = await kafka.endOffsets('t')
      await produce({ brokers: [url], ssl: { ca: [ca], cert, key } }, 't', ['x'])
      expect(await kafka.endOffsets('t')).toEqual([before[0]! + 1n])
      await expect(produce({ brokers: [url], ssl: { ca: [ca] } }, 't', ['x'])).rejects.toThrow()
    })

    it('shows a certificate for another host name when asked to', async () => {
      await using other = await startKafka({ secure: 'other-host' })
      const { url, ca, username, password } = other.sasl
      await expect(produce({ brokers: [url], ssl: { ca: [ca] }, sasl: { mechanism: 'plain', username, password } }, 't', ['x'])).rejects.toThrow(/altnames/)
    })
  })
})

async function produce(config: KafkaConfig, topic: string, values: string[]): Promise<void> {
  const producer = new Kafka({ logLevel: logLevel.NOTHING, retry: { initialRetryTime: 50, retries: 3 }, ...config }).producer()
  try {
    await producer.connect()
    await producer.send({ topic, acks: -1, messages: values.map((value) => ({ value, partition: 0 })) })
  } finally {
    await producer.disconnect()
  }
}

const PARENT = `
  const [, watchdog, dir] = process.argv
  const child = require('node:child_process').spawn(process.execPath, [watchdog], { stdio: ['pipe', 'ignore', 'inherit'], detached: true })
  child.stdin.write('+' + dir + '\\n', () => console.log('watched'))
  setInterval(() => undefined, 1000)
`
