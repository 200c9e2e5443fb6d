import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { describe } from 'vitest'
import { installAvroData } from '../peer/avro-data/avro-data.ts'
import { installConfluentReader } from '../peer/confluent/confluent-reader.ts'
import { installDebezium, type DebeziumConnector } from '../peer/debezium/debezium.ts'
import { installSchemaHistoryPeer } from '../peer/debezium/schema-history.ts'
import { installKafkaClient } from '../peer/kafka-client/kafka-client.ts'
import { reachablePostgres, serverAccount } from './account.ts'
import { ServerUnavailableError, type PostgresMajor } from './binary.ts'
import { installCompressors } from './compressors.ts'
import { installGhOst } from './gh-ost.ts'
import { installKafka } from './kafka-jars.ts'
import { installKinesis, type KinesisPackage } from './kinesis.ts'
import { installRegistry } from './registry-app.ts'
import { installMariadb, type MariadbVersion } from './mariadb.ts'
import { installMysql } from './mysql.ts'
import { installPerconaToolkit } from './percona-toolkit.ts'
import { makeCertificates } from './tls.ts'

/**
 * Call at the top of a test file: `const withPostgres = await requirePostgres(16)`, then `withPostgres('…', () => …)`
 * in place of `describe`. Where that server cannot be had, the tests are skipped and one line says what is missing and
 * why; with CI=true it throws, for tests that silently do not run there prove nothing.
 */
export async function requirePostgres(...majors: PostgresMajor[]): Promise<ReturnType<typeof describe.skipIf>> {
  return await available(async () => {
    const account = serverAccount()
    for (const major of majors) await reachablePostgres(major, account)
  })
}

/** The same for tests that need certificates, which are made with the `openssl` command. */
export async function requireTls(): Promise<ReturnType<typeof describe.skipIf>> {
  return await available(async () => {
    const dir = await mkdtemp(path.join(os.tmpdir(), 'tailrace-tls-'))
    try {
      makeCertificates(dir)
    } finally {
      await rm(dir, { recursive: true })
    }
  })
}

/** The same for MySQL, whose packages are fetched on a Debian. */
export async function requireMysql(): Promise<ReturnType<typeof describe.skipIf>> {
  return await available(installMysql)
}

/** The same for MariaDB. */
export async function requireMariadb(...versions: MariadbVersion[]): Promise<ReturnType<typeof describe.skipIf>> {
  return await available(async () => {
    for (const version of versions) await installMariadb(version)
  })
}

/** The same for Percona's programs, which need a perl. */
export async function requirePerconaToolkit(): Promise<ReturnType<typeof describe.skipIf>> {
  return await available(installPerconaToolkit)
}

/** The same for gh-ost, which is built by the command "go". */
export async function requireGhOst(): Promise<ReturnType<typeof describe.skipIf>> {
  return await available(installGhOst)
}

/** The same for Kafka: Java 17 and Maven have to be installed, and `openssl` for its listeners with TLS. */
export async function requireKafka(): Promise<ReturnType<typeof describe.skipIf>> {
  return await available(installKafka)
}

/** The same for a schema registry: Maven, and Java 21 or Python's pip, which brings one. */
export async function requireRegistry(): Promise<ReturnType<typeof describe.skipIf>> {
  return await available(installRegistry)
}

/** The same for Kafka's own client and Connect's JSON converter, which read what we wrote: Java 17 with its compiler, and Maven. */
export async function requireKafkaClient(): Promise<ReturnType<typeof describe.skipIf>> {
  return await available(installKafkaClient)
}

/** The same for Confluent's deserialiser and converter, which read Avro that we wrote. */
export async function requireConfluentReader(): Promise<ReturnType<typeof describe.skipIf>> {
  return await available(installConfluentReader)
}

/** The same for Confluent's AvroConverter, which says what our bytes have to be: Java 17 with its compiler, and Maven. */
export async function requireAvroData(): Promise<ReturnType<typeof describe.skipIf>> {
  return await available(installAvroData)
}

/** The same for the packages that compress as Node does not; they are found by `require` afterwards. */
export async function requireCompressors(): Promise<ReturnType<typeof describe.skipIf>> {
  return await available(installCompressors)
}

/** The same for Debezium itself: Java 17 with its compiler, and Maven. */
export async function requireDebezium(connector: DebeziumConnector = 'postgres'): Promise<ReturnType<typeof describe.skipIf>> {
  return await available(() => installDebezium(connector))
}

/** The same for Debezium's own schema histories. */
export async function requireSchemaHistoryPeer(): Promise<ReturnType<typeof describe.skipIf>> {
  return await available(installSchemaHistoryPeer)
}

/** The same for Kinesis' emulators, and for AWS' own reader of aggregated records. */
export async function requireKinesis(...kinds: KinesisPackage[]): Promise<ReturnType<typeof describe.skipIf>> {
  return await available(async () => {
    for (const kind of kinds) await installKinesis(kind)
  })
}

async function available(prepare: () => unknown): Promise<ReturnType<typeof describe.skipIf>> {
  try {
    await prepare()
    return describe.skipIf(false)
  } catch (error) {
    if (!(error instanceof ServerUnavailableError) || process.env['CI'] === 'true') throw error
    process.stderr.write(`SKIPPED, because it cannot be had here: ${error.message}\n`)
    return describe.skipIf(true)
  }
}
