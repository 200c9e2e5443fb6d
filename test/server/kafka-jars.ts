import { execFile } from 'node:child_process'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { JAVA_OPTIONS } from './java-process.ts'
import { serverProperties } from './kafka-config.ts'
import { installed, javaProgram, mavenJars, requireJava } from './maven.ts'

export const KAFKA_VERSION = '4.3.1'
/** Without a binding for log4j the broker logs nothing at all. */
const LOG4J = '2.24.3'

/** The folder with its jars, fetched on the first call. */
export async function installKafka(): Promise<string> {
  requireJava(`Kafka ${KAFKA_VERSION}`, 17)
  return await mavenJars(`kafka-${KAFKA_VERSION}`, [
    `org.apache.kafka:kafka_2.13:${KAFKA_VERSION}`,
    `org.apache.logging.log4j:log4j-slf4j-impl:${LOG4J}`,
    `org.apache.logging.log4j:log4j-core:${LOG4J}`,
  ])
}

/** Formatting starts a Java of its own for more than a second: it runs once a machine and set of users, and is copied. */
export async function formatStorage(jars: string, users: Readonly<Record<string, string>>, logDir: string): Promise<void> {
  const template = await installed(`kafka-${KAFKA_VERSION}-storage`, [JSON.stringify(users)], async (staging) => {
    const log = path.join(staging, 'log')
    const config = path.join(staging, 'server.properties')
    await writeFile(config, serverProperties(log, { ports: { plaintext: 1, controller: 2, proxied: 3, sasl: 4, mutual: 5 }, proxyPort: undefined, secure: undefined }, {}))
    const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) =>
      Object.entries(users).flatMap(([name, password]) => ['--add-scram', `${mechanism}=[name=${name},password=${password}]`]))
    const id = Buffer.from('tailrace-cluster').toString('base64url')
    await promisify(execFile)(javaProgram(), [...JAVA_OPTIONS, '-cp', path.join(jars, '*'), 'kafka.tools.StorageTool', 'format', '-t', id, '-c', config, ...scram])
    return log
  })
  await mkdir(logDir, { recursive: true })
  for (const name of ['meta.properties', 'bootstrap.checkpoint']) await copyFile(path.join(template, name), path.join(logDir, name))
}
