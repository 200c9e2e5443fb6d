export { fromDebezium, type DebeziumEngineOptions, type FromDebeziumOptions } from './from-debezium.ts'
export { debeziumFileOffsets, type DebeziumFileOptions } from '../offset/debezium/debezium-file-offsets.ts'
export type { DebeziumProperties } from './properties-file.ts'
export type { Environment } from './server-form.ts'
