import { setTimeout as delay } from 'node:timers/promises'
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from 'kafkajs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { StoredOffset } from '../../src/index.ts'
import { kafkaOffsets, kafkaSink, type KafkaConnection } from '../../src/kafka.ts'
import { sampleRecords } from '../../src/testing/index.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import { requireKafka } from '../server/require.ts'
import { eachSideBySide } from '../server/side-by-side.ts'
import { deliver, never, sinkContext } from './kafka-delivery.ts'

const withKafka = await requireKafka()
const { TOPIC, TRANSACTIONAL_ID } = AclResourceTypes
const { READ, WRITE, DESCRIBE, DESCRIBE_CONFIGS, CREATE } = AclOperationTypes

/** Long enough for a few seconds without, short enough to be renewed in a test: kafkajs does so ten seconds before. */
const LOGIN_MS = 12_000

withKafka('a login with few rights', () => {
  let kafka: KafkaServer
  let count = 0

  beforeAll(async () => {
    kafka = await startKafka({ secure: true, settings: { 'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer', 'super.users': 'User:ANONYMOUS', 'connections.max.reauth.ms': String(LOGIN_MS) } })
    // a new broker lets its first producer wait, which is told of
    await kafka.createTopic('first')
    await deliver({ brokers: [kafka.url] }, [{ destination: 'first', key: 'k', value: 'v' }])
  })
  afterAll(async () => kafka?.[Symbol.asyncDispose]())

  // a login is renewed as slowly as it is
  eachSideBySide(describe, ['few', 'renewed'] as const)('%s', (lane) => {
    let topic: string

    beforeEach(async () => {
      topic = `rights-${++count}`
      await kafka.createTopic(topic)
      await grant(TOPIC, 'elsewhere', WRITE, DESCRIBE)
    })

    const connection = (): KafkaConnection => ({ brokers: [kafka.sasl.url], tls: { ca: kafka.sasl.ca }, sasl: { mechanism: 'scram-sha-512', username: kafka.sasl.username, password: kafka.sasl.password } })
    const record = () => [{ destination: topic, key: 'k', value: 'v' }]

    async function grant(resourceType: number, resourceName: string, ...operations: readonly number[]): Promise<void> {
      const acl = operations.map((operation) => ({ resourceType, resourceName, resourcePatternType: ResourcePatternTypes.LITERAL, principal: 'User:tailrace', host: '*', operation, permissionType: AclPermissionTypes.ALLOW }))
      await kafka.withAdmin((admin) => admin.createAcls({ acl }))
    }

    const refused = (named: RegExp): object => ({ code: 'TR_KAFKA_AUTHORIZATION', message: expect.stringMatching(named) as string, remedy: expect.stringContaining('ACL') as string })

    if (lane === 'few') {
      it('none on the topic: refused', async () => {
        await expect(deliver(connection(), record())).rejects.toMatchObject(refused(/TOPIC_AUTHORIZATION_FAILED/))
      })

      it('that may not write: refused', async () => {
        await grant(TOPIC, topic, DESCRIBE)
        await expect(deliver(connection(), record())).rejects.toMatchObject(refused(/TOPIC_AUTHORIZATION_FAILED/))
        expect(await kafka.endOffsets(topic)).toEqual([0n])
      })

      it('that may write and describe: enough', async () => {
        await grant(TOPIC, topic, WRITE, DESCRIBE)
        await deliver(connection(), record())
        expect(await kafka.endOffsets(topic)).toEqual([1n])
      })

      it('that may not make topics: refused; with the right to: made', async () => {
        const missing = `${topic}-made`
        const options = { ...connection(), topicCreation: [{ partitions: 2 }] }
        const records = [{ destination: missing, key: 'k', value: 'v' }]
        await grant(TOPIC, missing, WRITE, DESCRIBE)
        await expect(deliver(options, records)).rejects.toMatchObject(refused(/AUTHORIZATION_FAILED/))
        await grant(TOPIC, missing, CREATE)
        await deliver(options, records)
        expect((await kafka.endOffsets(missing)).toSorted()).toEqual([0n, 1n])
      })

      describe('exactly once', () => {
        const offset: StoredOffset = { engine: 'delivery', source: 'any', identity: {}, position: { at: 1 } }

        async function deliverOnce(offsets: string): Promise<void> {
          await using sink = kafkaSink({ ...connection(), exactlyOnce: true, transactionalId: `id-${topic}` })
          sink.joinOffsets!(kafkaOffsets({ ...connection(), topic: offsets }))
          await sink.open!(sinkContext(), never)
          await sink.write({ events: [], records: sampleRecords(record()), offset }, never)
          await sink.flush(never)
        }

        it('needs rights on topic, offsets topic and transactional id, and no others', async () => {
          const offsets = `offsets-${topic}`
          await kafka.createTopic(offsets, { config: { 'cleanup.policy': 'compact' } })
          await expect(deliverOnce(offsets)).rejects.toMatchObject({ code: expect.stringMatching(/TR_KAFKA_(AUTHORIZATION|TOPIC_MISSING|TOPIC_INVALID)/) as string })
          await grant(TOPIC, offsets, READ, WRITE, DESCRIBE, DESCRIBE_CONFIGS)
          await grant(TOPIC, topic, WRITE, DESCRIBE)
          await expect(deliverOnce(offsets)).rejects.toMatchObject(refused(/TRANSACTIONAL_ID_AUTHORIZATION_FAILED/))
          await grant(TRANSACTIONAL_ID, `id-${topic}`, WRITE, DESCRIBE)
          await deliverOnce(offsets)
          // the record, and the marker of its transaction
          await expect.poll(() => kafka.endOffsets(topic), { timeout: 60_000 }).toEqual([2n])
        })
      })

      it('that is taken away in the midst: refused', async () => {
        await grant(TOPIC, topic, WRITE, DESCRIBE)
        await using sink = kafkaSink(connection())
        await sink.open!(sinkContext(), never)
        await sink.write({ events: [], records: sampleRecords(record()) }, never)
        await sink.flush(never)
        await kafka.withAdmin((admin) => admin.deleteAcls({ filters: [{ resourceType: TOPIC, resourceName: topic, resourcePatternType: ResourcePatternTypes.LITERAL, operation: AclOperationTypes.ANY, permissionType: AclPermissionTypes.ANY }] as never }))
        const again = async (): Promise<void> => {
          for (;;) {
            await sink.write({ events: [], records: sampleRecords(record()) }, never)
            await sink.flush(never)
          }
        }
        await expect(again()).rejects.toMatchObject(refused(/TOPIC_AUTHORIZATION_FAILED/))
      })
    } else {
      it('that is renewed again and again, while records flow in order', async () => {
        await grant(TOPIC, topic, WRITE, DESCRIBE)
        const warnings: unknown[] = []
        await using sink = kafkaSink(connection())
        await sink.open!(sinkContext((error) => void warnings.push(error)), never)
        let sent = 0n
        for (const end = performance.now() + LOGIN_MS * 1.5; performance.now() < end; sent++) {
          await sink.write({ events: [], records: sampleRecords(record()) }, never)
          if (sent % 10n === 0n) await sink.flush(never)
          await delay(5)
        }
        await sink.flush(never)
        expect(warnings.map(String).join('\n')).toBe('')
        expect(await kafka.endOffsets(topic)).toEqual([sent])
      })
    }
  })
})
