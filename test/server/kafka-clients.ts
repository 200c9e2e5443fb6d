import { createRequire } from 'node:module'
import type { KafkaClientName } from '../../src/kafka.ts'

const PACKAGES: Readonly<Record<KafkaClientName, string>> = { 'kafkajs': 'kafkajs', 'kafkajs-plain': 'kafkajs', 'platformatic': '@platformatic/kafka', 'confluent': '@confluentinc/kafka-javascript' }

/** The client libraries that are installed; of the others one line says that their tests are skipped. */
export function installedKafkaClients(): KafkaClientName[] {
  const require = createRequire(import.meta.url)
  return (Object.keys(PACKAGES) as KafkaClientName[]).filter((client) => {
    try {
      require.resolve(PACKAGES[client])
      return true
    } catch {
      process.stderr.write(`SKIPPED, because it cannot be had here: Kafka client ${client}, package ${PACKAGES[client]}\n`)
      return false
    }
  })
}
