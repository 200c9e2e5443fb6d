export type { Compression } from './kafka/compression.ts'
export type { KafkaClientName, KafkaConnection, KafkaSasl } from './kafka/options.ts'
export { kafkaSink } from './sink/kafka/kafka-sink.ts'
export type { KafkaSinkOptions, TopicRule } from './sink/kafka/options.ts'
