import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { JAVA_OPTIONS, startJavaServer, type JavaProcess } from './java-process.ts'
import { LOG4J_PROPERTIES, serverProperties, type KafkaPorts } from './kafka-config.ts'
import { installed, javaProgram, mavenJars, requireJava } from './maven.ts'
import { freePort } from './port.ts'
import { unwatch, watch } from './watchdog.ts'

export const KAFKA_VERSION = '4.3.1'
/** Without a binding for log4j the broker logs nothing at all. */
const LOG4J = '2.24.3'

/** What a broker is started with. */
export interface KafkaInstall {
  readonly jars: string
  /** Options of `java`. */
  readonly options: readonly string[]
}

/** Its jars, fetched on the first call, and what makes it start quickly. */
export async function installKafka(): Promise<KafkaInstall> {
  const java = requireJava(`Kafka ${KAFKA_VERSION}`, 17)
  const jars = await mavenJars(`kafka-${KAFKA_VERSION}`, [
    `org.apache.kafka:kafka_2.13:${KAFKA_VERSION}`,
    `org.apache.logging.log4j:log4j-slf4j-impl:${LOG4J}`,
    `org.apache.logging.log4j:log4j-core:${LOG4J}`,
  ])
  const options = [...JAVA_OPTIONS, '-Xmx400m']
  const archive = path.join(await classArchive(jars, options, java), ARCHIVE)
  // Java ignores an archive that is not of this Java and these jars.
  return { jars, options: existsSync(archive) ? [...options, `-XX:SharedArchiveFile=${archive}`] : options }
}

const ARCHIVE = 'broker.jsa'

/**
 * Half of the work of a broker's start is to load and check its classes. Java can write them down when it ends (the
 * manual of `java`, Application Class Data Sharing): one broker is started for that, once a machine.
 */
async function classArchive(jars: string, options: readonly string[], java: string): Promise<string> {
  return await installed(`kafka-${KAFKA_VERSION}-classes`, [jars, ...options, java], async (staging) => {
    const made = path.join(staging, 'classes')
    await mkdir(made)
    watch(staging)
    try {
      const log = path.join(staging, 'data', 'log')
      await formatStorage(jars, {}, log)
      const ports = await kafkaPorts()
      await writeBrokerFiles(staging, serverProperties(log, { ports, proxyPort: undefined, secure: undefined }, {}))
      const broker = await startBroker(staging, { jars, options: [...options, `-XX:ArchiveClassesAtExit=${path.join(made, ARCHIVE)}`] })
      await broker.stop()
    } finally {
      unwatch(staging)
    }
    return made
  })
}

/** Starts the broker of a folder that `writeBrokerFiles` has written to. */
export async function startBroker(dir: string, { jars, options }: KafkaInstall): Promise<JavaProcess> {
  return await startJavaServer({
    name: `Kafka ${KAFKA_VERSION}`,
    dir,
    java: javaProgram(),
    args: [...options, `-Dlog4j2.configurationFile=${path.join(dir, 'log4j2.properties')}`, '-cp', path.join(jars, '*'), 'kafka.Kafka', path.join(dir, 'server.properties')],
    // The last thing it says at its start, after its listeners serve requests.
    ready: (log) => log.includes('Kafka Server started'),
  })
}

export async function writeBrokerFiles(dir: string, properties: string): Promise<void> {
  await writeFile(path.join(dir, 'server.properties'), properties)
  await writeFile(path.join(dir, 'log4j2.properties'), LOG4J_PROPERTIES)
}

/** Free ones, all different. */
export async function kafkaPorts(): Promise<KafkaPorts> {
  const ports = new Set<number>()
  while (ports.size < 5) ports.add(await freePort())
  const [plaintext, controller, proxied, sasl, mutual] = [...ports] as [number, number, number, number, number]
  return { plaintext, controller, proxied, sasl, mutual }
}

/** Formatting starts a Java of its own for more than a second: it runs once a machine and set of users, and is copied. */
export async function formatStorage(jars: string, users: Readonly<Record<string, string>>, logDir: string): Promise<void> {
  const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) =>
    Object.entries(users).flatMap(([name, password]) => ['--add-scram', `${mechanism}=[name=${name},password=${password}]`]))
  const args = ['format', '-t', Buffer.from('tailrace-cluster').toString('base64url'), ...scram]
  const template = await installed(`kafka-${KAFKA_VERSION}-storage`, args, async (staging) => {
    const log = path.join(staging, 'log')
    const config = path.join(staging, 'server.properties')
    await writeFile(config, serverProperties(log, { ports: await kafkaPorts(), proxyPort: undefined, secure: undefined }, {}))
    await promisify(execFile)(javaProgram(), [...JAVA_OPTIONS, '-cp', path.join(jars, '*'), 'kafka.tools.StorageTool', ...args, '-c', config])
    return log
  })
  await mkdir(logDir, { recursive: true })
  for (const name of ['meta.properties', 'bootstrap.checkpoint']) await copyFile(path.join(template, name), path.join(logDir, name))
}
