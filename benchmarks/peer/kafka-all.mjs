// Everything that is measured into Kafka, in the order of the first repetition.
import { debeziumConnect } from './connect.mjs'
import { kafkajs } from './kafkajs.mjs'
import { tailraceAvro, tailraceExactlyOnce, tailraceJson } from './tailrace-kafka.mjs'

/** @type {import('./all.mjs').Peer[]} */
export const KAFKA_PEERS = [debeziumConnect, tailraceJson, kafkajs, tailraceAvro, tailraceExactlyOnce]
export const KAFKA_NAMES = {
  debezium: debeziumConnect.name,
  kafkajs: kafkajs.name,
  json: tailraceJson.name,
  avro: tailraceAvro.name,
  exactlyOnce: tailraceExactlyOnce.name,
}
