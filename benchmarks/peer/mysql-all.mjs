// Everything that is measured on MySQL and MariaDB, in the order of the first repetition.
import { reader } from './debezium.mjs'
import { mysqlClient } from './mysql-client.mjs'
import { writeMysqlProperties } from './mysql-properties.mjs'
import { mysqlCallback, mysqlCommand, mysqlNothing, mysqlSink, mysqlSinkSnapshot, mysqlSnapshot } from './mysql-tailrace.mjs'
import { mysqlbinlog } from './mysqlbinlog.mjs'
import { vlasky, zongji } from './zongji.mjs'

/**
 * @typedef {object} MysqlJob what a peer is to read
 * @property {any} server see mysql-server.mjs; `host`, `port` and `flavor` are its
 * @property {string} host
 * @property {number} port
 * @property {'mysql' | 'mariadb'} flavor
 * @property {string} database
 * @property {string} table
 * @property {number} rows
 * @property {string} file of the binary log, which has the workload and nothing else
 * @property {number} serverId of this run alone
 * @property {string} slot names the run's files
 * @property {{offset: string, history: string} | undefined} place before the first row, in files of this run
 * @property {string} folder for files of the run
 *
 * @typedef {Omit<import('./all.mjs').Peer, 'read' | 'check'> & {
 *   flavors: string[], read: (job: any) => Promise<import('../process.mjs').Reading>, check?: (job: any) => Promise<string | void>
 * }} MysqlPeer
 */

/** Of this release, Maven's repositories have no connector for MariaDB. */
const debezium = (name, more) => ({ ...reader(name, more, writeMysqlProperties), flavors: ['mysql'] })
const debeziumDefault = debezium('Debezium', {})
const debeziumPoll5 = debezium('Debezium, poll 5 ms', { 'poll.interval.ms': '5' })

/** @type {MysqlPeer[]} */
export const MYSQL_PEERS = [mysqlbinlog, mysqlCommand, vlasky, mysqlSink, zongji, mysqlCallback, mysqlNothing, debeziumDefault, debeziumPoll5, mysqlClient, mysqlSnapshot, mysqlSinkSnapshot]
export const MYSQL_NAMES = {
  mysqlbinlog: mysqlbinlog.name,
  vlasky: vlasky.name,
  zongji: zongji.name,
  client: mysqlClient.name,
  debezium: [debeziumDefault.name, debeziumPoll5.name],
  command: mysqlCommand.name,
  sink: mysqlSink.name,
  callback: mysqlCallback.name,
  snapshots: [mysqlSnapshot.name, mysqlSinkSnapshot.name],
}
