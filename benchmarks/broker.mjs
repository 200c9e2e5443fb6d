// The Java servers of the Kafka runs: a broker, a schema registry, and Kafka Connect's jars. They are had as the tests have
// them (test/server), Maven's way, into the same cache folder.
import { mkdtempSync, readdirSync, statSync } from 'node:fs'
import { register } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'

// What Kafka's own start script gives to Java (bin/kafka-server-start.sh, kafka-run-class.sh): the tests' broker starts
// quickly instead, and would be the slowest part of a measurement.
const JVM = ['-Xms1g', '-Xmx1g', '-server', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20', '-XX:InitiatingHeapOccupancyPercent=35', '-XX:+ExplicitGCInvokesConcurrent', '-Djava.awt.headless=true']
// The first two are Kafka's defaults, which the tests' broker has lower. A topic's files go at once with the topic: every run leaves a gigabyte.
const SETTINGS = { 'num.network.threads': '3', 'num.io.threads': '8', 'log.segment.delete.delay.ms': '1000' }
const LOG4J = '2.24.3'

/** @type {Promise<any> | undefined} */
let loading

/** The tests' modules are TypeScript, which Node 20 does not load by itself. */
function testServers() {
  loading ??= (async () => {
    register('../scripts/typescript-hooks.mjs', import.meta.url)
    const modules = await Promise.all([
      import('../test/server/kafka.ts'), import('../test/server/kafka-jars.ts'), import('../test/server/maven.ts'),
      import('../test/server/port.ts'), import('../test/server/registry.ts'), import('../test/server/registry-app.ts'), import('../test/server/watchdog.ts'),
    ])
    return Object.assign({}, ...modules)
  })()
  return loading
}

/** @typedef {Awaited<ReturnType<typeof startBroker>>} Broker */

/** Starts a broker on a free port. Whatever happens to this process, the watchdog of the tests ends it. */
export async function startBroker() {
  const { KafkaServer, installKafka, KAFKA_VERSION, watch } = await testServers()
  const { jars } = await installKafka()
  const dir = mkdtempSync(join(tmpdir(), 'tailrace-bench-kafka-'))
  watch(dir)
  const server = new KafkaServer({ settings: SETTINGS }, { jars, options: JVM }, dir)
  try {
    await server.start()
  } catch (error) {
    await server[Symbol.asyncDispose]()
    throw error
  }
  const client = new Kafka({ clientId: 'bench', brokers: [server.url], logLevel: logLevel.NOTHING })
  const admin = client.admin()
  await admin.connect()
  /** @type {Promise<any> | undefined} */
  let registry
  /** The last stable offset: what consumers of committed records can read. kafkajs asks with READ_COMMITTED. */
  const endOffset = async (topic) => Number((await admin.fetchTopicOffsets(topic))[0]?.high)
  return {
    url: server.url,
    version: KAFKA_VERSION,
    client,
    endOffset,
    /** Makes a topic of one partition. A busy broker may not know it for a moment, which kafkajs's `waitForLeaders` does not wait for. */
    createTopic: async (topic) => {
      await admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1 }], waitForLeaders: false })
      for (const deadline = performance.now() + 30_000; ;) {
        try {
          return await endOffset(topic)
        } catch (error) {
          if (performance.now() > deadline) throw error
          await sleep(200)
        }
      }
    },
    deleteTopic: async (topic) => await admin.deleteTopics({ topics: [topic] }),
    /** Bytes of the topic in the broker's log. */
    topicBytes: (topic) => {
      const folder = join(dir, 'data', 'log', `${topic}-0`)
      return readdirSync(folder).filter((file) => file.endsWith('.log')).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0)
    },
    /** Address of a schema registry with Confluent's API; it is started when it is first asked for. */
    registry: async () => (await (registry ??= testServers().then(({ startRegistry }) => startRegistry()))).url,
    stop: async () => {
      await admin.disconnect()
      await (await registry?.catch(() => undefined))?.[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** Why there is no schema registry here, or nothing. Fetches it on the first call. */
export const missingRegistry = () => reasonOf(async () => await (await testServers()).installRegistry())

export async function registryVersion() {
  return `Apicurio Registry ${(await testServers()).REGISTRY_VERSION}`
}

/** Why Kafka Connect with a connector of that version cannot run here, or nothing. Fetches both on the first call. */
export const missingConnect = (debezium) => reasonOf(async () => await installConnect(debezium))

/** The jars of Kafka Connect, and the folder its plugin, Debezium's connector for PostgreSQL, was unpacked to. */
export async function installConnect(debezium) {
  const { KAFKA_VERSION, mavenArchive, mavenJars, requireJava, javaProgram, freePort } = await testServers()
  requireJava('Kafka Connect', 17)
  const jars = await mavenJars(`connect-${KAFKA_VERSION}`, [
    `org.apache.kafka:connect-runtime:${KAFKA_VERSION}`,
    `org.apache.kafka:connect-json:${KAFKA_VERSION}`,
    `org.apache.logging.log4j:log4j-slf4j-impl:${LOG4J}`,
    `org.apache.logging.log4j:log4j-core:${LOG4J}`,
  ])
  const plugins = await mavenArchive(`debezium-connector-postgres-${debezium}`, `io.debezium:debezium-connector-postgres:${debezium}:tar.gz:plugin`)
  return { java: javaProgram(), jars: join(jars, '*'), plugins, version: KAFKA_VERSION, port: await freePort() }
}

async function reasonOf(install) {
  try {
    await install()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
