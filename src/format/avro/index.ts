export { debeziumAvro } from './debezium-avro.ts'
export type { DebeziumAvroOptions, RegistryAuth, RegistryOptions, RegistryTls, SubjectNameStrategy } from './options.ts'
