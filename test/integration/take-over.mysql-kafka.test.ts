import { expect, it } from 'vitest'
import { Random } from '../chaos/random.ts'
import { startKafkaClient } from '../peer/kafka-client/kafka-client.ts'
import { startKafka } from '../server/kafka.ts'
import { startMysql } from '../server/mysql.ts'
import { requireDebezium, requireKafka, requireKafkaClient, requireMysql } from '../server/require.ts'
import { seedOf } from '../unit/offset/seed.ts'
import { BUSY_DATABASE as DB, BusyMysqlWriters } from './busy-mysql-writers.ts'
import { topicOffsets } from './shared-configuration.ts'
import { binlogConfiguration, checkTurns, prepared, Turns } from './take-over-binlog.ts'

/*
  As take-over.mysql.test.ts, with offset and schema history in topics of Kafka, where Debezium's engine keeps them with Kafka Connect's
  KafkaOffsetBackingStore and its own KafkaSchemaHistory.
*/

/** Who makes the topics: both, one after the other, with TAKE_OVER_ROUNDS, which is for the longer runs. */
const FIRST = process.env['TAKE_OVER_ROUNDS'] === undefined ? (['Debezium'] as const) : (['Debezium', 'tailrace'] as const)

const withMysql = await requireMysql()
const withKafka = await requireKafka()
const withClient = await requireKafkaClient()
const withDebezium = await requireDebezium('mysql')

withMysql('Debezium and the command take turns on MySQL', () => {
  withKafka('with offset and schema history in Kafka', () => {
    withClient('which Kafka’s own client reads', () => {
      withDebezium('with one configuration', () => {
        it.each(FIRST)('under load, stopped, killed and cut off after any row, they deliver every change in order; the topics are made by %s', { timeout: 300_000 }, async (first) => {
          const seed = seedOf(`take-over in Kafka, begun by ${first}`)
          await using server = await startMysql()
          await using kafka = await startKafka()
          await using client = await startKafkaClient()
          await prepared(server)
          const history = {
            'schema.history.internal': 'io.debezium.storage.kafka.history.KafkaSchemaHistory', 'schema.history.internal.kafka.bootstrap.servers': kafka.url, 'schema.history.internal.kafka.topic': 'history',
          }
          await using configuration = await binlogConfiguration(server, 'mysql', { 'database.include.list': DB, 'snapshot.mode': 'no_data', ...history }, topicOffsets(kafka, client, 'offsets'))
          const turns = new Turns(server, configuration, { connector: 'mysql', first, readsAhead: true }, new Random(seed))
          {
            await using writers = new BusyMysqlWriters(server, seed, { calm: true })
            await turns.round(writers)
            await writers.stop()
          }
          await turns.debezium({ stop: await turns.mark() })
          await checkTurns(server, 'MySQL, in Kafka', turns.legs)
          // the place that Debezium asks for: one partition, in which the records have an order
          expect(await kafka.endOffsets('history')).toHaveLength(1)
        })
      })
    })
  })
})
