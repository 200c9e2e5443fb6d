// @ts-check
// A Kafka of our own for the examples: the broker's jars by Maven (once, kept in the user's cache), one node that is its own
// controller, free ports of 127.0.0.1, a temporary folder. Nothing else is left of it. With KAFKA_BROKERS=host:port, yours.
import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { mkdir, mkdtemp, open, rename, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort } from './server.mjs'

const VERSION = '4.3.1'
const JARS = [['org.apache.kafka', 'kafka_2.13', VERSION], ['org.apache.logging.log4j', 'log4j-slf4j-impl', '2.24.3'], ['org.apache.logging.log4j', 'log4j-core', '2.24.3']]
/** A quick start and little memory. */
const JAVA_OPTIONS = ['-Xmx400m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData']

/** The last thing that a broker says at its start. */
const STARTED = 'Kafka Server started'
const LOGGING = `status=error
appender.o.type=Console
appender.o.name=O
appender.o.layout.type=PatternLayout
appender.o.layout.pattern=%p %c{1} %m%n
rootLogger.level=WARN
rootLogger.appenderRef.o.ref=O
logger.started.name=kafka.server.KafkaRaftServer
logger.started.level=INFO
`

/**
 * @typedef {object} Broker
 * @property {string[]} brokers
 * @property {boolean} own It was started here.
 * @property {() => Promise<void>} stop Ends it, where it was started here.
 */

/** What is missing to start one; undefined where nothing is. */
export function missingForBroker() {
  if (process.env['KAFKA_BROKERS']) return undefined
  const java = spawnSync('java', ['--version'], { encoding: 'utf8' })
  const major = Number(/^\S+ (\d+)/.exec(java.stdout ?? '')?.[1])
  const missing = [...(major >= 17 ? [] : ['Java 17 or newer']), ...(spawnSync(maven(), ['-v'], { shell: process.platform === 'win32' }).status === 0 ? [] : ['Maven'])]
  if (missing.length === 0) return undefined
  return `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} needed to start a Kafka broker. Install ${missing.length > 1 ? 'them' : 'it'}, or name a broker that runs: KAFKA_BROKERS=host:port`
}

/** @returns {Promise<Broker>} */
export async function startBroker() {
  const given = process.env['KAFKA_BROKERS']
  if (given) return { brokers: given.split(','), own: false, stop: async () => {} }
  const jars = path.join(await install(), '*')
  const folder = await mkdtemp(path.join(tmpdir(), 'tailrace-example-kafka-'))
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let broker
  const abandon = () => {
    broker?.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  }
  process.once('exit', abandon)
  const [port, controller] = [await freePort(), await freePort()]
  const file = path.join(folder, 'server.properties')
  const logging = path.join(folder, 'log4j2.properties')
  await writeFile(file, properties(port, controller, path.join(folder, 'data')))
  await writeFile(logging, LOGGING)
  await promisify(execFile)('java', [...JAVA_OPTIONS, '-cp', jars, 'kafka.tools.StorageTool', 'format', '-t', 'dGFpbHJhY2UtZXhhbXBsZQ', '-c', file])
  const log = await open(path.join(folder, 'server.log'), 'w')
  // Its own process group: Ctrl-C is for us, and we end the broker when we have closed what uses it.
  broker = spawn('java', [...JAVA_OPTIONS, `-Dlog4j2.configurationFile=${logging}`, '-cp', jars, 'kafka.Kafka', file], { cwd: folder, detached: true, stdio: ['ignore', log.fd, log.fd] })
  const ended = once(broker, 'exit')
  await log.close()
  const said = () => readFileSync(path.join(folder, 'server.log'), 'utf8')
  while (!said().includes(STARTED)) if ((await Promise.race([ended, delay(50)])) !== undefined) throw new Error(`Kafka did not start: ${said()}`)
  return {
    brokers: [`127.0.0.1:${port}`],
    own: true,
    async stop() {
      process.off('exit', abandon)
      broker?.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
    },
  }
}

/**
 * The folder with the jars, fetched on the first call. Where from is Maven's own configuration (settings.xml: mirrors, proxies).
 * @returns {Promise<string>}
 */
async function install() {
  const cache = process.env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache')
  const home = path.join(cache, 'tailrace', `example-kafka-${VERSION}`)
  if (existsSync(home)) return home
  console.log(`   fetching Kafka ${VERSION} with Maven (once) …`)
  await mkdir(path.dirname(home), { recursive: true })
  const staging = await mkdtemp(`${home}-`)
  try {
    const dependencies = JARS.map(([group, artifact, version]) => `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`)
    await writeFile(path.join(staging, 'pom.xml'), `<project><modelVersion>4.0.0</modelVersion><groupId>tailrace.example</groupId><artifactId>kafka</artifactId><version>1</version><dependencies>${dependencies.join('')}</dependencies></project>`)
    await promisify(execFile)(maven(), ['-q', '-B', 'dependency:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=jars'], { cwd: staging, shell: process.platform === 'win32' })
    // two at once: the first rename wins
    await rename(path.join(staging, 'jars'), home).catch((error) => {
      if (!existsSync(home)) throw error
    })
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
  return home
}

function maven() {
  return process.platform === 'win32' ? 'mvn.cmd' : 'mvn'
}

/**
 * @param {number} port
 * @param {number} controller
 * @param {string} data
 */
function properties(port, controller, data) {
  const settings = {
    'process.roles': 'broker,controller', 'node.id': 1, 'log.dirs': data,
    'listeners': `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`, 'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER', 'controller.quorum.voters': `1@127.0.0.1:${controller}`, 'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    // one node: no replicas, few partitions of its own topics, nobody to wait for
    'offsets.topic.replication.factor': 1, 'offsets.topic.num.partitions': 1, 'group.initial.rebalance.delay.ms': 0,
    'transaction.state.log.replication.factor': 1, 'transaction.state.log.min.isr': 1, 'transaction.state.log.num.partitions': 1,
    'auto.create.topics.enable': false,
  }
  return Object.entries(settings).map(([name, value]) => `${name}=${value}\n`).join('')
}
