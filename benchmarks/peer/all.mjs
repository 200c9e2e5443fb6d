// Everything that is measured, in the order of the first repetition.
import { debeziumDefault, debeziumPoll5 } from './debezium.mjs'
import { plrDefault, plrSilent } from './plr.mjs'
import { psql } from './psql.mjs'
import { recvlogical } from './recvlogical.mjs'
import { tailraceCallback, tailraceCommand, tailraceNothing, tailraceSink, tailraceSinkSnapshot, tailraceSnapshot } from './tailrace.mjs'

/**
 * @typedef {object} Job what a peer is to read
 * @property {string} url
 * @property {string} slot made for this run alone
 * @property {string} publication of the one table
 * @property {string} table in the schema public
 * @property {number} rows
 * @property {string} endLsn the end of the workload in the WAL
 * @property {string} folder for files of the run
 * @property {import('../broker.mjs').Broker} [broker] in the runs into Kafka
 *
 * @typedef {object} Peer
 * @property {string} name
 * @property {string[]} workloads
 * @property {() => Promise<string | undefined>} missing why it cannot be had here
 * @property {() => Promise<string>} version
 * @property {(job: Job) => Promise<import('../process.mjs').Reading>} read
 * @property {(job: Job) => Promise<string | void>} [check] reads once without being measured; rejects when a row is missing or wrong
 */

/** @type {Peer[]} */
export const PEERS = [recvlogical, tailraceCommand, plrSilent, tailraceSink, plrDefault, tailraceCallback, tailraceNothing, debeziumDefault, debeziumPoll5, psql, tailraceSnapshot, tailraceSinkSnapshot]
export const NAMES = {
  recvlogical: recvlogical.name,
  psql: psql.name,
  debezium: [debeziumDefault.name, debeziumPoll5.name],
  command: tailraceCommand.name,
  sink: tailraceSink.name,
  callback: tailraceCallback.name,
  nothing: tailraceNothing.name,
  snapshots: [tailraceSnapshot.name, tailraceSinkSnapshot.name],
}
