// Debezium where most have it: in Kafka Connect. A standalone worker for each run, with the defaults of worker and connector.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installConnect, missingConnect } from '../broker.mjs'
import { programVersion } from '../machine.mjs'
import { measureTopic } from '../topic.mjs'
import { VERSION } from './debezium.mjs'
import { prefixOf, withTopic } from './own-topic.mjs'
import { writeProperties } from './properties.mjs'

/** As the embedded engine gets: enough for its queues, and kinder to its memory figure than the script's 2 GiB. */
const JVM = ['-Xmx512m', '-Djava.awt.headless=true']

/** @type {import('./all.mjs').Peer} */
export const debeziumConnect = {
  name: 'Debezium, Kafka Connect',
  workloads: ['bulk'],
  missing: () => missingConnect(VERSION),
  version: async () => {
    const { version, java } = await installConnect(VERSION)
    return `${VERSION}, Kafka Connect ${version}, ${programVersion(java, '-version')}`
  },
  read: async (job) => {
    const { java, jars, plugins, port } = await installConnect(VERSION)
    const worker = join(job.folder, `${job.slot}.worker`)
    const properties = {
      'bootstrap.servers': job.broker?.url,
      'listeners': `http://127.0.0.1:${port}`,
      'offset.storage.file.filename': join(job.folder, `${job.slot}.connect-offset`),
      'plugin.path': plugins,
      // Of three ways to find the connector the quickest; its start is not in the counted part.
      'plugin.discovery': 'service_load',
      // Without schemas, as all peers with JSON.
      'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'key.converter.schemas.enable': 'false',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter.schemas.enable': 'false',
    }
    writeFileSync(worker, Object.entries(properties).map(([key, value]) => `${key}=${value}\n`).join(''))
    const connector = writeProperties(job, { 'topic.prefix': prefixOf(job), 'tasks.max': '1' })
    const args = [...JVM, '-cp', jars, 'org.apache.kafka.connect.cli.ConnectStandalone', worker, connector]
    return await withTopic(job, (wanted) => measureTopic({ command: java, args }, wanted))
  },
}
