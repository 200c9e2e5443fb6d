/**
 * Type codes of events. MySQL: mysql::binlog::event::Log_event_type (libs/mysql/binlog/event/binlog_event.h); MariaDB, from 160 on:
 * enum Log_event_type (sql/log_event.h).
 */
export const EVENT = {
  unknown: 0,
  startV3: 1,
  query: 2,
  stop: 3,
  rotate: 4,
  intvar: 5,
  load: 6,
  slave: 7,
  createFile: 8,
  appendBlock: 9,
  execLoad: 10,
  deleteFile: 11,
  newLoad: 12,
  rand: 13,
  userVar: 14,
  formatDescription: 15,
  xid: 16,
  beginLoadQuery: 17,
  executeLoadQuery: 18,
  tableMap: 19,
  writeRowsV0: 20,
  updateRowsV0: 21,
  deleteRowsV0: 22,
  writeRowsV1: 23,
  updateRowsV1: 24,
  deleteRowsV1: 25,
  incident: 26,
  heartbeat: 27,
  ignorable: 28,
  rowsQuery: 29,
  writeRows: 30,
  updateRows: 31,
  deleteRows: 32,
  gtid: 33,
  anonymousGtid: 34,
  previousGtids: 35,
  transactionContext: 36,
  viewChange: 37,
  xaPrepare: 38,
  partialUpdateRows: 39,
  transactionPayload: 40,
  heartbeatV2: 41,
  taggedGtid: 42,
  annotateRows: 160,
  binlogCheckpoint: 161,
  mariadbGtid: 162,
  gtidList: 163,
  startEncryption: 164,
  queryCompressed: 165,
  writeRowsCompressedV1: 166,
  updateRowsCompressedV1: 167,
  deleteRowsCompressedV1: 168,
  writeRowsCompressed: 169,
  updateRowsCompressed: 170,
  deleteRowsCompressed: 171,
} as const

const NAMES = new Map<number, string>(Object.entries(EVENT).map(([name, type]) => [type, name]))

/** For messages: the name where it has one. */
export function eventName(type: number): string {
  const name = NAMES.get(type)
  return name === undefined ? String(type) : `${type}, ${name}`
}
