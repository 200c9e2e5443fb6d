// The configuration that Debezium's engine and our command both take, and the place in the log that both begin at.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const CONNECTORS = { mysql: 'io.debezium.connector.mysql.MySqlConnector', mariadb: 'io.debezium.connector.mariadb.MariaDbConnector' }

/** Writes a properties file for reading `job`; offset and history are files that both programs read. */
export function writeMysqlProperties(job, more) {
  const properties = {
    'name': 'bench',
    'connector.class': CONNECTORS[job.flavor],
    'offset.storage': 'org.apache.kafka.connect.storage.FileOffsetBackingStore',
    'offset.storage.file.filename': job.place?.offset ?? join(job.folder, `${job.slot}.offset`),
    'schema.history.internal': 'io.debezium.storage.file.history.FileSchemaHistory',
    'schema.history.internal.file.filename': job.place?.history ?? join(job.folder, `${job.slot}.history`),
    'topic.prefix': 'bench',
    'database.hostname': job.host,
    'database.port': job.port,
    'database.user': 'root',
    'database.password': '',
    'database.server.id': job.serverId,
    'database.ssl.mode': job.flavor === 'mysql' ? 'disabled' : 'disable',
    'table.include.list': `${job.database}.${job.table}`,
    'include.schema.changes': 'false',
    'snapshot.mode': 'no_data',
    // Records with their schema inside are many times larger: without is the kinder setting to both.
    'key.converter.schemas.enable': 'false',
    'value.converter.schemas.enable': 'false',
    ...more,
  }
  const file = join(job.folder, `${job.slot}.properties`)
  writeFileSync(file, Object.entries(properties).map(([key, value]) => `${key}=${value}\n`).join(''))
  return file
}

/** Stores where the log ends now: offset and history as the command writes them, which are Debezium's own forms. */
export function keepPlace(job) {
  const slot = `${job.table}_place`
  const file = writeMysqlProperties({ ...job, slot, serverId: 69_999 }, {})
  const done = spawnSync(process.execPath, [main, 'run', file, '--stop-when-idle', '1s'], { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`tailrace run ended with ${done.status ?? done.signal}: ${done.stderr}`)
  return { offset: join(job.folder, `${slot}.offset`), history: join(job.folder, `${slot}.history`) }
}
