import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ErrorCode, StoredOffset, TailraceError } from '../../src/index.ts'
import { kafkaOffsets, type KafkaConnection } from '../../src/kafka.ts'
import { startKafkaClient, type KafkaClient } from '../peer/kafka-client/kafka-client.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import { requireKafka, requireKafkaClient } from '../server/require.ts'
import { deliver, sinkContext } from './kafka-delivery.ts'

const withKafka = await requireKafka()
await requireKafkaClient()

const PASSWORD = 'canary-password-6102'
const WRONG = 'canary-wrong-3377'
const TOKEN = 'canary-token-9921'
const SECRETS = [PASSWORD, WRONG, TOKEN, 'PRIVATE KEY']

const offset: StoredOffset = { engine: 'secure', source: 'any', identity: {}, position: { at: 1 } }

/** As the broker takes one in development: signed by nobody. */
function token(claims: object = {}): string {
  const part = (json: object): string => Buffer.from(JSON.stringify(json)).toString('base64url')
  const now = Math.floor(Date.now() / 1000)
  return `${part({ alg: 'none' })}.${part({ sub: 'tailrace', iat: now, exp: now + 600, ...claims })}.`
}

function expectNoSecrets(...things: unknown[]): void {
  const text = things.map((thing) => inspect(thing, { depth: 30, showHidden: true, maxStringLength: null, getters: true })).join('\n')
  expect(SECRETS.filter((secret) => text.includes(secret) || text.includes(Buffer.from(secret).toString('base64')))).toEqual([])
}

withKafka('Kafka’s listeners', () => {
  let kafka: KafkaServer
  let reader: KafkaClient
  let count = 0

  beforeAll(async () => {
    kafka = await startKafka({ secure: true, users: { tailrace: PASSWORD } })
    reader = await startKafkaClient()
  })
  afterAll(async () => {
    await reader?.[Symbol.asyncDispose]()
    await kafka?.[Symbol.asyncDispose]()
  })

  const sasl = (mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512', password = PASSWORD, username = 'tailrace'): KafkaConnection => ({ brokers: [kafka.sasl.url], tls: { ca: kafka.sasl.ca }, sasl: Object.freeze({ mechanism, username, password }) })
  const oauth = (give: () => Promise<string>): KafkaConnection => ({ brokers: [kafka.sasl.url], tls: { ca: kafka.sasl.ca }, sasl: { mechanism: 'oauthbearer', token: give } })
  const mutual = (): KafkaConnection => {
    const { url, ca, cert, key } = kafka.mutualTls
    return { brokers: [url], tls: { ca, cert, key } }
  }
  const strangerCa = (): string => readFileSync(kafka.certificates!.strangerCa, 'utf8')

  const ways: Readonly<Record<string, () => KafkaConnection>> = {
    'without TLS and login': () => ({ brokers: [kafka.url] }),
    'TLS and SCRAM-SHA-256': () => sasl('scram-sha-256'),
    'TLS and SCRAM-SHA-512': () => sasl('scram-sha-512'),
    'TLS and PLAIN': () => sasl('plain'),
    'TLS and OAUTHBEARER': () => oauth(() => Promise.resolve(token())),
    'TLS with a client certificate': mutual,
  }

  describe.each(Object.keys(ways))('%s', (way) => {
    it('takes records, and Kafka’s own client reads them', async () => {
      const topic = `secure-${++count}`
      await kafka.createTopic(topic, { partitions: 2 })
      const warnings: unknown[] = []
      await deliver(ways[way]!(), ['a', 'b', 'c'].map((value) => ({ destination: topic, key: value, value })), sinkContext((error) => void warnings.push(error), (line) => void warnings.push(line)))
      const records = await reader.read({ url: kafka.url, topic })
      expect(records.map(({ value }) => value!.toString()).sort()).toEqual(['a', 'b', 'c'])
      expectNoSecrets(warnings)
    })

    it('keeps offsets', async () => {
      const topic = `offsets-${++count}`
      await using store = kafkaOffsets({ ...ways[way]!(), topic })
      expect(await store.load('secure')).toBeUndefined()
      await store.save(offset)
      await store[Symbol.asyncDispose]()
      await using again = kafkaOffsets({ ...ways[way]!(), topic })
      expect(await again.load('secure')).toEqual(offset)
      expect((await reader.read({ url: kafka.url, topic })).map(({ key }) => key!.toString())).toEqual(['["secure",{"server":"secure"}]'])
    })
  })

  interface Refusal {
    readonly with: () => KafkaConnection
    readonly code: ErrorCode
    readonly says: RegExp
  }

  const refusals: Readonly<Record<string, Refusal>> = {
    'a wrong password, SCRAM-SHA-256': { with: () => sasl('scram-sha-256', WRONG), code: 'TR_KAFKA_AUTH', says: /login/ },
    'a wrong password, SCRAM-SHA-512': { with: () => sasl('scram-sha-512', WRONG), code: 'TR_KAFKA_AUTH', says: /login/ },
    'a wrong password, PLAIN': { with: () => sasl('plain', WRONG), code: 'TR_KAFKA_AUTH', says: /login/ },
    'a user that does not exist': { with: () => sasl('scram-sha-512', WRONG, 'nobody'), code: 'TR_KAFKA_AUTH', says: /login/ },
    'a token that is none': { with: () => oauth(() => Promise.resolve(TOKEN)), code: 'TR_KAFKA_AUTH', says: /login/ },
    'a token that has expired': { with: () => oauth(() => Promise.resolve(token({ iat: 1000, exp: 2000 }))), code: 'TR_KAFKA_AUTH', says: /login/ },
    'a token that cannot be had': { with: () => oauth(() => Promise.reject(new Error('the token service is down'))), code: 'TR_KAFKA_CONNECT', says: /sasl\.token/ },
    'no login where one is needed': { with: () => ({ brokers: [kafka.sasl.url], tls: { ca: kafka.sasl.ca } }), code: 'TR_KAFKA_AUTH', says: /login/ },
    'a login where none is taken': { with: () => ({ brokers: [kafka.url], sasl: { mechanism: 'plain', username: 'tailrace', password: PASSWORD } }), code: 'TR_KAFKA_AUTH', says: /login/ },
    'an authority that did not sign the certificate': { with: () => ({ ...sasl('plain'), tls: { ca: strangerCa() } }), code: 'TR_KAFKA_TLS', says: /certificate|CERT|VERIFY|ISSUER/ },
    'the system’s authorities': { with: () => ({ ...sasl('plain'), tls: true }), code: 'TR_KAFKA_TLS', says: /certificate|CERT|VERIFY|ISSUER/ },
    'no client certificate where one is needed': { with: () => ({ brokers: [kafka.mutualTls.url], tls: { ca: kafka.mutualTls.ca } }), code: 'TR_KAFKA_TLS', says: /certificate|CERT/i },
    'no TLS where it is needed': { with: () => ({ brokers: [kafka.sasl.url] }), code: 'TR_KAFKA_TLS', says: /ERR_TLS_REQUIRED/ },
    'no TLS, with a login, where TLS is needed': { with: () => ({ ...sasl('plain'), tls: false }), code: 'TR_KAFKA_TLS', says: /ERR_TLS_REQUIRED/ },
    'TLS where there is none': { with: () => ({ brokers: [kafka.url], tls: { ca: kafka.sasl.ca } }), code: 'TR_KAFKA_CONNECT', says: /TLS/ },
  }

  it.each(Object.keys(refusals))('%s: sink and offsets', async (what) => {
    const { with: connection, code, says } = refusals[what]!
    const told: unknown[] = []
    const options = { ...connection(), connectTimeoutMs: 5_000 }
    const topic = `refused-${++count}`
    const begun = performance.now()
    const error = (await deliver(options, [{ destination: topic, key: 'k', value: 'v' }], sinkContext((warning) => void told.push(warning), (line) => void told.push(line))).catch((thrown: unknown) => thrown)) as TailraceError
    const store = kafkaOffsets({ ...options, topic })
    const other = (await store.load('secure').catch((thrown: unknown) => thrown)) as TailraceError
    await store[Symbol.asyncDispose]()
    expect(performance.now() - begun).toBeLessThan(12_000)
    expectNoSecrets(told, error, other, String(error), error.toJSON?.(), error.stack)
    for (const each of [error, other]) {
      expect({ code: each.code, text: `${each.message} ${each.remedy}` }).toEqual({ code, text: expect.stringMatching(says) as string })
    }
    expect(await kafka.withAdmin((admin) => admin.listTopics())).not.toContain(topic)
  })

  it('a certificate for another host', async () => {
    await using elsewhere = await startKafka({ secure: 'other-host', users: { tailrace: PASSWORD } })
    const { url, ca } = elsewhere.sasl
    const login = { mechanism: 'plain', username: 'tailrace', password: PASSWORD } as const
    const error = (await deliver({ brokers: [url], tls: { ca }, sasl: login }, []).catch((thrown: unknown) => thrown)) as TailraceError
    expect(error).toMatchObject({ code: 'TR_KAFKA_TLS', message: expect.stringContaining('ALTNAME') as string })
    expectNoSecrets(error)
    // who knows the name may give it
    await elsewhere.createTopic('named')
    await deliver({ brokers: [url], tls: { ca, servername: 'db.elsewhere.test' }, sasl: login }, [{ destination: 'named', key: 'k', value: 'v' }])
    expect(await elsewhere.endOffsets('named')).toEqual([1n])
  })
})
