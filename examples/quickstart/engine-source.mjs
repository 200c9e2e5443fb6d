// @ts-check
import { fileSchemaHistory } from 'tailrace'
import { mariadb } from 'tailrace/mariadb'
import { mysql } from 'tailrace/mysql'
import { postgres } from 'tailrace/postgres'

/**
 * The shop, wherever it is.
 * @param {string} url
 * @param {string} historyFile Where MySQL's and MariaDB's definitions of tables are kept.
 */
export function sourceOf(url, historyFile) {
  const { protocol, pathname } = new URL(url)
  if (protocol === 'postgres:') return postgres({ connection: url, tables: ['public.*'] })
  const options = { connection: url, databases: [pathname.slice(1)], history: fileSchemaHistory(historyFile) }
  return protocol === 'mysql:' ? mysql(options) : mariadb(options)
}
