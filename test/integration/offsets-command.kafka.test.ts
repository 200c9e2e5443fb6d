import { writeFile } from 'node:fs/promises'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { command } from '../../src/cli/command.ts'
import { kafkaOffsets } from '../../src/kafka.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import { requireKafka } from '../server/require.ts'
import { Recorded } from '../unit/cli/output.ts'
import { temporaryFolder } from '../unit/offset/folder.ts'

const KEY = '["orders",{"server":"shop"}]'
const DEBEZIUM = '{"lsn_proc":23803840,"messageType":"INSERT","lsn_commit":23803720,"lsn":23803840,"txId":773,"ts_usec":1795207719880519}'

async function tailrace(...argv: string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const [stdout, stderr] = [new Recorded(), new Recorded()]
  const code = await command(['offsets', ...argv], { stdout, stderr, environment: {}, signal: new AbortController().signal })
  return { code, stdout: stdout.text, stderr: stderr.text }
}

const withKafka = await requireKafka()
withKafka('an offset that Kafka Connect keeps for Debezium', () => {
  let kafka: KafkaServer
  beforeAll(async () => {
    kafka = await startKafka()
  }, 180_000)
  afterAll(async () => {
    await kafka?.[Symbol.asyncDispose]()
  })

  async function configuration(file: string, more: Readonly<Record<string, string>>): Promise<string> {
    const properties = {
      'name': 'orders', 'connector.class': 'io.debezium.connector.postgresql.PostgresConnector', 'database.hostname': 'db', 'database.user': 'u', 'database.dbname': 'shop', 'topic.prefix': 'shop', 'plugin.name': 'pgoutput', ...more,
    }
    await writeFile(file, Object.entries(properties).map(([name, value]) => `${name}=${value}\n`).join(''))
    return file
  }

  test('is shown and moved between topic and file, and showing stops nobody', { timeout: 60_000 }, async () => {
    await using folder = await temporaryFolder()
    const topic = 'connect-offsets'
    const client = new Kafka({ brokers: [kafka.url], logLevel: logLevel.NOTHING })
    const [admin, producer] = [client.admin(), client.producer()]
    await Promise.all([admin.connect(), producer.connect()])
    await admin.createTopics({ topics: [{ topic, numPartitions: 5, configEntries: [{ name: 'cleanup.policy', value: 'compact' }] }], waitForLeaders: true })
    const inKafka = await configuration(`${folder.path}/kafka.properties`, { 'offset.storage': 'org.apache.kafka.connect.storage.KafkaOffsetBackingStore', 'bootstrap.servers': kafka.url, 'offset.storage.topic': topic })
    const inFile = await configuration(`${folder.path}/file.properties`, { 'offset.storage.file.filename': `${folder.path}/offsets.dat` })
    expect(await tailrace('show', inKafka)).toMatchObject({ code: 0, stdout: expect.stringContaining('none') })
    await producer.send({ topic, messages: [{ key: KEY, value: DEBEZIUM }, { key: '["stock",{"server":"store"}]', value: '{"lsn":1}' }] })
    expect(await tailrace('show', inKafka)).toMatchObject({ code: 0, stdout: expect.stringContaining('up to the change at 0/16B37C0') })
    expect(await tailrace('export', inKafka, '--to', `${folder.path}/debezium.dat`)).toMatchObject({ code: 0 })
    expect(await tailrace('import', inFile, '--from', inKafka)).toMatchObject({ code: 0, stdout: expect.stringContaining('Debezium wrote it') })
    expect(await tailrace('import', inKafka, '--from', `${folder.path}/debezium.dat`)).toMatchObject({ code: 3, stderr: expect.stringContaining('TR_OFFSET_EXISTS') })
    await using held = kafkaOffsets({ brokers: [kafka.url], topic, name: 'orders', server: 'shop' })
    const offset = (await held.load('orders'))!
    expect(await tailrace('show', inKafka)).toMatchObject({ code: 0 })
    await held.save({ ...offset, identity: { slot: 'orders' } })
    expect((await tailrace('show', inKafka)).stdout).toContain('slot orders')
    // a topic that is not there is not made by looking
    const elsewhere = await configuration(`${folder.path}/elsewhere.properties`, { 'offset.storage': 'kafka', 'bootstrap.servers': kafka.url, 'offset.storage.topic': 'nowhere' })
    expect(await tailrace('show', elsewhere)).toMatchObject({ code: 0, stdout: expect.stringContaining('none') })
    expect(await admin.listTopics()).not.toContain('nowhere')
    await Promise.all([admin.disconnect(), producer.disconnect()])
  })
})
