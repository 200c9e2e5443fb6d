// @ts-check
// Where the play is given: a server of its own, and the shop in it.
import { randomBytes } from 'node:crypto'
import { startMysqlServer } from '../mysql-server.mjs'
import { startServer } from '../server.mjs'
import { MysqlShop } from './mysql-shop.mjs'
import { Shop } from './shop.mjs'

/**
 * @typedef {object} Stage
 * @property {string} title Of the database.
 * @property {string} server What is said of it.
 * @property {() => Promise<import('../server.mjs').Server>} start
 * @property {(url: string) => Promise<Shop | MysqlShop>} open
 * @property {(url: string) => string} engineUrl Where the engine connects to, with what it is to capture.
 */

/** @type {Record<'postgres' | 'mysql' | 'mariadb', Stage>} */
export const STAGES = {
  postgres: { title: 'PostgreSQL', server: 'a cluster of its own in a temporary folder, wal_level = logical', start: startServer, open: (url) => Shop.open(url), engineUrl: (url) => url },
  mysql: binlogStage('mysql', 'MySQL'),
  mariadb: binlogStage('mariadb', 'MariaDB'),
}

/**
 * @param {'mysql' | 'mariadb'} kind
 * @param {string} title
 * @returns {Stage}
 */
function binlogStage(kind, title) {
  const database = `shop_${randomBytes(4).toString('hex')}`
  const server = process.env['MYSQL_URL'] ? 'yours' : 'a server of its own in a temporary folder, binlog_format = ROW'
  return { title, server, start: () => startMysqlServer(kind), open: (url) => MysqlShop.open(url, database), engineUrl: (url) => `${kind}${url.slice(url.indexOf(':'))}/${database}` }
}
