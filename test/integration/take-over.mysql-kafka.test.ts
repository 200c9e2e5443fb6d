import { afterAll, beforeAll, expect, it } from 'vitest'
import { Random } from '../chaos/random.ts'
import { startKafkaClient, type KafkaClient } from '../peer/kafka-client/kafka-client.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import { startMariadb } from '../server/mariadb.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { startMysql } from '../server/mysql.ts'
import { requireDebezium, requireKafka, requireKafkaClient, requireMariadb, requireMysql } from '../server/require.ts'
import { seedOf } from '../unit/offset/seed.ts'
import { BUSY_DATABASE as DB, BusyMysqlWriters } from './busy-mysql-writers.ts'
import { topicOffsets } from './shared-configuration.ts'
import { binlogConfiguration, checkTurns, prepared, Turns, type TurnKind } from './take-over-binlog.ts'

/*
  As take-over.mysql.test.ts, with offset and schema history in topics of Kafka, where Debezium's engine keeps them with Kafka Connect's
  KafkaOffsetBackingStore and its own KafkaSchemaHistory.
*/

interface Kind extends Omit<TurnKind, 'first' | 'readsAhead'> {
  readonly name: string
  readonly start: () => Promise<MysqlServer>
}

const KINDS: readonly Kind[] = [
  { name: 'MySQL', connector: 'mysql', start: () => startMysql() },
  { name: 'MariaDB 10.11', connector: 'mariadb', start: () => startMariadb({ version: '10.11' }) },
  { name: 'MariaDB 11.8', connector: 'mariadb', unplaced: true, start: () => startMariadb({ version: '11.8' }) },
]

/** Of every kind who makes the topics: both, one after the other, with TAKE_OVER_ROUNDS, which is for the longer runs. */
const CASES = KINDS.flatMap((kind, index) => (['Debezium', 'tailrace'] as const).filter((_, at) => process.env['TAKE_OVER_ROUNDS'] !== undefined || (index < 2 && index === at)).map((first) => ({ kind, first, on: kind.name })))

const withMysql = await requireMysql()
const withMariadb = await requireMariadb('10.11', '11.8')
const withKafka = await requireKafka()
const withClient = await requireKafkaClient()
const withDebezium = await requireDebezium('mysql')
const withDebeziumOfMariadb = await requireDebezium('mariadb')

withMysql('Debezium and the command take turns on MySQL', () => {
  withMariadb('and on MariaDB', () => {
    withKafka('with offset and schema history in Kafka', () => {
      withClient('which Kafka’s own client reads', () => {
        withDebezium('with one configuration', () => {
          withDebeziumOfMariadb('each with its own Debezium', () => {
            let kafka: KafkaServer
            let client: KafkaClient
            beforeAll(async () => void ([kafka, client] = await Promise.all([startKafka(), startKafkaClient()])), 120_000)
            afterAll(async () => void (await Promise.all([kafka[Symbol.asyncDispose](), client[Symbol.asyncDispose]()])))

            it.each(CASES)('under load, stopped, killed and cut off after any row, they deliver every change in order ($on); the topics are made by $first', { timeout: 300_000 }, async ({ kind, first }) => {
              const seed = seedOf(`take-over in Kafka on ${kind.name}, begun by ${first}`)
              await using server = await kind.start()
              await prepared(server)
              const topic = `${kind.name.replace(' ', '-')}-${first}`
              const history = {
                'schema.history.internal': 'io.debezium.storage.kafka.history.KafkaSchemaHistory', 'schema.history.internal.kafka.bootstrap.servers': kafka.url, 'schema.history.internal.kafka.topic': `history-${topic}`,
              }
              await using configuration = await binlogConfiguration(server, kind.connector, { 'database.include.list': DB, 'snapshot.mode': 'no_data', ...history }, topicOffsets(kafka, client, `offsets-${topic}`))
              const turns = new Turns(server, configuration, { ...kind, first, readsAhead: true }, new Random(seed))
              {
                await using writers = new BusyMysqlWriters(server, seed, { calm: true })
                await turns.round(writers)
                await writers.stop()
              }
              await turns.debezium({ stop: await turns.mark() })
              await checkTurns(server, `${kind.name}, in Kafka`, turns.legs)
              // the place that Debezium asks for: one partition, in which the records have an order
              expect(await kafka.endOffsets(`history-${topic}`)).toHaveLength(1)
            })
          })
        })
      })
    })
  })
})
