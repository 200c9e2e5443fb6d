// The configuration that Debezium's engine and our command both take: the very same file for the two.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Writes a properties file for reading `job`.
 * @param {{url: string, slot: string, publication: string, table: string, folder: string}} job
 * @param {Record<string, string>} more
 */
export function writeProperties(job, more) {
  const url = new URL(job.url)
  const properties = {
    'name': 'bench',
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    'offset.storage': 'org.apache.kafka.connect.storage.FileOffsetBackingStore',
    'offset.storage.file.filename': join(job.folder, `${job.slot}.offset`),
    'topic.prefix': 'bench',
    'database.hostname': url.hostname,
    'database.port': url.port || '5432',
    'database.user': decodeURIComponent(url.username),
    'database.password': decodeURIComponent(url.password),
    'database.dbname': url.pathname.slice(1),
    'plugin.name': 'pgoutput',
    'slot.name': job.slot,
    'publication.name': job.publication,
    'publication.autocreate.mode': 'disabled',
    'table.include.list': `public.${job.table}`,
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
